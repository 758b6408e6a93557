using System.Globalization;
using Kobune.Api.Containers;
using Kobune.Api.Core.V1;

namespace Kobune.SimulatedNode.Pods;

/// <summary>Containers that end and are started again, as a kubelet reports them. Pure.</summary>
internal static class ContainerRestarts
{
    public const string BackOffReason = "CrashLoopBackOff";
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>Whether any container that has not ended for good runs again after it ended with this code.</summary>
    public static bool Follow(Pod pod, int exitCode) => Living(pod).Any(c => RestartRules.RestartsAfter(pod, c, exitCode));

    /// <summary>Whether an end with this code takes all containers away to begin anew, which waits for no back-off.</summary>
    public static bool IsWhole(Pod pod, int exitCode) => !IsWaiting(pod) && Living(pod).Any(c => RestartRules.RestartsAll(c, exitCode));

    /// <summary>How long containers of a pod wait before they are started again: 10 s, doubling to 5 min.</summary>
    public static TimeSpan PauseOf(Pod pod) => PauseAfter(pod.Status.ContainerStatuses.Select(s => s.RestartCount).DefaultIfEmpty().Max());

    public static bool IsWaiting(Pod pod) => pod.Status.ContainerStatuses.Any(s => s.State.Waiting?.Reason == BackOffReason);

    /// <summary>All containers ended with an exit code (where they ran); those run again that their rules or policies start, or all.</summary>
    public static PodStatus Restarted(Pod pod, int exitCode, DateTimeOffset now)
    {
        var status = IsWhole(pod, exitCode)
            ? pod.Status with
            {
                InitContainerStatuses = [.. pod.Status.InitContainerStatuses.Select(s => Anew(pod, s, new()))],
                ContainerStatuses = [.. pod.Status.ContainerStatuses.Select(s => Anew(pod, s, new() { Running = new() { StartedAt = now } }))],
            }
            : pod.Status with { ContainerStatuses = [.. pod.Status.ContainerStatuses.Select(s => RunsAgain(pod, s, exitCode) ? Again(pod, s, exitCode, now) : Over(s, exitCode, now))] };
        return PodStatuses.Running(pod with { Status = status }, pod.Status.HostIP, pod.Status.PodIP, ready: true, now);
    }

    /// <summary>All containers ended with an exit code; those that run again wait.</summary>
    public static PodStatus BackingOff(Pod pod, int exitCode, DateTimeOffset now)
    {
        var ended = pod.Status with { ContainerStatuses = [.. pod.Status.ContainerStatuses.Select(s => RunsAgain(pod, s, exitCode) ? s : Over(s, exitCode, now))] };
        var unready = PodStatuses.Running(pod with { Status = ended }, pod.Status.HostIP, pod.Status.PodIP, ready: false, now);
        return unready with
        {
            ContainerStatuses = [.. unready.ContainerStatuses.Select(s => s.State.Terminated is not null ? s : s with
            {
                Ready = false,
                Started = false,
                LastTerminationState = Last(s, exitCode, now),
                State = new() { Waiting = new() { Reason = BackOffReason, Message = Message(pod, s) } },
            })],
        };
    }

    private static IEnumerable<Container> Living(Pod pod) => pod.Spec.Containers.Where(c => pod.Status.ContainerStatuses.FirstOrDefault(s => s.Name == c.Name)?.State.Terminated is null);

    /// <summary>One that waits was decided on before; one that has ended for good stays so.</summary>
    private static bool RunsAgain(Pod pod, ContainerStatus status, int exitCode) => status.State.Waiting is not null
        || (status.State.Terminated is null && pod.Spec.Containers.FirstOrDefault(c => c.Name == status.Name) is { } container && RestartRules.RestartsAfter(pod, container, exitCode));

    private static ContainerStatus Over(ContainerStatus status, int exitCode, DateTimeOffset now) =>
        status.State.Terminated is not null ? status : status with { Ready = false, Started = false, State = Last(status, exitCode, now) };

    private static ContainerStatus Again(Pod pod, ContainerStatus status, int exitCode, DateTimeOffset now) =>
        Next(pod, status, Last(status, exitCode, now), new() { Running = new() { StartedAt = now } });

    private static ContainerStatus Anew(Pod pod, ContainerStatus status, ContainerState state) =>
        Next(pod, status, new() { Terminated = new() { Reason = RestartRules.Reason, Message = RestartRules.Removed, ExitCode = RestartRules.KilledExitCode } }, state);

    private static ContainerStatus Next(Pod pod, ContainerStatus status, ContainerState last, ContainerState state) => status with
    {
        RestartCount = status.RestartCount + 1,
        LastTerminationState = last,
        State = state,
        ContainerID = PodStatuses.ContainerIdOf(pod, status.Name, status.RestartCount + 1),
    };

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
