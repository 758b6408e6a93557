using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Validation of where a pod may run: affinity, tolerations, gates.</summary>
internal static class SchedulingValidation
{
    public static void Affinity(PodSpec spec, string path, PodTolerance tolerance, FieldErrors errors)
    {
        Nodes(spec.Affinity?.NodeAffinity, path + ".affinity.nodeAffinity", tolerance, errors);
        Pods(spec.Affinity?.PodAffinity?.RequiredDuringSchedulingIgnoredDuringExecution, spec.Affinity?.PodAffinity?.PreferredDuringSchedulingIgnoredDuringExecution, path + ".affinity.podAffinity", tolerance, errors);
        Pods(spec.Affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution, spec.Affinity?.PodAntiAffinity?.PreferredDuringSchedulingIgnoredDuringExecution, path + ".affinity.podAntiAffinity", tolerance, errors);
    }

    /// <summary>What a node must have. <paramref name="checksValues"/>: what is only preferred may name values that no label can have.</summary>
    public static void Requirement(NodeSelectorRequirement requirement, string path, bool checksValues, FieldErrors errors)
    {
        switch (requirement.Operator)
        {
            case "In" or "NotIn":
                if (requirement.Values.Count == 0)
                {
                    errors.Required(path + ".values", "must be specified when `operator` is 'In' or 'NotIn'");
                }

                break;
            case "Exists" or "DoesNotExist":
                if (requirement.Values.Count > 0)
                {
                    errors.Forbidden(path + ".values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                }

                break;
            case "Gt" or "Lt":
                if (requirement.Values.Count != 1)
                {
                    errors.Required(path + ".values", "must be specified single value when `operator` is 'Lt' or 'Gt'");
                }

                break;
            default:
                errors.Invalid(path + ".operator", requirement.Operator, "not a valid selector operator");
                break;
        }

        errors.Names(path + ".key", requirement.Key, NameValidation.QualifiedName(requirement.Key));
        for (var i = 0; checksValues && i < requirement.Values.Count; i++)
        {
            errors.Names($"{path}.values[{i}]", requirement.Values[i], NameValidation.LabelValue(requirement.Values[i]));
        }
    }

    /// <summary>Terms of which a node must match one. <paramref name="anyValues"/>: nobody looks whether a label can have the values.</summary>
    public static void Selector(NodeSelector selector, string path, FieldErrors errors, bool anyValues = false)
    {
        path += ".nodeSelectorTerms";
        if (selector.NodeSelectorTerms.Count == 0)
        {
            errors.Required(path, "must have at least one node selector term");
        }

        for (var i = 0; i < selector.NodeSelectorTerms.Count; i++)
        {
            Term(selector.NodeSelectorTerms[i], $"{path}[{i}]", checksValues: !anyValues, errors);
        }
    }

    private static void Nodes(NodeAffinity? affinity, string path, PodTolerance tolerance, FieldErrors errors)
    {
        if (affinity?.RequiredDuringSchedulingIgnoredDuringExecution is { } required)
        {
            Selector(required, path + ".requiredDuringSchedulingIgnoredDuringExecution", errors, tolerance.NodeValues);
        }

        for (var i = 0; i < (affinity?.PreferredDuringSchedulingIgnoredDuringExecution.Count ?? 0); i++)
        {
            var preferred = affinity!.PreferredDuringSchedulingIgnoredDuringExecution[i];
            var at = $"{path}.preferredDuringSchedulingIgnoredDuringExecution[{i}]";
            if (preferred.Weight is <= 0 or > 100)
            {
                errors.Invalid(at + ".weight", preferred.Weight, "must be in the range 1-100");
            }

            Term(preferred.Preference, at + ".preference", checksValues: false, errors);
        }
    }

    private static void Term(NodeSelectorTerm term, string path, bool checksValues, FieldErrors errors)
    {
        for (var i = 0; i < term.MatchExpressions.Count; i++)
        {
            Requirement(term.MatchExpressions[i], $"{path}.matchExpressions[{i}]", checksValues, errors);
        }

        for (var i = 0; i < term.MatchFields.Count; i++)
        {
            var (field, at) = (term.MatchFields[i], $"{path}.matchFields[{i}]");
            if (field.Operator is not ("In" or "NotIn"))
            {
                errors.Invalid(at + ".operator", field.Operator, "not a valid selector operator");
            }
            else if (field.Values.Count != 1)
            {
                errors.Required(at + ".values", "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
            }

            if (field.Key != "metadata.name")
            {
                errors.Invalid(at + ".key", field.Key, "not a valid field selector key");
                continue;
            }

            for (var j = 0; j < field.Values.Count; j++)
            {
                errors.Names($"{at}.values[{j}]", field.Values[j], NameValidation.Dns1123Subdomain(field.Values[j]));
            }
        }
    }

    private static void Pods(IReadOnlyList<PodAffinityTerm>? required, IReadOnlyList<WeightedPodAffinityTerm>? preferred, string path, PodTolerance tolerance, FieldErrors errors)
    {
        for (var i = 0; i < (required?.Count ?? 0); i++)
        {
            Term(required![i], $"{path}.requiredDuringSchedulingIgnoredDuringExecution[{i}]", tolerance, errors);
        }

        for (var i = 0; i < (preferred?.Count ?? 0); i++)
        {
            var at = $"{path}.preferredDuringSchedulingIgnoredDuringExecution[{i}]";
            if (preferred![i].Weight is <= 0 or > 100)
            {
                errors.Invalid(at + ".weight", preferred[i].Weight, "must be in the range 1-100");
            }

            Term(preferred[i].PodAffinityTerm, at + ".podAffinityTerm", tolerance, errors);
        }
    }

    private static void Term(PodAffinityTerm term, string path, PodTolerance tolerance, FieldErrors errors)
    {
        var anyValues = tolerance.SelectorValues;
        errors.Selector(path + ".labelSelector", term.LabelSelector, anyValues);
        errors.Selector(path + ".namespaceSelector", term.NamespaceSelector, anyValues);
        foreach (var name in term.Namespaces)
        {
            errors.Names(path + ".namespace", name, NameValidation.Dns1123Label(name));
        }

        LabelKeyRules.Affinity(term, path, errors);
        if (term.TopologyKey.Length == 0)
        {
            errors.Required(path + ".topologyKey", "can not be empty");
        }

        errors.Names(path + ".topologyKey", term.TopologyKey, NameValidation.QualifiedName(term.TopologyKey));
    }

    /// <summary><paramref name="compared"/>: some did compare before, so they may.</summary>
    public static void Tolerations(IReadOnlyList<Toleration> tolerations, string path, bool compared, FieldErrors errors)
    {
        var compares = compared || errors.Features.IsEnabled("TaintTolerationComparisonOperators");
        for (var i = 0; i < tolerations.Count; i++)
        {
            var (toleration, at) = (tolerations[i], $"{path}[{i}]");
            if (toleration.Key.Length > 0)
            {
                errors.Names(at + ".key", toleration.Key, NameValidation.QualifiedName(toleration.Key));
            }
            else if (toleration.Operator != "Exists")
            {
                errors.Invalid(at + ".operator", toleration.Operator, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
            }

            if (toleration.TolerationSeconds is not null && toleration.Effect != "NoExecute")
            {
                errors.Invalid(at + ".effect", toleration.Effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
            }

            switch (toleration.Operator)
            {
                case "Equal" or "":
                    if (NameValidation.LabelValue(toleration.Value) is { Count: > 0 } problems)
                    {
                        errors.Invalid(at + ".operator", toleration.Value, string.Join(";", problems));
                    }

                    break;
                case "Gt" or "Lt" when compares:
                    if (!IsInteger(toleration.Value))
                    {
                        errors.Invalid(at + ".value", toleration.Value, "must be a valid 64-bit integer when `operator` is 'Gt' or 'Lt'");
                    }

                    break;
                case "Exists":
                    if (toleration.Value.Length > 0)
                    {
                        errors.Invalid(at + ".operator", toleration.Value, "value must be empty when `operator` is 'Exists'");
                    }

                    break;
                default:
                    errors.NotSupported(at + ".operator", toleration.Operator, compares ? ["Equal", "Exists", "Lt", "Gt"] : ["Equal", "Exists"]);
                    break;
            }

            errors.OneOfOrEmpty(at + ".effect", toleration.Effect, "NoSchedule", "PreferNoSchedule", "NoExecute");
        }
    }

    private static bool IsInteger(string text) => long.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out _);

    public static void Gates(PodSpec spec, string path, FieldErrors errors)
    {
        for (var i = 0; i < spec.ReadinessGates.Count; i++)
        {
            errors.Names($"{path}.readinessGates[{i}].conditionType", spec.ReadinessGates[i].ConditionType, NameValidation.QualifiedName(spec.ReadinessGates[i].ConditionType));
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < spec.SchedulingGates.Count; i++)
        {
            var (name, at) = (spec.SchedulingGates[i].Name, $"{path}.schedulingGates[{i}]");
            errors.Names(at, name, NameValidation.QualifiedName(name));
            if (!names.Add(name))
            {
                errors.Duplicate(at, name);
            }
        }
    }
}
