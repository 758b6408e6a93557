using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Admission.Policies;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.AdmissionRegistration;

/// <summary>What matchConstraints and matchResources may be (pkg/apis/admissionregistration/validation, validateMatchResources).</summary>
internal static class MatchResourcesRules
{
    private static readonly string[] MutableOperations = ["*", "CONNECT", "CREATE", "UPDATE"];

    public static void Validate(MatchResources match, string path, FieldErrors errors)
    {
        if (match.MatchPolicy is null)
        {
            errors.Required($"{path}.matchPolicy", "");
        }
        else if (match.MatchPolicy is not ("Equivalent" or "Exact"))
        {
            errors.NotSupported($"{path}.matchPolicy", match.MatchPolicy, ["Equivalent", "Exact"]);
        }

        errors.Selector($"{path}.namespaceSelector", match.NamespaceSelector);
        errors.Selector($"{path}.objectSelector", match.ObjectSelector);
        Rules(match.ResourceRules, $"{path}.resourceRules", errors);
        Rules(match.ExcludeResourceRules, $"{path}.excludeResourceRules", errors);
    }

    /// <summary>What is deleted cannot be changed. Upstream tells all rules' operations at one path.</summary>
    public static void Mutable(MatchResources? match, string path, FieldErrors errors)
    {
        foreach (var operation in match?.ResourceRules.SelectMany(r => r.Operations) ?? [])
        {
            if (!MutableOperations.Contains(operation))
            {
                errors.NotSupported($"{path}.resourceRules.operations", operation, MutableOperations);
            }
        }
    }

    private static void Rules(IReadOnlyList<NamedRuleWithOperations> rules, string path, FieldErrors errors)
    {
        for (var i = 0; i < rules.Count; i++)
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            for (var j = 0; j < rules[i].ResourceNames.Count; j++)
            {
                var (name, place) = (rules[i].ResourceNames[j], $"{path}[{i}].resourceNames[{j}]");
                errors.Names(place, name, NameValidation.PathSegmentName(name));
                if (!names.Add(name))
                {
                    errors.Duplicate(place, name);
                }
            }

            WebhookRules.Rule(ResourceMatch.NamedRule.Of(rules[i]).Rule, $"{path}[{i}]", errors);
        }
    }
}
