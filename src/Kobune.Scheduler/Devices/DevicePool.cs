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
    /// <summary>The pools that have something for a node.</summary>
    public static IReadOnlyList<DevicePool> Of(IEnumerable<ResourceSlice> slices, Node node)
    {
        var pools = new List<DevicePool>();
        foreach (var group in slices.GroupBy(s => (s.Spec.Driver, s.Spec.Pool.Name)).OrderBy(g => g.Key))
        {
            var newest = group.Max(s => s.Spec.Pool.Generation);
            var current = group.Where(s => s.Spec.Pool.Generation == newest).OrderBy(s => s.Metadata.Name, StringComparer.Ordinal).Select(s => s.Spec).ToList();
            var devices = current.SelectMany(s => s.Devices.Where(d => IsReached(s, d, node)).Select(d => new PooledDevice(new(s.Driver, s.Pool.Name, d.Name), d, s))).ToList();
            if (devices.Count > 0)
            {
                var counters = current.SelectMany(s => s.SharedCounters).GroupBy(c => c.Name).ToDictionary(c => c.Key, c => c.First().Counters);
                var consumers = current.SelectMany(s => s.Devices.Where(d => d.ConsumesCounters.Count > 0).Select(d => (new DeviceKey(s.Driver, s.Pool.Name, d.Name), d))).ToList();
                var twice = current.SelectMany(s => s.Devices).GroupBy(d => d.Name).FirstOrDefault(d => d.Skip(1).Any())?.Key;
                pools.Add(new(
                    $"{group.Key.Driver}/{group.Key.Name}", devices, counters, consumers, current.Count == current[0].Pool.ResourceSliceCount,
                    twice is null ? null : $"duplicate device name {group.Key.Driver}/{group.Key.Name}/{twice}"));
            }
        }

        return pools;
    }

    private static bool IsReached(ResourceSliceSpec slice, Device device, Node node) => slice.PerDeviceNodeSelection == true
        ? Reaches(device.NodeName, device.NodeSelector, device.AllNodes, node)
        : Reaches(slice.NodeName, slice.NodeSelector, slice.AllNodes, node);

    private static bool Reaches(string? name, NodeSelector? selector, bool? all, Node node) =>
        all == true || (name is { Length: > 0 } && name == node.Metadata.Name) || (selector is not null && NodeSelectors.Matches(selector, node));
}
