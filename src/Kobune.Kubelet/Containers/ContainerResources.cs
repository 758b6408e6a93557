using Kobune.Api;
using Kobune.Api.Core.V1;

namespace Kobune.Kubelet.Containers;

/// <summary>Resources in the terms of cgroups (kuberuntime_container_linux.go, cm/helpers_linux.go, qos/policy.go).</summary>
internal static class ContainerResources
{
    internal const long MinShares = 2;
    internal const long MaxShares = 262144;
    internal const long SharesPerCpu = 1024;
    internal const long QuotaPeriod = 100_000;
    internal const long MinQuota = 1000;

    /// <summary>The smallest limit that is one to the kernel, in thousandths of a CPU.</summary>
    internal const long MinMilliCpuLimit = 10;

    internal static Cri.LinuxContainerResources Of(Pod pod, Container container, long machineMemory, bool withQuota = true)
    {
        var limits = container.Resources.Limits;
        var cpuLimit = limits.TryGetValue("cpu", out var l) ? l.MilliValue : 0;
        var cpuRequest = container.Resources.Requests.TryGetValue("cpu", out var r) ? r.MilliValue : cpuLimit;
        return new()
        {
            CpuShares = Shares(cpuRequest),
            CpuPeriod = withQuota && cpuLimit > 0 ? QuotaPeriod : 0,
            CpuQuota = withQuota ? Quota(cpuLimit) : 0,
            MemoryLimitInBytes = limits.TryGetValue("memory", out var m) ? m.Value : 0,
            OomScoreAdj = OomScoreAdjust(pod, container, machineMemory),
        };
    }

    internal static long Shares(long milliCpu) => milliCpu == 0 ? MinShares : Math.Clamp(milliCpu * SharesPerCpu / 1000, MinShares, MaxShares);

    /// <summary>Microseconds of CPU per period of 100 ms; 0 is no limit.</summary>
    internal static long Quota(long milliCpu) => milliCpu == 0 ? 0 : Math.Max(MinQuota, milliCpu * QuotaPeriod / 1000);

    /// <summary>cgroup v2's weight for v1's shares, as runc converts them.</summary>
    internal static long Weight(long shares) => 1 + ((shares - MinShares) * 9999 / (MaxShares - MinShares));

    internal static long OomScoreAdjust(Pod pod, Container container, long machineMemory)
    {
        if (pod.Spec.Priority >= 2_000_001_000 || pod.Spec.PriorityClassName == "system-node-critical")
        {
            return -997;
        }

        switch (PodQuality.QosClass(pod))
        {
            case PodQuality.Guaranteed:
                return -997;
            case PodQuality.BestEffort:
                return 1000;
        }

        var request = container.Resources.Requests.TryGetValue("memory", out var r) ? r.Value : 0;
        var adjust = 1000 - (1000 * request / Math.Max(1, machineMemory));
        return adjust < 3 ? 3 : adjust >= 1000 ? 999 : adjust;
    }
}
