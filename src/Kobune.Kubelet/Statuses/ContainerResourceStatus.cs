using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Kubelet.Containers;
using Kobune.Kubelet.Runtime;

namespace Kobune.Kubelet.Statuses;

/// <summary>
/// The resources that a container really has (kubelet_pods.go convertContainerStatusResources): as the runtime tells them, else as it last took
/// them from us. A container that does not run shows what it will get.
/// </summary>
internal static class ContainerResourceStatus
{
    internal static ResourceRequirements Of(Container container, RuntimeContainer run, ResourceRequirements? actuated)
    {
        if (!run.IsRunning)
        {
            return container.Resources;
        }

        var actual = actuated ?? container.Resources;
        if (run.Resources is not { } told)
        {
            return actual;
        }

        // Requests of memory are nowhere in the kernel: what was asked for counts.
        var requests = new Dictionary<string, Quantity>(actual.Requests, StringComparer.Ordinal);
        var limits = new Dictionary<string, Quantity>(actual.Limits, StringComparer.Ordinal);
        Put(requests, "cpu", Ceiling(told.CpuShares * 1000, ContainerResources.SharesPerCpu), ContainerResources.MinShares);
        Put(limits, "cpu", told.CpuPeriod > 0 ? told.CpuQuota * 1000 / told.CpuPeriod : 0, ContainerResources.MinMilliCpuLimit);
        if (limits.TryGetValue("memory", out var memory) && told.MemoryLimitInBytes > 0 && told.MemoryLimitInBytes != memory.Value)
        {
            limits["memory"] = Quantity.FromMilli(told.MemoryLimitInBytes * 1000, QuantityFormat.BinarySI);
        }

        return actual with { Requests = requests, Limits = limits };
    }

    /// <summary>Replaces what differs; what the kernel cannot tell apart stays as it was asked for.</summary>
    private static void Put(Dictionary<string, Quantity> list, string name, long milli, long smallest)
    {
        if (milli > 0 && list.TryGetValue(name, out var asked) && asked.MilliValue != milli && !(asked.MilliValue <= smallest && milli <= smallest))
        {
            list[name] = Quantity.FromMilli(milli);
        }
    }

    private static long Ceiling(long value, long divisor) => (value + divisor - 1) / divisor;
}
