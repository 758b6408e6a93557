using Kobune.Api.Core.V1;
using Kobune.Kubelet.Containers;
using Kobune.Kubelet.Runtime;

namespace Kobune.Kubelet.Resizes;

/// <summary>A running container whose limits are to be written anew, and those that hold now.</summary>
internal sealed record ContainerUpdate(string Id, Container Container, ResourceRequirements Current)
{
    internal string Name => Container.Name;
}

/// <summary>What is to be done so that running containers have what their pod was given (kuberuntime_manager.go computePodResizeAction). Pure.</summary>
internal sealed record ResizePlan
{
    internal static ResizePlan Nothing { get; } = new();

    /// <summary>Containers whose resize policy wants a restart.</summary>
    internal IReadOnlySet<string> Restarts { get; init; } = new HashSet<string>();

    /// <summary>Containers whose memory limit changes; those that shrink first.</summary>
    internal IReadOnlyList<ContainerUpdate> Memory { get; init; } = [];

    /// <summary>Containers whose share or limit of CPU changes; those that shrink first.</summary>
    internal IReadOnlyList<ContainerUpdate> Cpu { get; init; } = [];

    /// <summary>Running containers whose difference is none to the kernel: a memory request, one thousandth of a CPU instead of two.</summary>
    internal IReadOnlyList<Container> OnPaper { get; init; } = [];

    internal bool IsNothing => Restarts.Count == 0 && Memory.Count == 0 && Cpu.Count == 0 && OnPaper.Count == 0;

    /// <param name="pod">The pod with what it was given.</param>
    /// <param name="actuated">What its containers really have.</param>
    /// <param name="status">The containers that run.</param>
    internal static ResizePlan Compute(Pod pod, PodAllocation actuated, PodRuntimeStatus status)
    {
        var restarts = new HashSet<string>(StringComparer.Ordinal);
        List<(ContainerUpdate Update, long Change)> memory = [], cpu = [];
        var paper = new List<Container>();
        foreach (var container in PodAllocation.Resizable(pod))
        {
            if (status.Find(container.Name) is not { IsRunning: true } run || actuated.Find(container.Name) is not { } current || current == container.Resources)
            {
                continue;
            }

            var (now, before) = (Effective.Of(container.Resources), Effective.Of(current));
            var update = new ContainerUpdate(run.Id, container, current);
            if ((now.CpuDiffers(before) && Restarting(container, "cpu")) || (now.MemoryLimit != before.MemoryLimit && Restarting(container, "memory")))
            {
                restarts.Add(container.Name);
                continue;
            }

            if (now.MemoryLimit != before.MemoryLimit)
            {
                memory.Add((update, now.MemoryLimit.CompareTo(before.MemoryLimit)));
            }

            if (now.CpuDiffers(before))
            {
                cpu.Add((update, now.CpuLimit != before.CpuLimit ? now.CpuLimit.CompareTo(before.CpuLimit) : now.CpuRequest.CompareTo(before.CpuRequest)));
            }

            if (now == before)
            {
                paper.Add(container);
            }
        }

        return new() { Restarts = restarts, Memory = ShrinkingFirst(memory), Cpu = ShrinkingFirst(cpu), OnPaper = paper };
    }

    private static List<ContainerUpdate> ShrinkingFirst(List<(ContainerUpdate Update, long Change)> updates) => [.. updates.OrderBy(u => u.Change > 0).Select(u => u.Update)];

    private static bool Restarting(Container container, string resource) => container.ResizePolicy.Any(p => p.ResourceName == resource && p.RestartPolicy == "RestartContainer");

    /// <summary>What the kernel sees: CPU in thousandths, memory in bytes; no limit is the largest number.</summary>
    private readonly record struct Effective(long CpuRequest, long CpuLimit, long MemoryLimit)
    {
        internal static Effective Of(ResourceRequirements resources)
        {
            var limit = Amount(resources, r => r.Limits, "cpu")?.MilliValue ?? 0;
            var request = Amount(resources, r => r.Requests, "cpu")?.MilliValue ?? limit;
            var memory = Amount(resources, r => r.Limits, "memory")?.Value ?? 0;
            return new(Math.Max(ContainerResources.MinShares, request), limit == 0 ? long.MaxValue : Math.Max(ContainerResources.MinMilliCpuLimit, limit), memory == 0 ? long.MaxValue : memory);
        }

        internal bool CpuDiffers(Effective other) => CpuRequest != other.CpuRequest || CpuLimit != other.CpuLimit;

        private static Api.Quantity? Amount(ResourceRequirements resources, Func<ResourceRequirements, IReadOnlyDictionary<string, Api.Quantity>> list, string name) =>
            list(resources).TryGetValue(name, out var quantity) ? quantity : null;
    }
}
