using Kobune.Api.Containers;
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
        if (failed)
        {
            return PodPhase.Failed;
        }

        int running = 0, waiting = 0, stopped = 0, succeeded = 0, restarting = 0;
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
                restarting += Restarts(pod, status, ended) ? 1 : 0;
            }
            else if (status.LastTerminationState.Terminated is { } last)
            {
                stopped++;
                restarting += Restarts(pod, status, last) ? 1 : 0;
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

        if (stopped == 0)
        {
            return PodPhase.Pending;
        }

        return restarting > 0 ? PodPhase.Running : stopped == succeeded ? PodPhase.Succeeded : PodPhase.Failed;
    }

    private static bool Restarts(Pod pod, ContainerStatus status, ContainerStateTerminated ended) =>
        ended.Reason == RestartRules.Reason || (RestartRules.Containers(pod).FirstOrDefault(c => c.Name == status.Name) is { } container && RestartRules.RestartsAfter(pod, container, ended.ExitCode));

    private static (bool Pending, bool Failed) Init(Pod pod, IReadOnlyList<ContainerStatus> statuses, bool initialized)
    {
        bool pending = false, failed = false; // failed for good
        foreach (var container in pod.Spec.InitContainers)
        {
            var status = statuses.FirstOrDefault(s => s.Name == container.Name);
            if (PodContainers.IsSidecar(container))
            {
                pending |= !initialized && status?.Started != true;
                continue;
            }

            var ended = status?.State.Terminated ?? (status?.State.Waiting is not null ? status.LastTerminationState.Terminated : null);
            failed |= ended is { ExitCode: not 0 } && !Restarts(pod, status!, ended);
            pending |= !initialized && ended is not { ExitCode: 0 };
        }

        return (pending, failed);
    }
}
