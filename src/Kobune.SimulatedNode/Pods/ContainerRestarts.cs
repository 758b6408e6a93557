using System.Globalization;
using Kobune.Api.Core.V1;

namespace Kobune.SimulatedNode.Pods;

/// <summary>Containers that end and are started again, as a kubelet reports them. Pure.</summary>
internal static class ContainerRestarts
{
    public const string BackOffReason = "CrashLoopBackOff";
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>Whether any container runs again after it ended with this code: its rules decide, then its own policy, then the pod's.</summary>
    public static bool Follow(Pod pod, int exitCode) => pod.Spec.Containers.Any(c =>
        c.RestartPolicyRules.Any(r => r.ExitCodes is { } codes && codes.Values.Contains(exitCode) == (codes.Operator == "In"))
        || (c.RestartPolicy ?? pod.Spec.RestartPolicy) switch { "Never" => false, "OnFailure" => exitCode != 0, _ => true });

    /// <summary>How long containers of a pod wait before they are started again: 10 s, doubling to 5 min.</summary>
    public static TimeSpan PauseOf(Pod pod) => PauseAfter(pod.Status.ContainerStatuses.Select(s => s.RestartCount).DefaultIfEmpty().Max());

    public static bool IsWaiting(Pod pod) => pod.Status.ContainerStatuses.Any(s => s.State.Waiting?.Reason == BackOffReason);

    /// <summary>All containers ended with an exit code (where they ran) and run again.</summary>
    public static PodStatus Restarted(Pod pod, int exitCode, DateTimeOffset now)
    {
        var containers = pod.Status.ContainerStatuses.Select(s => Again(pod, s, exitCode, now)).ToArray();
        var restarted = pod with { Status = pod.Status with { ContainerStatuses = containers } };
        return PodStatuses.Running(restarted, pod.Status.HostIP, pod.Status.PodIP, ready: true, now);
    }

    /// <summary>All containers ended with an exit code and wait.</summary>
    public static PodStatus BackingOff(Pod pod, int exitCode, DateTimeOffset now)
    {
        var unready = PodStatuses.Running(pod, pod.Status.HostIP, pod.Status.PodIP, ready: false, now);
        return unready with
        {
            ContainerStatuses = [.. unready.ContainerStatuses.Select(s => s with
            {
                Ready = false,
                Started = false,
                LastTerminationState = Last(s, exitCode, now),
                State = new() { Waiting = new() { Reason = BackOffReason, Message = Message(pod, s) } },
            })],
        };
    }

    private static ContainerStatus Again(Pod pod, ContainerStatus status, int exitCode, DateTimeOffset now)
    {
        var count = status.RestartCount + 1;
        return status with
        {
            RestartCount = count,
            LastTerminationState = Last(status, exitCode, now),
            State = new() { Running = new() { StartedAt = now } },
            ContainerID = PodStatuses.ContainerIdOf(pod, status.Name, count),
        };
    }

    /// <summary>The end of a container that runs; one that waits has ended before.</summary>
    private static ContainerState Last(ContainerStatus status, int exitCode, DateTimeOffset now) => status.State.Running is not { } running ? status.LastTerminationState : new()
    {
        Terminated = new()
        {
            ExitCode = exitCode,
            Reason = exitCode == 0 ? "Completed" : "Error",
            StartedAt = running.StartedAt,
            FinishedAt = now,
            ContainerID = status.ContainerID,
        },
    };

    private static TimeSpan PauseAfter(int restarts)
    {
        var pause = FirstPause * Math.Pow(2, Math.Clamp(restarts - 1, 0, 16));
        return pause < LongestPause ? pause : LongestPause;
    }

    private static string Message(Pod pod, ContainerStatus status)
    {
        var pause = PauseAfter(status.RestartCount);
        var text = pause < TimeSpan.FromMinutes(1)
            ? pause.TotalSeconds.ToString(CultureInfo.InvariantCulture) + "s"
            : string.Create(CultureInfo.InvariantCulture, $"{(int)pause.TotalMinutes}m{pause.Seconds}s");
        return $"back-off {text} restarting failed container={status.Name} pod={pod.Metadata.Name}_{pod.Metadata.Namespace}({pod.Metadata.Uid})";
    }
}
