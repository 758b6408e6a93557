using Kobune.Api.Core.V1;
using Kobune.Api.Placement;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.NodeLifecycle;

/// <summary>When a pod must leave its node. Source: pkg/controller/tainteviction.</summary>
/// <param name="At">The time at which the pod is to be deleted; null for never.</param>
/// <param name="IsCancelled">What was planned before does not hold any more.</param>
internal readonly record struct TaintEvictionPlan(DateTimeOffset? At, bool IsCancelled)
{
    /// <param name="pod">The pod, which is not going already.</param>
    /// <param name="node">Its node.</param>
    /// <param name="planned">
    /// When it was to be deleted so far. That holds as long as the pod tolerates the taints for some time: tolerations are counted from when the
    /// controller first met them, and what they say later changes nothing.
    /// </param>
    /// <param name="now">The time.</param>
    public static TaintEvictionPlan Compute(Pod pod, Node node, DateTimeOffset? planned, DateTimeOffset now)
    {
        long? least = null;
        foreach (var taint in node.Spec.Taints.Where(t => t.Effect == TaintEffect.NoExecute))
        {
            // Of several tolerations of a taint the first counts; one without seconds tolerates for ever.
            if (pod.Spec.Tolerations.FirstOrDefault(t => Taints.Tolerates(t, taint)) is not { } toleration)
            {
                return new(now, planned is not null);
            }

            least = toleration.TolerationSeconds is { } seconds && !(least < seconds) ? seconds : least;
        }

        return least is { } wait ? new(planned ?? now + TimeSpan.FromSeconds(Math.Max(0, wait)), false) : new(null, planned is not null);
    }
}
