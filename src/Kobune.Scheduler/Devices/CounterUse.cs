using Kobune.Api;
using Kobune.Api.Resource.V1;

namespace Kobune.Scheduler.Devices;

/// <summary>What is left of the counters that devices of a pool share.</summary>
internal sealed class CounterUse
{
    private readonly Dictionary<(string Driver, string Pool, string Set, string Counter), Quantity> _left = [];

    public CounterUse(IReadOnlyList<DevicePool> pools, DeviceUse use)
    {
        foreach (var pool in pools.Where(p => p.Counters.Count > 0 && p.Devices.Count > 0))
        {
            var key = pool.Devices[0].Key;
            foreach (var (set, counters) in pool.Counters)
            {
                foreach (var (name, counter) in counters)
                {
                    _left[(key.Driver, key.Pool, set, name)] = counter.Value;
                }
            }

            foreach (var (taken, device) in pool.Consumers.Where(c => use.IsUsed(c.Key)))
            {
                Change(taken, device, -1);
            }
        }
    }

    /// <summary>Takes what a device needs; false, and nothing is taken, when there is too little.</summary>
    public bool TryTake(PooledDevice device)
    {
        foreach (var consumption in device.Device.ConsumesCounters)
        {
            foreach (var (name, counter) in consumption.Counters)
            {
                if (!_left.TryGetValue((device.Key.Driver, device.Key.Pool, consumption.CounterSet, name), out var left) || left < counter.Value)
                {
                    return false;
                }
            }
        }

        Change(device.Key, device.Device, -1);
        return true;
    }

    public void Return(PooledDevice device) => Change(device.Key, device.Device, 1);

    private void Change(DeviceKey key, Device device, int sign)
    {
        foreach (var consumption in device.ConsumesCounters)
        {
            foreach (var (name, counter) in consumption.Counters)
            {
                var place = (key.Driver, key.Pool, consumption.CounterSet, name);
                if (_left.TryGetValue(place, out var left))
                {
                    _left[place] = left + (counter.Value * sign);
                }
            }
        }
    }
}
