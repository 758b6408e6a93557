using Kobune.Api.Containers;
using Kobune.Api.Core.V1;
using Kobune.Kubelet.Containers;
using Kobune.Kubelet.Runtime;

namespace Kobune.Kubelet.Statuses;

/// <summary>The status of each container of a pod (kubelet_pods.go convertToAPIContainerStatuses).</summary>
internal static class ContainerStatusPlan
{

    internal static IReadOnlyList<ContainerStatus> Compute(PodStatusInput input, IReadOnlyList<Container> containers, IReadOnlyList<ContainerStatus> old, bool init)
    {
        var waiting = new ContainerState { Waiting = new() { Reason = input.Pod.Spec.InitContainers.Count > 0 ? "PodInitializing" : "ContainerCreating" } };
        return [.. containers.Select(c => Ready(input, c, One(input, c, old.FirstOrDefault(s => s.Name == c.Name), waiting), init))];
    }

    private static ContainerStatus One(PodStatusInput input, Container container, ContainerStatus? old, ContainerState waiting)
    {
        var runs = input.Runtime.Containers.Where(r => r.Name == container.Name).Take(2).ToList();
        var status = runs.Count > 0 ? OfRuns(input, container, runs, old, waiting) : Missing(input, container, old, waiting);
        if (input.Errors.Find(input.Pod.Metadata.Uid, container.Name) is not { } error || !StartsAgain(input, container, runs))
        {
            return status;
        }

        return status with
        {
            LastTerminationState = status.State.Terminated is null ? status.LastTerminationState : status.State,
            State = new() { Waiting = new() { Reason = error.Reason, Message = error.Message } },
        };
    }

    private static ContainerStatus OfRuns(PodStatusInput input, Container container, List<RuntimeContainer> runs, ContainerStatus? old, ContainerState waiting)
    {
        var run = runs[0];
        var status = new ContainerStatus
        {
            Name = container.Name,
            Image = run.Image.Length > 0 ? run.Image : container.Image,
            ImageID = run.ImageRef,
            ContainerID = run.ApiId,
            RestartCount = Math.Max(run.RestartCount, old?.RestartCount ?? 0), // the runtime may know less than was said before
            State = State(input, run, old, waiting),
            AllocatedResources = container.Resources.Requests,
            Resources = ContainerResourceStatus.Of(container, run, input.Actuated?.Find(container.Name)),
            VolumeMounts = [.. container.VolumeMounts.Select(Mount)],
        };
        if (runs.Count > 1 && runs[1].IsExited)
        {
            return status with { LastTerminationState = Exited(input, runs[1]) };
        }

        // The run before may have been collected already; what was known of it stays.
        return old is null ? status
            : status with { LastTerminationState = old.ContainerID != run.ApiId && old.State.Terminated is not null ? old.State : old.LastTerminationState };
    }

    /// <summary>The runtime does not have the container: not yet, or no more.</summary>
    private static ContainerStatus Missing(PodStatusInput input, Container container, ContainerStatus? old, ContainerState waiting)
    {
        var status = new ContainerStatus { Name = container.Name, Image = container.Image, State = waiting };
        if (old is null)
        {
            return NeverCame(input) ? status with { State = Unknown("The container could not be located when the pod was terminated") } : status;
        }

        if (input.RestartsAll && old.State.Waiting is null)
        {
            return status with
            {
                ImageID = old.ImageID,
                RestartCount = old.RestartCount + 1,
                State = new() { Waiting = new() { Reason = RestartRules.Reason, Message = RestartRules.Removed } },
                LastTerminationState = new() { Terminated = new() { Reason = RestartRules.Reason, Message = RestartRules.Removed, ExitCode = RestartRules.KilledExitCode } },
            };
        }

        if (old.State.Terminated is not null)
        {
            return old;
        }

        status = status with { RestartCount = old.RestartCount, LastTerminationState = old.LastTerminationState, ImageID = old.ImageID };
        if (old.State.Running is null)
        {
            return NeverCame(input) ? status with { State = Unknown("The container could not be located when the pod was terminated") } : status;
        }

        return input.Terminating || !RestartRules.RestartsAfter(input.Pod, container, RestartRules.KilledExitCode)
            ? status with { State = Unknown("The container could not be located when the pod was terminated") }
            : status with
            {
                RestartCount = old.RestartCount + 1,
                LastTerminationState = Unknown("The container could not be located when the pod was deleted.  The container used to be Running"),
            };
    }

    /// <summary>A pod that ended before its init containers were done keeps its containers waiting: they were never meant to be there.</summary>
    private static bool NeverCame(PodStatusInput input) => input.Terminated && input.Failure is null && (
        input.Runtime.Containers.Any(r => input.Pod.Spec.Containers.Any(c => c.Name == r.Name))
        || input.Pod.Spec.InitContainers.All(c => input.Runtime.Find(c.Name) is { } run && (run.ExitCode == 0 || PodContainers.IsSidecar(c))));

    private static ContainerState State(PodStatusInput input, RuntimeContainer run, ContainerStatus? old, ContainerState waiting) => run.State switch
    {
        Cri.ContainerState.ContainerRunning => new() { Running = new() { StartedAt = Second(run.StartedAt) } },
        Cri.ContainerState.ContainerExited => Exited(input, run),
        Cri.ContainerState.ContainerUnknown when old?.State.Running is not null => Unknown("The container could not be located when the pod was terminated"),
        _ => waiting,
    };

    private static ContainerState Exited(PodStatusInput input, RuntimeContainer run) => new()
    {
        Terminated = new()
        {
            ExitCode = run.ExitCode,
            Reason = run.Reason.Length > 0 ? run.Reason : run.ExitCode == 0 ? "Completed" : "Error",
            Message = input.TerminationMessage(run),
            StartedAt = Second(run.StartedAt),
            FinishedAt = Second(run.FinishedAt),
            ContainerID = run.ApiId,
        },
    };

    private static ContainerState Unknown(string message) => new() { Terminated = new() { Reason = "ContainerStatusUnknown", Message = message, ExitCode = RestartRules.KilledExitCode } };

    private static bool StartsAgain(PodStatusInput input, Container container, List<RuntimeContainer> runs)
    {
        if (input.Terminating || input.Terminated)
        {
            return false;
        }

        return runs.Count == 0 || (!runs[0].IsRunning && (!runs[0].IsExited || RestartRules.RestartsAfter(input.Pod, container, runs[0].ExitCode)
            || (PodContainers.IsInit(input.Pod, container) && runs[0].ExitCode != 0)));
    }

    private static ContainerStatus Ready(PodStatusInput input, Container container, ContainerStatus status, bool init)
    {
        if (init && !PodContainers.IsSidecar(container))
        {
            return status with { Started = status.State.Running is not null, Ready = status.State.Terminated is { ExitCode: 0 } };
        }

        if (status.State.Running is null)
        {
            return status with { Started = false, Ready = false };
        }

        var id = status.ContainerID["containerd://".Length..];
        var started = container.StartupProbe is null || input.Probes.Startup(id) == true;
        return status with { Started = started, Ready = started && (container.ReadinessProbe is null || input.Probes.Readiness(id) == true) };
    }

    private static VolumeMountStatus Mount(VolumeMount mount) => new()
    {
        Name = mount.Name,
        MountPath = mount.MountPath,
        ReadOnly = mount.ReadOnly,
        RecursiveReadOnly = mount.ReadOnly ? "Disabled" : null,
    };

    /// <summary>The API keeps whole seconds.</summary>
    private static DateTimeOffset? Second(DateTimeOffset time) => time == default ? null : new DateTimeOffset(time.Ticks - (time.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
}
