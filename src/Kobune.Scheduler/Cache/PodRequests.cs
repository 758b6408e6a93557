using Kobune.Api;
using Kobune.Api.Core.V1;

namespace Kobune.Scheduler.Cache;

/// <summary>
/// What a pod asks of its node: the containers' sum with the sidecars, or the largest init container with the sidecars before it when that is
/// more; pod-level requests in their place where set; and the overhead. Source: k8s.io/component-helpers, resource, PodRequests.
/// </summary>
internal static class PodRequests
{
    /// <summary>What scoring takes for a container that asks for nothing, so that such pods spread too. Source: pkg/scheduler/util, pod_resources.go.</summary>
    private static readonly Dictionary<string, Quantity> Missing = new(StringComparer.Ordinal)
    {
        [ResourceName.Cpu] = Quantity.FromMilli(100),
        [ResourceName.Memory] = new Quantity(200L * 1024 * 1024, QuantityFormat.BinarySI),
    };

    private static readonly Dictionary<string, Quantity> Nothing = [];

    public static ResourceVector Of(Pod pod) => ResourceVector.From(Sum(pod, Nothing));

    /// <summary>The same with defaults for CPU and memory where a container has none.</summary>
    public static ResourceVector NonZero(Pod pod) => ResourceVector.From(Sum(pod, Missing));

    private static Dictionary<string, Quantity> Sum(Pod pod, Dictionary<string, Quantity> missing)
    {
        var spec = pod.Spec;
        var podLevel = spec.Resources?.Requests ?? Nothing;
        if (missing.Count > 0 && podLevel.Count > 0)
        {
            // A pod-level request stands for its containers, none of them is missing one.
            missing = missing.Where(pair => !podLevel.ContainsKey(pair.Key)).ToDictionary();
        }

        var total = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var container in spec.Containers)
        {
            Add(total, Requests(container, pod.Status.ContainerStatuses, missing));
        }

        AddInitContainers(pod, total, missing);
        foreach (var (name, amount) in podLevel)
        {
            if (name is ResourceName.Cpu or ResourceName.Memory || name.StartsWith("hugepages-", StringComparison.Ordinal))
            {
                total[name] = amount;
            }
        }

        Add(total, spec.Overhead);
        return total;
    }

    private static void AddInitContainers(Pod pod, Dictionary<string, Quantity> total, Dictionary<string, Quantity> missing)
    {
        if (pod.Spec.InitContainers.Count == 0)
        {
            return;
        }

        var sidecars = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        var largest = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var container in pod.Spec.InitContainers)
        {
            var requests = Requests(container, pod.Status.InitContainerStatuses, missing);
            if (container.RestartPolicy == ContainerRestartPolicy.Always)
            {
                Add(total, requests); // a sidecar runs beside the containers ...
                Add(sidecars, requests);
                Max(largest, sidecars);
            }
            else
            {
                var together = new Dictionary<string, Quantity>(requests, StringComparer.Ordinal);
                Add(together, sidecars); // ... and beside the init containers after it
                Max(largest, together);
            }
        }

        Max(total, largest);
    }

    /// <summary>A container's requests; of one whose resize is under way, the largest of wanted, allocated and actual.</summary>
    private static IReadOnlyDictionary<string, Quantity> Requests(Container container, IReadOnlyList<ContainerStatus> statuses, Dictionary<string, Quantity> missing)
    {
        var requests = container.Resources.Requests;
        ContainerStatus? status = null;
        foreach (var candidate in statuses)
        {
            status = candidate.Name == container.Name ? candidate : status;
        }

        var resized = status is not null && (status.AllocatedResources.Count > 0 || status.Resources is { Requests.Count: > 0 });
        if (!resized && missing.Keys.All(requests.ContainsKey))
        {
            return requests;
        }

        var all = new Dictionary<string, Quantity>(requests, StringComparer.Ordinal);
        if (resized)
        {
            Max(all, status!.AllocatedResources);
            Max(all, status.Resources?.Requests ?? Nothing);
        }

        foreach (var (name, amount) in missing)
        {
            all.TryAdd(name, amount);
        }

        return all;
    }

    private static void Add(Dictionary<string, Quantity> total, IReadOnlyDictionary<string, Quantity> more)
    {
        foreach (var (name, amount) in more)
        {
            total[name] = total.TryGetValue(name, out var before) ? before + amount : amount;
        }
    }

    private static void Max(Dictionary<string, Quantity> total, IReadOnlyDictionary<string, Quantity> other)
    {
        foreach (var (name, amount) in other)
        {
            total[name] = total.TryGetValue(name, out var before) ? Quantity.Max(before, amount) : amount;
        }
    }
}
