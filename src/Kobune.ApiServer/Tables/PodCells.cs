using Kobune.Api.Core.V1;

namespace Kobune.ApiServer.Tables;

/// <summary>The computed cells of a pod (upstream: printPod).</summary>
internal static class PodCells
{
    public static object?[] Of(Pod pod, DateTimeOffset now)
    {
        var counted = Counted(pod);
        return
        [
            pod.Metadata.Name,
            $"{counted.Count(c => c.Ready)}/{pod.Spec.Containers.Count + pod.Spec.InitContainers.Count(IsRestartable)}",
            Status(pod),
            Restarts(pod, now),
            HumanDuration.Since(pod.Metadata.CreationTimestamp, now),
            pod.Status.PodIPs is [var first, ..] && first.IP.Length > 0 ? first.IP : CellText.None,
            CellText.Or(pod.Spec.NodeName, CellText.None),
            CellText.Or(pod.Status.NominatedNodeName, CellText.None),
            Gates(pod),
        ];
    }

    /// <summary>A finished pod's row carries the condition Completed, so that clients can grey it out.</summary>
    public static string? CompletedReason(Pod pod) => pod.Status.Phase is "Succeeded" or "Failed" ? pod.Status.Phase : null;

    internal static string Status(Pod pod)
    {
        var reason = pod.Status.Reason.Length > 0 ? pod.Status.Reason : pod.Status.Phase;
        if (pod.Status.Conditions.Any(c => c is { Type: "PodScheduled", Reason: "SchedulingGated" }))
        {
            reason = "SchedulingGated";
        }

        reason = InitStatus(pod) ?? RunningStatus(pod, reason);
        if (pod.Metadata.DeletionTimestamp is null)
        {
            return reason;
        }

        if (pod.Status.Reason == "NodeLost")
        {
            return "Unknown";
        }

        return pod.Status.Phase is "Succeeded" or "Failed" ? reason : "Terminating";
    }

    private static string? InitStatus(Pod pod)
    {
        for (var i = 0; i < pod.Status.InitContainerStatuses.Count; i++)
        {
            var status = pod.Status.InitContainerStatuses[i];
            if (status.State.Terminated is { ExitCode: 0 } || (pod.Spec.InitContainers.FirstOrDefault(c => c.Name == status.Name) is { } spec && IsRestartable(spec) && status.Started == true))
            {
                continue;
            }

            return status.State switch
            {
                { Terminated: { Reason.Length: > 0 } ended } => "Init:" + ended.Reason,
                { Terminated: { Signal: not 0 } ended } => $"Init:Signal:{ended.Signal}",
                { Terminated: { } ended } => $"Init:ExitCode:{ended.ExitCode}",
                { Waiting: { Reason: { Length: > 0 } and not "PodInitializing" } waiting } => "Init:" + waiting.Reason,
                _ => $"Init:{i}/{pod.Spec.InitContainers.Count}",
            };
        }

        return null;
    }

    private static string RunningStatus(Pod pod, string reason)
    {
        var running = false;
        var errorReason = "";
        for (var i = pod.Status.ContainerStatuses.Count - 1; i >= 0; i--)
        {
            var container = pod.Status.ContainerStatuses[i];
            switch (container.State)
            {
                case { Waiting: { Reason.Length: > 0 } waiting }:
                    reason = waiting.Reason;
                    break;
                case { Terminated: { } ended }:
                    reason = ended.Reason.Length > 0 ? ended.Reason : ended.Signal != 0 ? $"Signal:{ended.Signal}" : $"ExitCode:{ended.ExitCode}";
                    errorReason = ended.ExitCode != 0 ? reason : errorReason;
                    break;
                case { Running: not null } when container.Ready:
                    running = true;
                    break;
            }
        }

        if (reason != "Completed" || !running)
        {
            return reason;
        }

        var ready = pod.Status.Conditions.Any(c => c is { Type: "Ready", Status: "True" });
        return ready ? "Running" : errorReason.Length > 0 ? errorReason : "NotReady";
    }

    private static string Restarts(Pod pod, DateTimeOffset now)
    {
        var counted = InitStatus(pod) is null ? Counted(pod) : pod.Status.InitContainerStatuses;
        var restarts = counted.Sum(c => (long)c.RestartCount);
        var last = counted.Max(c => c.LastTerminationState.Terminated?.FinishedAt);
        return restarts > 0 && last is { } at ? $"{restarts} ({HumanDuration.Since(at, now)} ago)" : CellText.Number(restarts);
    }

    private static List<ContainerStatus> Counted(Pod pod)
    {
        var restartable = pod.Spec.InitContainers.Where(IsRestartable).Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        return [.. pod.Status.InitContainerStatuses.Where(s => restartable.Contains(s.Name)), .. pod.Status.ContainerStatuses];
    }

    private static string Gates(Pod pod)
    {
        if (pod.Spec.ReadinessGates.Count == 0)
        {
            return CellText.None;
        }

        var open = pod.Spec.ReadinessGates.Count(g => pod.Status.Conditions.Any(c => c.Type == g.ConditionType && c.Status == "True"));
        return $"{open}/{pod.Spec.ReadinessGates.Count}";
    }

    private static bool IsRestartable(Container container) => container.RestartPolicy == "Always";
}
