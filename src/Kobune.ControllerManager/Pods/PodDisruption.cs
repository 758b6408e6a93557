using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;

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

    /// <summary>Marks a pod, then deletes it; one that is gone already is no error.</summary>
    public static async Task DeleteMarkedAsync(this IClient client, Pod pod, string reason, string message, DateTimeOffset now, CancellationToken ct)
    {
        try
        {
            if (Patch.Between(pod, Mark(pod, reason, message, now)) is { } patch)
            {
                await client.PatchAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name, patch, "status", ct);
            }

            await client.DeleteAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name, new DeleteOptions { Preconditions = new Preconditions { Uid = pod.Metadata.Uid } }, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Gone already.
        }
    }
}
