using Kobune.Api.Core.V1;
using Kobune.Api.Resource.V1;

namespace Kobune.Scheduler.Devices;

/// <summary>What a claim has to ask for so that the containers of a pod get their extended resources. Pure. Source: pkg/scheduler/framework/plugins/dynamicresources, extendeddynamicresources.go.</summary>
/// <param name="Requests">The requests, by name.</param>
/// <param name="Mappings">Which container gets which request for which resource.</param>
internal sealed record ExtendedPlan(IReadOnlyList<DeviceRequest> Requests, IReadOnlyList<ContainerExtendedResourceRequest> Mappings)
{
    /// <summary>The plan for some of a pod's resources, each with the name of its class.</summary>
    public static ExtendedPlan Of(PodSpec pod, IEnumerable<(string Resource, string Class)> resources)
    {
        var (requests, mappings) = (new List<DeviceRequest>(), new List<ContainerExtendedResourceRequest>());
        var containers = pod.InitContainers.Concat(pod.Containers).ToList();
        foreach (var (resource, deviceClass) in resources.OrderBy(r => r.Resource, StringComparer.Ordinal))
        {
            Add(containers, pod.InitContainers.Count, resource, deviceClass, requests, mappings);
        }

        return new([.. requests.OrderBy(r => r.Name, StringComparer.Ordinal)], mappings);
    }

    /// <summary>
    /// Containers that stay have requests of their own. An init container that ends uses those of the containers after it, which do not run yet, and one more, the largest that any of
    /// its kind needs, which all of them share.
    /// </summary>
    private static void Add(List<Container> containers, int inits, string resource, string deviceClass, List<DeviceRequest> requests, List<ContainerExtendedResourceRequest> mappings)
    {
        var own = new DeviceRequest?[containers.Count];
        for (var i = 0; i < containers.Count; i++)
        {
            if (!Ends(i) && Wanted(containers[i], resource) is > 0 and var wanted)
            {
                own[i] = Request(containers[i], i, resource, deviceClass, wanted);
                mappings.Add(Map(containers[i], resource, own[i]!.Name));
            }
        }

        DeviceRequest? shared = null;
        var reused = new List<ContainerExtendedResourceRequest>();
        for (var i = 0; i < inits; i++)
        {
            if (!Ends(i) || Wanted(containers[i], resource) is not (> 0 and var left))
            {
                continue;
            }

            foreach (var later in own[i..].OfType<DeviceRequest>().TakeWhile(_ => left > 0))
            {
                reused.Add(Map(containers[i], resource, later.Name));
                left -= later.Exactly!.Count;
            }

            if (left > 0)
            {
                var more = Request(containers[i], i, resource, deviceClass, left);
                shared = shared is null || shared.Exactly!.Count < left ? more : shared;
                reused.Add(Map(containers[i], resource, ""));
            }
        }

        requests.AddRange(own.Append(shared).OfType<DeviceRequest>());
        mappings.AddRange(reused.Select(m => m.RequestName.Length > 0 ? m : m with { RequestName = shared!.Name }));

        bool Ends(int i) => i < inits && containers[i].RestartPolicy != ContainerRestartPolicy.Always;
    }

    private static long Wanted(Container container, string resource) => container.Resources.Requests.TryGetValue(resource, out var amount) ? amount.Value : 0;

    /// <summary>Named by the place of the container in the pod and that of the resource among all that the container asks for.</summary>
    private static DeviceRequest Request(Container container, int place, string resource, string deviceClass, long count) => new()
    {
        Name = $"container-{place}-request-{container.Resources.Requests.Keys.Count(k => string.CompareOrdinal(k, resource) < 0)}",
        Exactly = new() { DeviceClassName = deviceClass, AllocationMode = "ExactCount", Count = count },
    };

    private static ContainerExtendedResourceRequest Map(Container container, string resource, string request) => new() { ContainerName = container.Name, ResourceName = resource, RequestName = request };
}
