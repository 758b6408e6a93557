using Kobune.Api.Core.V1;
using Kobune.Kubelet.Containers;

namespace Kobune.Kubelet.Cgroups;

/// <summary>The cgroup of a pod with the cgroupfs driver: guaranteed pods lie directly below kubepods.</summary>
internal static class PodCgroup
{
    internal const string Root = "/kubepods";

    /// <param name="parent">The cgroup above kubepods; empty for the root.</param>
    internal static string Path(Pod pod, string parent) => parent + (PodQuality.QosClass(pod) switch
    {
        PodQuality.BestEffort => $"{Root}/besteffort/pod{pod.Metadata.Uid}",
        PodQuality.Burstable => $"{Root}/burstable/pod{pod.Metadata.Uid}",
        _ => $"{Root}/pod{pod.Metadata.Uid}",
    });
}
