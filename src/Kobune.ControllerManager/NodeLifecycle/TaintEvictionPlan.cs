using Kobune.Api.Core.V1;
using Kobune.Api.Placement;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.NodeLifecycle;

/// <summary>When a pod must leave its node. Source: pkg/controller/tainteviction.</summary>
internal static class TaintEvictionPlan
{
    /// <summary>The time at which the pod is to be deleted; null for never.</summary>
    public static DateTimeOffset? EvictAt(Pod pod, Node node)
    {
        if (pod.IsDeleting())
        {
            return null;
        }

        DateTimeOffset? earliest = null;
        foreach (var taint in node.Spec.Taints.Where(t => t.Effect == TaintEffect.NoExecute))
        {
            var toleration = pod.Spec.Tolerations.FirstOrDefault(t => Taints.Tolerates(t, taint));
            var since = Later(taint.TimeAdded, pod.Status.StartTime ?? pod.Metadata.CreationTimestamp) ?? DateTimeOffset.UnixEpoch;
            if (toleration is null)
            {
                return since;
            }

            // Of several tolerations of a taint the first counts; one without seconds tolerates for ever.
            if (toleration.TolerationSeconds is { } seconds)
            {
                var at = since + TimeSpan.FromSeconds(Math.Max(0, seconds));
                earliest = earliest is null || at < earliest ? at : earliest;
            }
        }

        return earliest;
    }

    private static DateTimeOffset? Later(DateTimeOffset? a, DateTimeOffset? b) => a is null || b > a ? b : a;
}
