using Kobune.Api;
using Kobune.Api.Core.V1;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>What a whole pod asks for: the sum of its containers and sidecars, or more where an init container needs it, plus overhead (k8s.io/component-helpers, resource).</summary>
internal static class PodTotals
{
    public static IReadOnlyDictionary<string, Quantity> Requests(PodSpec spec) => Total(spec, c => c.Resources.Requests);

    public static IReadOnlyDictionary<string, Quantity> Limits(PodSpec spec) => Total(spec, c => c.Resources.Limits);

    private static Dictionary<string, Quantity> Total(PodSpec spec, Func<Container, IReadOnlyDictionary<string, Quantity>> of)
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
        Add(total, spec.Overhead);
        return total;
    }

    private static void Add(Dictionary<string, Quantity> total, IReadOnlyDictionary<string, Quantity> values)
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
