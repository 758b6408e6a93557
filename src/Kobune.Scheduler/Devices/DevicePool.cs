using Kobune.Api.Core.V1;
using Kobune.Api.Placement;
using Kobune.Api.Resource.V1;

namespace Kobune.Scheduler.Devices;

/// <summary>The devices of one pool that a node can reach. Source: k8s.io/dynamic-resource-allocation, structured, GatherPools.</summary>
/// <param name="Name">"driver/pool".</param>
/// <param name="Devices">The devices, in the order of the slices.</param>
/// <param name="Counters">What its devices share, by set and counter.</param>
/// <param name="Consumers">All devices of the pool that take counters, those of other nodes too.</param>
/// <param name="IsComplete">Whether all slices of its newest generation are there.</param>
/// <param name="Problem">Why nothing of it can be allocated.</param>
internal sealed record DevicePool(
    string Name, IReadOnlyList<PooledDevice> Devices, IReadOnlyDictionary<string, IReadOnlyDictionary<string, Counter>> Counters, IReadOnlyList<(DeviceKey Key, Device Device)> Consumers, bool IsComplete, string? Problem)
{
    private bool HasBindingConditions => Devices.Any(d => d.Device.BindingConditions.Count > 0);

    /// <summary>The pools that have something for a node. Devices that must be prepared before a pod is bound come last.</summary>
    public static IReadOnlyList<DevicePool> Of(IEnumerable<ResourceSlice> slices, Node node) =>
    [
        .. slices
            .GroupBy(s => (s.Spec.Driver, s.Spec.Pool.Name))
            .OrderBy(g => g.Key.Driver, StringComparer.Ordinal)
            .ThenBy(g => g.Key.Name, StringComparer.Ordinal)
            .Select(g => Of($"{g.Key.Driver}/{g.Key.Name}", g, node))
            .OfType<DevicePool>()
            .OrderBy(p => p.HasBindingConditions),
    ];

    private static DevicePool? Of(string name, IEnumerable<ResourceSlice> slices, Node node)
    {
        var newest = slices.Max(s => s.Spec.Pool.Generation);
        var current = slices.Where(s => s.Spec.Pool.Generation == newest).OrderBy(s => s.Metadata.Name, StringComparer.Ordinal).Select(s => s.Spec).ToList();
        var isComplete = current.Count == current[0].Pool.ResourceSliceCount;
        var reached = current.Where(s => s.Devices.Any(d => IsReached(s, d, node))).ToList();
        if (reached.Count == 0 && (isComplete || !current.Exists(s => s.SharedCounters.Count > 0)))
        {
            return null; // counters alone are a pool only as long as its devices may still come
        }

        return new(
            name,
            [.. reached.SelectMany(s => s.Devices.Where(d => IsReached(s, d, node)).Select(d => new PooledDevice(new(s.Driver, s.Pool.Name, d.Name), d, s)))],
            current.SelectMany(s => s.SharedCounters).GroupBy(c => c.Name).ToDictionary(c => c.Key, c => c.First().Counters),
            [.. current.SelectMany(s => s.Devices.Where(d => d.ConsumesCounters.Count > 0).Select(d => (new DeviceKey(s.Driver, s.Pool.Name, d.Name), d)))],
            isComplete,
            isComplete ? ProblemOf(current, reached) : null);
    }

    /// <summary>Names that stand twice, and counters that are not there.</summary>
    private static string? ProblemOf(IReadOnlyList<ResourceSliceSpec> all, IReadOnlyList<ResourceSliceSpec> reached)
    {
        if (Twice(reached.SelectMany(s => s.Devices).Select(d => d.Name)) is { } device)
        {
            return $"duplicate device name {device}";
        }

        var sets = all.SelectMany(s => s.SharedCounters).ToLookup(c => c.Name, StringComparer.Ordinal);
        if (Twice(all.SelectMany(s => s.SharedCounters).Select(c => c.Name)) is { } twice)
        {
            return $"duplicate counter set name {twice}";
        }

        foreach (var consumption in all.SelectMany(s => s.Devices).SelectMany(d => d.ConsumesCounters))
        {
            if (sets[consumption.CounterSet].FirstOrDefault() is not { } set)
            {
                return $"counter set {consumption.CounterSet} not found";
            }

            if (consumption.Counters.Keys.FirstOrDefault(c => !set.Counters.ContainsKey(c)) is { } counter)
            {
                return $"counter {counter} not found in counter set {set.Name}";
            }
        }

        return null;

        static string? Twice(IEnumerable<string> names) => names.GroupBy(n => n, StringComparer.Ordinal).FirstOrDefault(n => n.Skip(1).Any())?.Key;
    }

    private static bool IsReached(ResourceSliceSpec slice, Device device, Node node) => slice.PerDeviceNodeSelection == true
        ? Reaches(device.NodeName, device.NodeSelector, device.AllNodes, node)
        : Reaches(slice.NodeName, slice.NodeSelector, slice.AllNodes, node);

    private static bool Reaches(string? name, NodeSelector? selector, bool? all, Node node) =>
        all == true || (name is { Length: > 0 } && name == node.Metadata.Name) || (selector is not null && NodeSelectors.Matches(selector, node));
}
