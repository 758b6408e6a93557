using Kobune.Grpc;
using Kobune.Kubelet.Cri;

namespace Kobune.Kubelet.Runtime;

/// <summary>Reads the runtime's view of a pod.</summary>
internal sealed class PodRuntimeReader(ICriRuntime runtime)
{
    internal async Task<PodRuntimeStatus> ReadAsync(string uid, CancellationToken ct)
    {
        var sandboxFilter = new PodSandboxFilter();
        sandboxFilter.LabelSelector.Add(ContainerLabels.PodUid, uid);
        var containerFilter = new ContainerFilter();
        containerFilter.LabelSelector.Add(ContainerLabels.PodUid, uid);
        var sandboxes = await runtime.ListPodSandboxAsync(sandboxFilter, ct);
        if (sandboxes.Count == 0)
        {
            return PodRuntimeStatus.None(uid);
        }

        var containers = await runtime.ListContainersAsync(containerFilter, ct);
        var sandboxStatuses = new List<PodSandboxStatus>(sandboxes.Count);
        foreach (var sandbox in sandboxes.OrderByDescending(s => s.CreatedAt))
        {
            if (await FoundAsync(runtime.PodSandboxStatusAsync(sandbox.Id, ct)) is { } status)
            {
                sandboxStatuses.Add(status);
            }
        }

        var containerStatuses = new List<RuntimeContainer>(containers.Count);
        foreach (var container in containers.OrderByDescending(c => c.CreatedAt))
        {
            if (await FoundAsync(runtime.ContainerStatusAsync(container.Id, ct)) is { } status)
            {
                containerStatuses.Add(RuntimeContainer.Of(status, container.PodSandboxId));
            }
        }

        return new(uid, sandboxStatuses, containerStatuses);
    }

    /// <summary>What was listed a moment ago may be gone by now.</summary>
    private static async Task<T?> FoundAsync<T>(Task<T> call)
        where T : class
    {
        try
        {
            return await call;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }
}
