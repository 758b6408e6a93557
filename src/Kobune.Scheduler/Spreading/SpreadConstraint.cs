using Kobune.Api.Core.V1;
using Kobune.Api.Placement;
using Kobune.Api.Selectors;
using Kobune.Scheduler.InterPod;
using Kobune.Scheduler.Plugins;

namespace Kobune.Scheduler.Spreading;

/// <summary>A topology spread constraint of a pod, ready to be counted. Source: podtopologyspread, common.go.</summary>
/// <param name="MaxSkew">How much more than the least a domain may have.</param>
/// <param name="TopologyKey">The node label whose values are the domains.</param>
/// <param name="Pods">Whom it counts.</param>
/// <param name="MinDomains">With fewer domains the least counts as 0.</param>
/// <param name="HonorsAffinity">Counts only nodes that the pod's node affinity and selector allow.</param>
/// <param name="HonorsTaints">Counts only nodes whose taints the pod tolerates.</param>
internal sealed record SpreadConstraint(int MaxSkew, string TopologyKey, PodMatcher Pods, int MinDomains, bool HonorsAffinity, bool HonorsTaints)
{
    public const string Hostname = "kubernetes.io/hostname";

    /// <summary>Those of the constraints that have an action.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="constraints">Its own, or defaults.</param>
    /// <param name="action">DoNotSchedule or ScheduleAnyway.</param>
    /// <param name="selector">Stands in the place of theirs: defaults have none.</param>
    public static IReadOnlyList<SpreadConstraint> Of(Pod pod, IReadOnlyList<TopologySpreadConstraint> constraints, string action, Selector? selector = null)
    {
        if (constraints.Count == 0)
        {
            return [];
        }

        var found = new List<SpreadConstraint>(constraints.Count);
        foreach (var constraint in constraints)
        {
            if (constraint.WhenUnsatisfiable == action)
            {
                var pods = selector ?? LabelKeys.Narrow(LabelKeys.Compile(constraint.LabelSelector), pod, constraint.MatchLabelKeys, []);
                found.Add(new(
                    constraint.MaxSkew,
                    constraint.TopologyKey,
                    new(pod.Metadata.Namespace, pods),
                    constraint.MinDomains ?? 1,
                    HonorsAffinity: constraint.NodeAffinityPolicy != NodeInclusionPolicy.Ignore,
                    HonorsTaints: constraint.NodeTaintsPolicy == NodeInclusionPolicy.Honor));
            }
        }

        return found;
    }

    /// <summary>Whether the node has a domain for every constraint.</summary>
    public static bool HasAllKeys(IReadOnlyList<SpreadConstraint> constraints, IReadOnlyDictionary<string, string> nodeLabels)
    {
        foreach (var constraint in constraints)
        {
            if (!nodeLabels.ContainsKey(constraint.TopologyKey))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the policies let a node count.</summary>
    public bool Includes(Pod pod, Node node) =>
        (!HonorsAffinity || NodeSelectors.Matches(pod, node)) && (!HonorsTaints || !Taints.HasUntolerated(node.Spec.Taints, pod.Spec.Tolerations));
}
