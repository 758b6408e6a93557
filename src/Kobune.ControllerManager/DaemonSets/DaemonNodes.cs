using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Placement;

namespace Kobune.ControllerManager.DaemonSets;

/// <summary>Which nodes run a daemon. Source: pkg/controller/daemon/daemon_controller.go, NodeShouldRunDaemonPod.</summary>
internal static class DaemonNodes
{
    /// <returns>Whether a pod is to be started there, and whether one that runs there may go on.</returns>
    public static (bool Run, bool Continue) Decide(DaemonSet set, Node node)
    {
        var spec = set.Spec.Template.Spec;
        if ((spec.NodeName.Length > 0 && spec.NodeName != node.Metadata.Name) || !NodeSelectors.Matches(new Pod { Spec = spec }, node))
        {
            return (false, false);
        }

        var taints = node.Spec.Taints;
        if (taints.Count == 0)
        {
            return (true, true);
        }

        var tolerations = DaemonPods.Tolerations(spec);
        return !Taints.HasUntolerated(taints, tolerations)
            ? (true, true)
            : (false, taints.All(t => t.Effect != TaintEffect.NoExecute || Taints.IsTolerated(t, tolerations)));
    }

    /// <summary>Whether a change of a node can change the decision: heartbeats cannot.</summary>
    public static bool Matters(Node before, Node after) => before.Spec != after.Spec || !SameLabels(before.Metadata.Labels, after.Metadata.Labels);

    private static bool SameLabels(IReadOnlyDictionary<string, string> a, IReadOnlyDictionary<string, string> b) =>
        a.Count == b.Count && a.All(l => b.TryGetValue(l.Key, out var value) && value == l.Value);
}
