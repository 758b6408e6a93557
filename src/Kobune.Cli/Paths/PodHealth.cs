using Kobune.Api.Core.V1;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Paths;

/// <summary>Why a pod takes no traffic, from its status and Events.</summary>
internal static class PodHealth
{
    private static readonly string[] ImageReasons = ["ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError"];

    /// <summary>Whether its Ready condition is True.</summary>
    public static bool IsReady(Pod pod) => pod.Status.Conditions.Any(c => c.Type == "Ready" && c.Status == "True");

    /// <summary>What keeps it from being Ready; null when nothing does.</summary>
    public static Fault? FaultOf(Pod pod, ClusterSnapshot snapshot)
    {
        var name = pod.Metadata.Name;
        if (IsReady(pod))
        {
            return null;
        }

        if (pod.Status.Conditions.FirstOrDefault(c => c.Type == "PodScheduled" && c.Status == "False") is { } unscheduled)
        {
            return Of("PodPending", new(Message.PathPodPending, name, unscheduled.Message), new(Message.PathPodPendingMend));
        }

        if (pod.Status.Phase is "Succeeded" or "Failed")
        {
            return Of("PodEnded", new(Message.PathPodEnded, name, pod.Status.Phase, pod.Status.Reason + (pod.Status.Message.Length > 0 ? ": " + pod.Status.Message : "")), new(Message.PathLogsMend, name, pod.Metadata.Namespace));
        }

        return pod.Status.InitContainerStatuses.Concat(pod.Status.ContainerStatuses).Select(c => ContainerFault(pod, c)).FirstOrDefault(f => f is not null)
            ?? NotReady(pod, snapshot);
    }

    private static Fault? ContainerFault(Pod pod, ContainerStatus container)
    {
        var name = pod.Metadata.Name;
        if (container.State.Waiting is not { } waiting)
        {
            return null;
        }

        if (ImageReasons.Contains(waiting.Reason))
        {
            return Of("ImageMissing", new(Message.PathImageMissing, name, container.Image, waiting.Reason), new(Message.PathImageMend, container.Image));
        }

        if (waiting.Reason == "CrashLoopBackOff")
        {
            var last = container.LastTerminationState.Terminated;
            return Of("CrashLoop", new(Message.PathCrashLoop, name, container.Name, container.RestartCount, last?.ExitCode ?? 0, last?.Reason ?? ""), new(Message.PathPreviousLogsMend, name, container.Name, pod.Metadata.Namespace));
        }

        return waiting.Reason is "ContainerCreating" or "PodInitializing" or ""
            ? null
            : Of("ContainerWaits", new(Message.PathContainerWaits, name, container.Name, waiting.Reason, waiting.Message), new(Message.PathDescribeMend, name, pod.Metadata.Namespace));
    }

    private static Fault NotReady(Pod pod, ClusterSnapshot snapshot)
    {
        var (ns, name) = (pod.Metadata.Namespace, pod.Metadata.Name);
        if (snapshot.EventOf(pod, "FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox") is { } failed && pod.Status.Phase == "Pending")
        {
            return Of("PodCannotStart", new(Message.PathPodCannotStart, name, failed.Message), new(Message.PathDescribeMend, name, ns));
        }

        if (pod.Status.ContainerStatuses.FirstOrDefault(c => c.State.Terminated is not null) is { } ended)
        {
            return Of("CrashLoop", new(Message.PathCrashLoop, name, ended.Name, ended.RestartCount, ended.State.Terminated!.ExitCode, ended.State.Terminated.Reason), new(Message.PathPreviousLogsMend, name, ended.Name, ns));
        }

        return snapshot.EventOf(pod, "Unhealthy") is { } unhealthy
            ? Of("ReadinessFails", new(Message.PathReadinessFails, name, unhealthy.Message), new(Message.PathReadinessMend, name))
            : Of("PodNotReady", new(Message.PathPodNotReady, name, pod.Status.Phase), new(Message.PathDescribeMend, name, ns));
    }

    private static Fault Of(string id, Phrase finding, Phrase mend) => new(id, HopKind.Pod, finding, mend);
}
