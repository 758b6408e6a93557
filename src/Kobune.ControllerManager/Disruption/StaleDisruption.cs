using Kobune.Api.Core.V1;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.Disruption;

/// <summary>
/// A pod that was said to be disrupted (condition DisruptionTarget) and is not deleted within two minutes lives on. What the kubelet says stands:
/// it may take its time. Source: pkg/controller/disruption.
/// </summary>
internal static class StaleDisruption
{
    public static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    /// <summary>When the condition is to be taken back, zero for now; null for never.</summary>
    public static TimeSpan? CleanAfter(Pod pod, DateTimeOffset now)
    {
        if (pod.IsDeleting() || pod.IsTerminal() || pod.Condition(PodConditionType.DisruptionTarget) is not { Status: ConditionStatus.True } condition || condition.Reason == "TerminationByKubelet")
        {
            return null;
        }

        var left = (condition.LastTransitionTime ?? DateTimeOffset.MinValue) - now + Timeout;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    public static Pod Clean(Pod pod, DateTimeOffset now) => pod with
    {
        Status = pod.Status with
        {
            Conditions = [.. pod.Status.Conditions.Select(c => c.Type != PodConditionType.DisruptionTarget ? c : new PodCondition { Type = c.Type, Status = ConditionStatus.False, LastTransitionTime = now, ObservedGeneration = pod.Metadata.Generation })],
        },
    };
}
