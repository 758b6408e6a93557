using Kobune.Api.Core.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>A pod that waits for its scheduling gates may be aimed more narrowly, never more widely (upstream's validateNodeSelectorMutation and validateNodeAffinityMutation).</summary>
internal static class GatedPodRules
{
    private const string Selector = "spec.nodeSelector";
    private const string Affinity = "spec.affinity.nodeAffinity";
    private const string Required = Affinity + ".requiredDuringSchedulingIgnoredDuringExecution";

    /// <summary>Tells what may not change of the aim, and gives the spec with the aim as it was.</summary>
    public static PodSpec Munged(PodSpec now, PodSpec before, FieldErrors errors)
    {
        if (before.NodeSelector.Any(s => now.NodeSelector.GetValueOrDefault(s.Key) != s.Value))
        {
            errors.Invalid(Selector, now.NodeSelector, "only additions to spec.nodeSelector are allowed (no mutations or deletions)");
        }

        Nodes(now.Affinity?.NodeAffinity, before.Affinity?.NodeAffinity, errors);
        var affinity = now.Affinity is null && before.Affinity?.NodeAffinity is null ? null
            : (now.Affinity ?? new Affinity()) with { NodeAffinity = before.Affinity?.NodeAffinity };
        if (before.Affinity is null && affinity == new Affinity())
        {
            affinity = null;
        }

        return now with { NodeSelector = before.NodeSelector, Affinity = affinity };
    }

    private static void Nodes(NodeAffinity? now, NodeAffinity? before, FieldErrors errors)
    {
        // What is only preferred may become anything.
        if (before?.RequiredDuringSchedulingIgnoredDuringExecution is not { } old)
        {
            return;
        }

        if (now?.RequiredDuringSchedulingIgnoredDuringExecution is not { } wanted)
        {
            errors.Invalid(Required, null, "field is immutable"); // it was told, and cannot be taken back
            return;
        }

        if (wanted.NodeSelectorTerms.Count != old.NodeSelectorTerms.Count)
        {
            errors.Invalid(Required + ".nodeSelectorTerms", wanted, "no additions/deletions to non-empty NodeSelectorTerms list are allowed");
            return;
        }

        for (var i = 0; i < old.NodeSelectorTerms.Count; i++)
        {
            Term(wanted.NodeSelectorTerms[i], old.NodeSelectorTerms[i], $"{Required}.nodeSelectorTerms[{i}]", errors);
        }
    }

    private static void Term(NodeSelectorTerm now, NodeSelectorTerm before, string path, FieldErrors errors)
    {
        if (before.MatchExpressions.Count == 0 && before.MatchFields.Count == 0 && (now.MatchExpressions.Count > 0 || now.MatchFields.Count > 0))
        {
            errors.Invalid(path, now, "no additions/deletions to non-empty NodeSelectorTerms list are allowed"); // an empty term matches nothing
        }
        else if (!IsPrefix(before.MatchExpressions, now.MatchExpressions) || !IsPrefix(before.MatchFields, now.MatchFields))
        {
            errors.Invalid(path, now, "only additions are allowed (no mutations or deletions)");
        }
    }

    private static bool IsPrefix(IReadOnlyList<NodeSelectorRequirement> before, IReadOnlyList<NodeSelectorRequirement> now) =>
        before.Count <= now.Count && before.SequenceEqual(now.Take(before.Count));
}
