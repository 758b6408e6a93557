using Kobune.Api.Core.V1;

namespace Kobune.Api.Quotas;

/// <summary>What a whole pod asks for: the sum of its containers and sidecars, or more where an init container needs it; what the pod says as a whole goes before that (k8s.io/component-helpers, resource).</summary>
public static class PodTotals
{
    /// <summary>Without the overhead of its runtime class: what limit ranges bound.</summary>
    public static IReadOnlyDictionary<string, Quantity> Requests(PodSpec spec) => Total(spec, c => c.Resources.Requests, spec.Resources?.Requests);

    /// <summary>Without the overhead of its runtime class.</summary>
    public static IReadOnlyDictionary<string, Quantity> Limits(PodSpec spec) => Total(spec, c => c.Resources.Limits, spec.Resources?.Limits);

    /// <summary>With overhead: what a pod asks for.</summary>
    public static IReadOnlyDictionary<string, Quantity> ChargedRequests(PodSpec spec)
    {
        var total = new Dictionary<string, Quantity>(Requests(spec), StringComparer.Ordinal);
        Add(total, spec.Overhead);
        return total;
    }

    /// <summary>With overhead, and with what a container still has while it is made smaller: what a quota is charged with for a pod that is there.</summary>
    public static IReadOnlyDictionary<string, Quantity> ChargedRequests(Pod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        var total = Total(pod.Spec, c => Current(pod, c, c.Resources.Requests, s => s.Resources?.Requests, s => s.AllocatedResources), pod.Spec.Resources?.Requests);
        Add(total, pod.Spec.Overhead);
        return total;
    }

    /// <summary>The same of limits; overhead where there is a limit at all.</summary>
    public static IReadOnlyDictionary<string, Quantity> ChargedLimits(Pod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        var total = Total(pod.Spec, c => Current(pod, c, c.Resources.Limits, s => s.Resources?.Limits, _ => null), pod.Spec.Resources?.Limits);
        Add(total, pod.Spec.Overhead.Where(o => total.TryGetValue(o.Key, out var limit) && !limit.IsZero));
        return total;
    }

    /// <summary>Whether the pod says itself what it needs, so that its containers need not.</summary>
    public static bool SaysAsAWhole(PodSpec spec) =>
        spec.Resources is { } whole && whole.Requests.Keys.Concat(whole.Limits.Keys).Any(CanBeWhole);

    /// <summary>Whether the pod says itself what it asks for.</summary>
    public static bool RequestsAsAWhole(PodSpec spec) => spec.Resources is { } whole && whole.Requests.Keys.Any(CanBeWhole);

    private static bool CanBeWhole(string name) => name is "cpu" or "memory" || name.StartsWith("hugepages-", StringComparison.Ordinal);

    /// <summary>The most of what a container is to have, has and was promised; of one that cannot be resized, what is to be does not count.</summary>
    private static IReadOnlyDictionary<string, Quantity> Current(
        Pod pod, Container container, IReadOnlyDictionary<string, Quantity> wanted, Func<ContainerStatus, IReadOnlyDictionary<string, Quantity>?> has, Func<ContainerStatus, IReadOnlyDictionary<string, Quantity>?> promised)
    {
        if (pod.Status.ContainerStatuses.Concat(pod.Status.InitContainerStatuses).FirstOrDefault(s => s.Name == container.Name) is not { Resources: not null } status)
        {
            return wanted;
        }

        var isImpossible = pod.Status.Conditions.Any(c => c is { Type: "PodResizePending", Reason: "Infeasible" });
        var most = isImpossible ? [] : new Dictionary<string, Quantity>(wanted, StringComparer.Ordinal);
        Raise(most, has(status) ?? new Dictionary<string, Quantity>());
        Raise(most, promised(status) ?? new Dictionary<string, Quantity>());
        return most;
    }

    private static Dictionary<string, Quantity> Total(PodSpec spec, Func<Container, IReadOnlyDictionary<string, Quantity>> of, IReadOnlyDictionary<string, Quantity>? whole)
    {
        var total = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var container in spec.Containers)
        {
            Add(total, of(container));
        }

        var sidecars = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        var peak = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var container in spec.InitContainers)
        {
            if (container.RestartPolicy == "Always")
            {
                Add(total, of(container));
                Add(sidecars, of(container));
                Raise(peak, sidecars);
            }
            else
            {
                var during = new Dictionary<string, Quantity>(sidecars, StringComparer.Ordinal);
                Add(during, of(container));
                Raise(peak, during);
            }
        }

        Raise(total, peak);
        foreach (var (name, value) in whole ?? new Dictionary<string, Quantity>())
        {
            if (CanBeWhole(name))
            {
                total[name] = value;
            }
        }

        return total;
    }

    private static void Add(Dictionary<string, Quantity> total, IEnumerable<KeyValuePair<string, Quantity>> values)
    {
        foreach (var (name, value) in values)
        {
            total[name] = total.TryGetValue(name, out var before) ? before + value : value;
        }
    }

    private static void Raise(Dictionary<string, Quantity> total, IReadOnlyDictionary<string, Quantity> values)
    {
        foreach (var (name, value) in values)
        {
            total[name] = total.TryGetValue(name, out var before) ? Quantity.Max(before, value) : value;
        }
    }
}
