using System.Text.Json.Nodes;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>
/// matchLabelKeys and mismatchLabelKeys of a new pod become part of the label selectors beside them, with the values that the pod has now. Source:
/// registry/core/pod, strategy.go (features MatchLabelKeysInPodAffinity and MatchLabelKeysInPodTopologySpreadSelectorMerge, on by default).
/// </summary>
internal static class LabelKeyMerge
{
    public static void Apply(JsonObject pod)
    {
        var (spec, labels) = (pod.Child("spec"), pod.Child("metadata", "labels"));
        foreach (var kind in (ReadOnlySpan<string>)["podAffinity", "podAntiAffinity"])
        {
            var affinity = spec.Child("affinity", kind);
            foreach (var term in affinity.Items("requiredDuringSchedulingIgnoredDuringExecution"))
            {
                Merge(term, labels);
            }

            foreach (var preference in affinity.Items("preferredDuringSchedulingIgnoredDuringExecution"))
            {
                Merge(preference.Child("podAffinityTerm"), labels);
            }
        }

        foreach (var constraint in spec.Items("topologySpreadConstraints"))
        {
            Merge(constraint, labels);
        }
    }

    /// <summary>Nothing is merged into a selector that is not there: it matches nothing.</summary>
    private static void Merge(JsonObject? term, JsonObject? labels)
    {
        if (term.Child("labelSelector") is not { } selector)
        {
            return;
        }

        Add(selector, term.Texts("matchLabelKeys"), "In", labels);
        Add(selector, term.Texts("mismatchLabelKeys"), "NotIn", labels);
    }

    private static void Add(JsonObject selector, IReadOnlyList<string> keys, string op, JsonObject? labels)
    {
        foreach (var key in keys)
        {
            if (labels?[key] is { } value)
            {
                selector.NeedArray("matchExpressions").Add((JsonNode)new JsonObject { ["key"] = key, ["operator"] = op, ["values"] = new JsonArray(value.DeepClone()) });
            }
        }
    }
}
