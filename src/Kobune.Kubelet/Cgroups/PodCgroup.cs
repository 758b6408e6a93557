using Kobune.Api.Core.V1;
using Kobune.Kubelet.Containers;

namespace Kobune.Kubelet.Cgroups;

/// <summary>The cgroup of a pod with the cgroupfs driver: guaranteed pods lie directly below kubepods.</summary>
internal static class PodCgroup
{
    internal const string Root = "/kubepods";

    /// <summary>The pod's own memory limit in bytes; the largest number for none: not every container has one.</summary>
    internal static long MemoryLimit(Pod pod) => AllHave(pod, "memory") ? PodQuality.Limits(pod).GetValueOrDefault("memory") / 1000 : long.MaxValue;

    /// <summary>The pod's own CPU limit in thousandths; the largest number for none.</summary>
    internal static long CpuLimit(Pod pod) => AllHave(pod, "cpu") ? PodQuality.Limits(pod).GetValueOrDefault("cpu") : long.MaxValue;

    private static bool AllHave(Pod pod, string resource) =>
        pod.Spec.Containers.Concat(pod.Spec.InitContainers.Where(PodContainers.IsSidecar)).All(c => c.Resources.Limits.TryGetValue(resource, out var limit) && limit.MilliValue > 0);

    /// <param name="parent">The cgroup above kubepods; empty for the root.</param>
    internal static string Path(Pod pod, string parent) => parent + (PodQuality.QosClass(pod) switch
    {
        PodQuality.BestEffort => $"{Root}/besteffort/pod{pod.Metadata.Uid}",
        PodQuality.Burstable => $"{Root}/burstable/pod{pod.Metadata.Uid}",
        _ => $"{Root}/pod{pod.Metadata.Uid}",
    });
}
