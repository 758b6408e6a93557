using Kobune.Api.Core.V1;
using Kobune.Kubelet.Containers;

namespace Kobune.Kubelet.Statuses;

/// <summary>The phase of a pod from its containers (kubelet_pods.go getPhase).</summary>
internal static class PodPhasePlan
{
    internal static string Compute(Pod pod, IReadOnlyList<ContainerStatus> init, IReadOnlyList<ContainerStatus> containers, bool terminal)
    {
        var initialized = containers.Any(c => c.State.Running is not null || c.State.Terminated is not null || c.LastTerminationState.Terminated is not null);
        var (pending, failed) = Init(pod, init, initialized);
        if (failed && pod.Spec.RestartPolicy == "Never")
        {
            return PodPhase.Failed;
        }

        int running = 0, waiting = 0, stopped = 0, succeeded = 0;
        foreach (var status in containers)
        {
            if (status.State.Running is not null)
            {
                running++;
            }
            else if (status.State.Terminated is { } ended)
            {
                stopped++;
                succeeded += ended.ExitCode == 0 ? 1 : 0;
            }
            else if (status.LastTerminationState.Terminated is not null)
            {
                stopped++;
            }
            else
            {
                waiting++;
            }
        }

        if (terminal)
        {
            // Nothing will run again: what did not end well has failed.
            return stopped > 0 && stopped == succeeded && waiting == 0 && !pending ? PodPhase.Succeeded : PodPhase.Failed;
        }

        if (pending || waiting > 0)
        {
            return PodPhase.Pending;
        }

        if (running > 0)
        {
            return PodPhase.Running;
        }

        if (pod.Spec.RestartPolicy == "Always" || stopped == 0)
        {
            return stopped > 0 ? PodPhase.Running : PodPhase.Pending;
        }

        return stopped == succeeded ? PodPhase.Succeeded : pod.Spec.RestartPolicy == "Never" ? PodPhase.Failed : PodPhase.Running;
    }

    private static (bool Pending, bool Failed) Init(Pod pod, IReadOnlyList<ContainerStatus> statuses, bool initialized)
    {
        bool pending = false, failed = false;
        foreach (var container in pod.Spec.InitContainers)
        {
            var status = statuses.FirstOrDefault(s => s.Name == container.Name);
            if (PodContainers.IsSidecar(container))
            {
                pending |= !initialized && status?.Started != true;
                continue;
            }

            var ended = status?.State.Terminated ?? (status?.State.Waiting is not null ? status.LastTerminationState.Terminated : null);
            failed |= ended is { ExitCode: not 0 };
            pending |= !initialized && ended is not { ExitCode: 0 };
        }

        return (pending, failed);
    }
}
