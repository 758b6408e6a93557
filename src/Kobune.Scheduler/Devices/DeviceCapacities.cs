using Kobune.Api;
using Kobune.Api.Resource.V1;

namespace Kobune.Scheduler.Devices;

/// <summary>How much of a device's capacity a request takes. Source: k8s.io/dynamic-resource-allocation, structured, consumable capacity.</summary>
internal static class DeviceCapacities
{
    /// <summary>Whether a device that goes as a whole has what is asked for.</summary>
    public static bool Suffice(Device device, CapacityRequirements? wanted) =>
        wanted is null || wanted.Requests.All(r => device.Capacity.TryGetValue(r.Key, out var has) && has.Value >= r.Value);

    /// <summary>What a part of a shared device takes; null when it cannot be had.</summary>
    public static IReadOnlyDictionary<string, Quantity>? Part(PooledDevice device, CapacityRequirements? wanted, DeviceUse use)
    {
        if (wanted?.Requests.Keys.Any(name => !device.Device.Capacity.ContainsKey(name)) == true)
        {
            return null;
        }

        var part = new Dictionary<string, Quantity>();
        foreach (var (name, capacity) in device.Device.Capacity)
        {
            Quantity? asked = wanted is not null && wanted.Requests.TryGetValue(name, out var request) ? request : null;
            if (Amount(capacity, asked) is not { } amount || use.Consumed(device.Key, name) + amount > capacity.Value)
            {
                return null;
            }

            part[name] = amount;
        }

        return part;
    }

    /// <summary>What the policy makes of a request: the default when nothing was asked for, the next valid value, or nothing.</summary>
    internal static Quantity? Amount(DeviceCapacity capacity, Quantity? asked)
    {
        if (capacity.RequestPolicy is not { } policy)
        {
            return asked ?? capacity.Value; // nothing said: all of it
        }

        var wanted = asked ?? policy.Default ?? capacity.Value;
        if (policy.ValidValues.Count > 0)
        {
            var fitting = policy.ValidValues.Where(v => v >= wanted).ToList();
            return fitting.Count == 0 ? null : fitting.Min();
        }

        if (policy.ValidRange is not { } range)
        {
            return wanted;
        }

        if (range.Min is { } least && wanted < least)
        {
            wanted = least;
        }

        if (range.Step is { Sign: > 0 } step)
        {
            var above = wanted - (range.Min ?? Quantity.Zero);
            var steps = (above.MilliValue + step.MilliValue - 1) / step.MilliValue;
            wanted = (range.Min ?? Quantity.Zero) + (step * steps);
        }

        return range.Max is { } most && wanted > most ? null : wanted;
    }
}
