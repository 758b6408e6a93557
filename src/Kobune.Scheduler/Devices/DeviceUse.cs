using Kobune.Api;
using Kobune.Api.Resource.V1;

namespace Kobune.Scheduler.Devices;

/// <summary>What claims have: devices of their own, parts of shared ones, and with them counters of pools.</summary>
internal sealed class DeviceUse
{
    private readonly HashSet<DeviceKey> _own = [];
    private readonly Dictionary<DeviceKey, int> _shares = [];
    private readonly Dictionary<(DeviceKey Device, string Capacity), Quantity> _consumed = [];

    /// <summary>What a list of allocations has. Administrators take nothing from others.</summary>
    public static DeviceUse Of(IEnumerable<AllocationResult> allocations)
    {
        var use = new DeviceUse();
        foreach (var result in allocations.SelectMany(a => a.Devices.Results).Where(r => r.AdminAccess != true))
        {
            use.Take(new(result.Driver, result.Pool, result.Device), result.ShareID is null ? null : result.ConsumedCapacity);
        }

        return use;
    }

    /// <summary>Whether a claim has the device for itself.</summary>
    public bool IsOwn(DeviceKey device) => _own.Contains(device);

    /// <summary>Whether any claim has it, or a part of it.</summary>
    public bool IsUsed(DeviceKey device) => _own.Contains(device) || _shares.GetValueOrDefault(device) > 0;

    /// <summary>How much of a shared device's capacity is taken.</summary>
    public Quantity Consumed(DeviceKey device, string capacity) => _consumed.GetValueOrDefault((device, capacity));

    /// <summary>Takes a device, or with capacities a part of it.</summary>
    public void Take(DeviceKey device, IReadOnlyDictionary<string, Quantity>? part)
    {
        if (part is null)
        {
            _own.Add(device);
            return;
        }

        _shares[device] = _shares.GetValueOrDefault(device) + 1;
        foreach (var (name, amount) in part)
        {
            _consumed[(device, name)] = _consumed.GetValueOrDefault((device, name)) + amount;
        }
    }

    /// <summary>Gives it back.</summary>
    public void Return(DeviceKey device, IReadOnlyDictionary<string, Quantity>? part)
    {
        if (part is null)
        {
            _own.Remove(device);
            return;
        }

        _shares[device]--;
        foreach (var (name, amount) in part)
        {
            _consumed[(device, name)] -= amount;
        }
    }
}
