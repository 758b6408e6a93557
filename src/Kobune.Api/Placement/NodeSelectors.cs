using System.Globalization;
using Kobune.Api.Core.V1;

namespace Kobune.Api.Placement;

using Node = Core.V1.Node;

/// <summary>Whether a node meets a pod's nodeSelector and node affinity. Source: k8s.io/component-helpers, scheduling/corev1/nodeaffinity.</summary>
public static class NodeSelectors
{
    /// <summary>The only field that matchFields knows.</summary>
    public const string NameField = "metadata.name";

    /// <summary>The pod's nodeSelector and its required affinity together.</summary>
    public static bool Matches(Pod pod, Node node)
    {
        foreach (var (key, value) in pod.Spec.NodeSelector)
        {
            if (!node.Metadata.Labels.TryGetValue(key, out var actual) || actual != value)
            {
                return false;
            }
        }

        return Required(pod) is not { } selector || Matches(selector, node);
    }

    /// <summary>The required affinity, or null.</summary>
    public static NodeSelector? Required(Pod pod) => pod.Spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution;

    /// <summary>One of the terms must match.</summary>
    public static bool Matches(NodeSelector selector, Node node)
    {
        foreach (var term in selector.NodeSelectorTerms)
        {
            if (Matches(term, node))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>All requirements must hold; a term without any matches nothing.</summary>
    public static bool Matches(NodeSelectorTerm term, Node node)
    {
        if (term.MatchExpressions.Count == 0 && term.MatchFields.Count == 0)
        {
            return false;
        }

        foreach (var expression in term.MatchExpressions)
        {
            if (!Holds(expression, node.Metadata.Labels.TryGetValue(expression.Key, out var value) ? value : null))
            {
                return false;
            }
        }

        foreach (var field in term.MatchFields)
        {
            if (!Holds(field, field.Key == NameField ? node.Metadata.Name : null))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// The names of the only nodes that can match, when every term names some (as a DaemonSet's pods do); null when any node may.
    /// Empty when the names contradict each other.
    /// </summary>
    public static IReadOnlySet<string>? NamedNodes(NodeSelector selector)
    {
        var all = new HashSet<string>(StringComparer.Ordinal);
        foreach (var term in selector.NodeSelectorTerms)
        {
            HashSet<string>? named = null;
            foreach (var field in term.MatchFields)
            {
                if (field.Key == NameField && field.Operator == NodeSelectorOperator.In)
                {
                    if (named is null)
                    {
                        named = new HashSet<string>(field.Values, StringComparer.Ordinal);
                    }
                    else
                    {
                        named.IntersectWith(field.Values);
                    }
                }
            }

            if (named is null)
            {
                return null;
            }

            all.UnionWith(named);
        }

        return all;
    }

    private static bool Holds(NodeSelectorRequirement requirement, string? value) => requirement.Operator switch
    {
        NodeSelectorOperator.In => value is not null && Contains(requirement.Values, value),
        NodeSelectorOperator.NotIn => value is null || !Contains(requirement.Values, value),
        NodeSelectorOperator.Exists => value is not null,
        NodeSelectorOperator.DoesNotExist => value is null,
        NodeSelectorOperator.Gt => TryCompare(requirement, value, out var order) && order > 0,
        NodeSelectorOperator.Lt => TryCompare(requirement, value, out var order) && order < 0,
        _ => false,
    };

    private static bool Contains(IReadOnlyList<string> values, string value)
    {
        foreach (var candidate in values)
        {
            if (candidate == value)
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryCompare(NodeSelectorRequirement requirement, string? value, out int order)
    {
        order = 0;
        if (requirement.Values is not [var limit] || !TryParse(value, out var actual) || !TryParse(limit, out var bound))
        {
            return false;
        }

        order = actual.CompareTo(bound);
        return true;
    }

    private static bool TryParse(string? text, out long number) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
