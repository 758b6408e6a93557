using Kobune.Api.Core.V1;

namespace Kobune.ControllerManager.Pods;

/// <summary>The condition that says why a controller takes a pod away.</summary>
internal static class PodDisruption
{
    public static Pod Mark(Pod pod, string reason, string message, DateTimeOffset now)
    {
        var condition = new PodCondition { Type = PodConditionType.DisruptionTarget, Status = "True", Reason = reason, Message = message, LastTransitionTime = now, ObservedGeneration = pod.Metadata.Generation };
        return pod.Condition(PodConditionType.DisruptionTarget) is { Status: "True" } known && known.Reason == reason
            ? pod
            : pod with { Status = pod.Status with { Conditions = [.. pod.Status.Conditions.Where(c => c.Type != PodConditionType.DisruptionTarget), condition] } };
    }
}
