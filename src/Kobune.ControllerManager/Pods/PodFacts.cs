using Kobune.Api.Core.V1;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.Pods;

/// <summary>What controllers ask of a pod's status. Source: pkg/api/v1/pod and pkg/controller/controller_utils.go.</summary>
internal static class PodFacts
{
    public static PodCondition? Condition(this Pod pod, string type)
    {
        var conditions = pod.Status.Conditions;
        for (var i = 0; i < conditions.Count; i++)
        {
            if (conditions[i].Type == type)
            {
                return conditions[i];
            }
        }

        return null;
    }

    public static bool IsReady(this Pod pod) => pod.Condition(PodConditionType.Ready)?.Status == "True";

    /// <summary>Ready for at least so many seconds.</summary>
    public static bool IsAvailable(this Pod pod, int minReadySeconds, DateTimeOffset now) =>
        pod.Condition(PodConditionType.Ready) is { Status: "True" } ready
        && (minReadySeconds == 0 || (ready.LastTransitionTime is { } since && since + TimeSpan.FromSeconds(minReadySeconds) <= now));

    /// <summary>It has ended for good.</summary>
    public static bool IsTerminal(this Pod pod) => pod.Status.Phase is PodPhase.Succeeded or PodPhase.Failed;

    /// <summary>It runs or will run.</summary>
    public static bool IsActive(this Pod pod) => !pod.IsTerminal() && !pod.IsDeleting();

    /// <summary>It is going away but has not ended.</summary>
    public static bool IsTerminating(this Pod pod) => !pod.IsTerminal() && pod.IsDeleting();

    /// <summary>The statuses of its init containers that run on beside the others.</summary>
    public static IEnumerable<ContainerStatus> SidecarStatuses(this Pod pod) =>
        pod.Status.InitContainerStatuses.Where(status => pod.Spec.InitContainers.Any(c => c.Name == status.Name && c.RestartPolicy == ContainerRestartPolicy.Always));

    /// <summary>When the next ready pod becomes available; null when none is waiting for its minReadySeconds.</summary>
    public static TimeSpan? NextAvailable(IEnumerable<Pod> pods, int minReadySeconds, DateTimeOffset now)
    {
        TimeSpan? next = null;
        foreach (var pod in pods)
        {
            if (pod.IsActive() && pod.Condition(PodConditionType.Ready) is { Status: "True", LastTransitionTime: { } since })
            {
                var left = since + TimeSpan.FromSeconds(minReadySeconds) - now;
                next = left > TimeSpan.Zero && (next is null || left < next) ? left : next;
            }
        }

        return next;
    }
}
