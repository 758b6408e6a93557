using Kobune.Api.Core.V1;

namespace Kobune.Kubelet.Admission;

/// <summary>Whether this node meets a term of a node selector.</summary>
internal static class NodeMatch
{
    internal static bool Holds(NodeSelectorTerm term, Node node) =>
        term.MatchExpressions.Count + term.MatchFields.Count > 0
        && term.MatchExpressions.All(r => Holds(r, node.Metadata.Labels.TryGetValue(r.Key, out var value) ? value : null))
        && term.MatchFields.All(r => Holds(r, r.Key == "metadata.name" ? node.Metadata.Name : null));

    private static bool Holds(NodeSelectorRequirement requirement, string? value) => requirement.Operator switch
    {
        "In" => value is not null && requirement.Values.Contains(value),
        "NotIn" => value is null || !requirement.Values.Contains(value),
        "Exists" => value is not null,
        "DoesNotExist" => value is null,
        "Gt" => long.TryParse(value, out var a) && requirement.Values is [var low] && long.TryParse(low, out var b) && a > b,
        "Lt" => long.TryParse(value, out var a) && requirement.Values is [var high] && long.TryParse(high, out var b) && a < b,
        _ => false,
    };
}
