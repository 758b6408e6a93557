using Kobune.Api;
using Kobune.Api.Core.V1;

namespace Kobune.Kubelet.Containers;

/// <summary>Quality of service and resource totals of a pod (api/v1/helper/qos, api/v1/resource).</summary>
internal static class PodQuality
{
    internal const string Guaranteed = "Guaranteed";
    internal const string Burstable = "Burstable";
    internal const string BestEffort = "BestEffort";

    internal static string QosClass(Pod pod)
    {
        if (pod.Status.QOSClass.Length > 0)
        {
            return pod.Status.QOSClass;
        }

        var any = false;
        var guaranteed = true;
        foreach (var container in pod.Spec.InitContainers.Concat(pod.Spec.Containers))
        {
            foreach (var name in (string[])["cpu", "memory"])
            {
                var limit = Amount(container.Resources.Limits, name);
                var request = Amount(container.Resources.Requests, name);
                any |= limit > 0 || request > 0;
                guaranteed &= limit > 0 && (request == 0 || request == limit);
            }
        }

        return !any ? BestEffort : guaranteed ? Guaranteed : Burstable;
    }

    /// <summary>What the pod asks for, in thousandths: containers and sidecars added, init containers by their maximum, overhead on top.</summary>
    internal static IReadOnlyDictionary<string, long> Requests(Pod pod) => Total(pod, c => c.Resources.Requests);

    /// <summary>The pod's limits in thousandths, computed the same way.</summary>
    internal static IReadOnlyDictionary<string, long> Limits(Pod pod) => Total(pod, c => c.Resources.Limits);

    private static Dictionary<string, long> Total(Pod pod, Func<Container, IReadOnlyDictionary<string, Quantity>> resources)
    {
        var total = new Dictionary<string, long>();
        foreach (var container in pod.Spec.Containers)
        {
            Add(total, resources(container));
        }

        var sidecars = new Dictionary<string, long>();
        var peak = new Dictionary<string, long>();
        foreach (var container in pod.Spec.InitContainers)
        {
            var sum = new Dictionary<string, long>(sidecars);
            Add(sum, resources(container));
            if (PodContainers.IsSidecar(container))
            {
                Add(total, resources(container));
                Add(sidecars, resources(container));
            }

            Max(peak, sum);
        }

        Max(total, peak);
        Add(total, pod.Spec.Overhead);
        return total;
    }

    private static void Add(Dictionary<string, long> total, IReadOnlyDictionary<string, Quantity> resources)
    {
        foreach (var (name, quantity) in resources)
        {
            total[name] = total.GetValueOrDefault(name) + quantity.MilliValue;
        }
    }

    private static void Max(Dictionary<string, long> total, Dictionary<string, long> other)
    {
        foreach (var (name, value) in other)
        {
            total[name] = Math.Max(total.GetValueOrDefault(name), value);
        }
    }

    private static long Amount(IReadOnlyDictionary<string, Quantity> list, string name) => list.TryGetValue(name, out var quantity) ? quantity.MilliValue : 0;
}
