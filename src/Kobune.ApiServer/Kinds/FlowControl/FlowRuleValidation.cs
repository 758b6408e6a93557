using Kobune.Api.FlowControl.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.FlowControl;

/// <summary>The rules of a FlowSchema. Source: k8s.io/kubernetes, pkg/apis/flowcontrol/validation.</summary>
internal static class FlowRuleValidation
{
    private static readonly string[] Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"];

    /// <summary>The types of a status' conditions, of flow schemas and of priority levels.</summary>
    public static void Conditions(IReadOnlyList<string> types, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < types.Count; i++)
        {
            if (!seen.Add(types[i]))
            {
                errors.Duplicate($"status.conditions[{i}].type", types[i]);
            }

            if (types[i].Length == 0)
            {
                errors.Required($"status.conditions[{i}].type", "must not be empty");
            }
        }
    }

    public static void Check(PolicyRulesWithSubjects rule, string path, FieldErrors errors)
    {
        if (rule.Subjects.Count == 0)
        {
            errors.Required($"{path}.subjects", "subjects must contain at least one value");
        }

        for (var i = 0; i < rule.Subjects.Count; i++)
        {
            Check(rule.Subjects[i], $"{path}.subjects[{i}]", errors);
        }

        if (rule.ResourceRules.Count == 0 && rule.NonResourceRules.Count == 0)
        {
            errors.Required(path, "at least one of resourceRules and nonResourceRules has to be non-empty");
        }

        for (var i = 0; i < rule.ResourceRules.Count; i++)
        {
            Check(rule.ResourceRules[i], $"{path}.resourceRules[{i}]", errors);
        }

        for (var i = 0; i < rule.NonResourceRules.Count; i++)
        {
            Check(rule.NonResourceRules[i], $"{path}.nonResourceRules[{i}]", errors);
        }
    }

    private static void Check(Subject subject, string path, FieldErrors errors)
    {
        switch (subject.Kind)
        {
            case "ServiceAccount":
                Account(subject.ServiceAccount, $"{path}.serviceAccount", errors);
                break;
            case "User":
                Named(subject.User?.Name, $"{path}.user", "user is required when subject kind is 'User'", errors);
                break;
            case "Group":
                Named(subject.Group?.Name, $"{path}.group", "group is required when subject kind is 'Group'", errors);
                break;
            default:
                errors.NotSupported($"{path}.kind", subject.Kind, ["Group", "ServiceAccount", "User"]);
                return;
        }

        Foreign(subject.ServiceAccount, subject.Kind, "ServiceAccount", $"{path}.serviceAccount", "serviceAccount", errors);
        Foreign(subject.User, subject.Kind, "User", $"{path}.user", "user", errors);
        Foreign(subject.Group, subject.Kind, "Group", $"{path}.group", "group", errors);
    }

    private static void Foreign(object? member, string kind, string own, string path, string name, FieldErrors errors)
    {
        if (member is not null && kind != own)
        {
            errors.Forbidden(path, $"{name} is forbidden when subject kind is not '{own}'");
        }
    }

    private static void Named(string? name, string path, string missing, FieldErrors errors)
    {
        if (name is null)
        {
            errors.Required(path, missing);
        }
        else if (name.Length == 0)
        {
            errors.Required($"{path}.name", "");
        }
    }

    private static void Account(ServiceAccountSubject? account, string path, FieldErrors errors)
    {
        if (account is null)
        {
            errors.Required(path, "serviceAccount is required when subject kind is 'ServiceAccount'");
            return;
        }

        if (account.Name.Length == 0)
        {
            errors.Required($"{path}.name", "");
        }
        else if (account.Name != "*")
        {
            errors.Names($"{path}.name", account.Name, NameValidation.Dns1123Subdomain(account.Name));
        }

        if (account.Namespace.Length == 0)
        {
            errors.Required($"{path}.namespace", "must specify namespace for service account");
        }
        else
        {
            errors.Names($"{path}.namespace", account.Namespace, NameValidation.Dns1123Label(account.Namespace));
        }
    }

    private static void Check(NonResourcePolicyRule rule, string path, FieldErrors errors)
    {
        CheckVerbs(rule.Verbs, $"{path}.verbs", errors);
        if (rule.NonResourceURLs.Count == 0)
        {
            errors.Required($"{path}.nonResourceURLs", "nonResourceURLs must contain at least one value");
        }
        else if (rule.NonResourceURLs.Contains("*"))
        {
            Alone(rule.NonResourceURLs, $"{path}.nonResourceURLs", "non-resource URLs", errors);
        }
        else
        {
            for (var i = 0; i < rule.NonResourceURLs.Count; i++)
            {
                Url(rule.NonResourceURLs[i], $"{path}.nonResourceURLs[{i}]", errors);
            }
        }
    }

    private static void Check(ResourcePolicyRule rule, string path, FieldErrors errors)
    {
        CheckVerbs(rule.Verbs, $"{path}.verbs", errors);
        if (rule.APIGroups.Count == 0)
        {
            errors.Required($"{path}.apiGroups", "resource rules must supply at least one api group");
        }

        Alone(rule.APIGroups, $"{path}.apiGroups", "api groups", errors);
        if (rule.Resources.Count == 0)
        {
            errors.Required($"{path}.resources", "resource rules must supply at least one resource");
        }

        Alone(rule.Resources, $"{path}.resources", "resources", errors);
        if (rule.Namespaces.Count == 0 && !rule.ClusterScope)
        {
            errors.Required($"{path}.namespaces", "resource rules that are not cluster scoped must supply at least one namespace");
        }
        else if (rule.Namespaces.Contains("*"))
        {
            Alone(rule.Namespaces, $"{path}.namespaces", "namespaces", errors);
        }
        else
        {
            for (var i = 0; i < rule.Namespaces.Count; i++)
            {
                foreach (var problem in NameValidation.Dns1123Label(rule.Namespaces[i]))
                {
                    errors.Invalid($"{path}.namespaces[{i}]", rule.Namespaces[i], "each member of this list must be '*' or a DNS-1123 label; " + problem);
                }
            }
        }
    }

    private static void CheckVerbs(IReadOnlyList<string> verbs, string path, FieldErrors errors)
    {
        if (verbs.Count == 0)
        {
            errors.Required(path, "verbs must contain at least one value");
        }
        else if (verbs.Contains("*"))
        {
            Alone(verbs, path, "verbs", errors);
        }
        else if (verbs.Except(Verbs).Any())
        {
            errors.NotSupported(path, verbs, Verbs);
        }
    }

    private static void Alone(IReadOnlyList<string> list, string path, string what, FieldErrors errors)
    {
        if (list.Count > 1 && list.Contains("*"))
        {
            errors.Invalid(path, list, $"if '*' is present, must not specify other {what}");
        }
    }

    private static void Url(string url, string path, FieldErrors errors)
    {
        var stars = url.Count(c => c == '*');
        var problem = url switch
        {
            "" => "must not be empty",
            "/" => null,
            _ when url[0] != '/' => "must start with slash",
            _ when url.Contains(' ', StringComparison.Ordinal) => "must not contain white-space",
            _ when url.Contains("//", StringComparison.Ordinal) => "must not contain double slash",
            _ when stars > 1 || (stars == 1 && !url.EndsWith("/*", StringComparison.Ordinal)) => "wildcard can only do suffix matching",
            _ => null,
        };
        if (problem is not null)
        {
            errors.Invalid(path, url, problem);
        }
    }
}
