using Kobune.Api.Core.V1;
using Kobune.Grpc;
using Kobune.Kubelet.Cgroups;
using Kobune.Kubelet.Containers;
using Kobune.Kubelet.Runtime;

namespace Kobune.Kubelet.Resizes;

/// <summary>Gives running containers what their pod was given (kuberuntime_manager.go doPodResizeAction).</summary>
internal sealed class PodResizer(ICriRuntime runtime, CgroupManager cgroups, PodAllocations allocations, long machineMemory, bool withQuota)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(10);

    internal ResizePlan Plan(Pod pod, PodRuntimeStatus status) => allocations.Actuated(pod) is { } actuated ? ResizePlan.Compute(pod, actuated, status) : ResizePlan.Nothing;

    /// <summary>Does the plan. When a part fails, the rest waits: returns how long until the next try.</summary>
    internal async Task<TimeSpan?> ResizeAsync(Pod pod, ResizePlan plan, CancellationToken ct)
    {
        if (plan.IsNothing)
        {
            return null;
        }

        var before = allocations.Actuated(pod)!.ApplyTo(pod);
        try
        {
            // A limit may not fall below what is in use: the kernel would kill instead of refusing.
            CheckUsage(pod, plan.Memory);
            var restarts = plan.Restarts.Count > 0;
            if (plan.Memory.Count > 0 || restarts)
            {
                await InOrderAsync(PodCgroup.MemoryLimit(pod), PodCgroup.MemoryLimit(before), () => cgroups.WriteMemory(pod), () => UpdateAsync(pod, plan.Memory, "memory", ct));
            }

            if (plan.Cpu.Count > 0 || restarts)
            {
                await InOrderAsync(PodCgroup.CpuLimit(pod), PodCgroup.CpuLimit(before), () => cgroups.WriteCpu(pod), () => UpdateAsync(pod, plan.Cpu, "cpu", ct));
            }

            // A memory request is on paper alone, also where it came together with what the kernel knows.
            foreach (var container in plan.OnPaper.Concat(plan.Memory.Concat(plan.Cpu).Select(u => u.Container)))
            {
                allocations.SetActuated(pod.Metadata.Uid, container.Name, container.Resources);
            }

            return null;
        }
        catch (Exception e) when (e is RpcException or IOException or UnauthorizedAccessException or ResizeException)
        {
            allocations.Failed(pod, e is RpcException rpc ? rpc.Detail : e.Message);
            return RetryPause;
        }
    }

    /// <summary>The pod's own limit grows before its containers' and shrinks after them.</summary>
    private static async Task InOrderAsync(long now, long before, Action writePod, Func<Task> updateContainers)
    {
        if (now >= before)
        {
            writePod();
        }

        await updateContainers();
        if (now < before)
        {
            writePod();
        }
    }

    private async Task UpdateAsync(Pod pod, IReadOnlyList<ContainerUpdate> updates, string resource, CancellationToken ct)
    {
        foreach (var update in updates)
        {
            // What is written last of the other resource holds on.
            var current = allocations.Actuated(pod)?.Find(update.Name) ?? update.Current;
            var next = Mixed(update.Container.Resources, current, resource);
            await runtime.UpdateContainerResourcesAsync(update.Id, ContainerResources.Of(pod, update.Container with { Resources = next }, machineMemory, withQuota), ct);
            allocations.SetActuated(pod.Metadata.Uid, update.Name, next);
        }
    }

    /// <summary>One resource as it shall be, the others as they are.</summary>
    internal static ResourceRequirements Mixed(ResourceRequirements wanted, ResourceRequirements current, string resource)
    {
        return current with { Requests = Mix(current.Requests, wanted.Requests), Limits = Mix(current.Limits, wanted.Limits) };

        Dictionary<string, Api.Quantity> Mix(IReadOnlyDictionary<string, Api.Quantity> have, IReadOnlyDictionary<string, Api.Quantity> want)
        {
            var mixed = new Dictionary<string, Api.Quantity>(have, StringComparer.Ordinal);
            if (want.TryGetValue(resource, out var value))
            {
                mixed[resource] = value;
            }
            else
            {
                mixed.Remove(resource);
            }

            return mixed;
        }
    }

    private void CheckUsage(Pod pod, IReadOnlyList<ContainerUpdate> updates)
    {
        foreach (var update in updates)
        {
            if (update.Container.Resources.Limits.TryGetValue("memory", out var limit) && cgroups.MemoryUsage(pod, update.Id) is { } used && used > limit.Value)
            {
                throw new ResizeException($"attempting to set container \"{update.Name}\" memory limit ({limit.Value}) below current usage ({used})");
            }
        }

        if (updates.Count > 0 && PodCgroup.MemoryLimit(pod) is var whole and < long.MaxValue && cgroups.MemoryUsage(pod, null) is { } all && all > whole)
        {
            throw new ResizeException($"attempting to set pod memory limit ({whole}) below current usage ({all})");
        }
    }
}

/// <summary>A resize that is not to be done now.</summary>
internal sealed class ResizeException(string message) : Exception(message);
