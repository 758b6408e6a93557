using Kobune.Api;
using Kobune.Api.Resource.V1;

namespace Kobune.Scheduler.Devices;

/// <summary>
/// Searches devices of a node for all claims of a pod: depth first, requests in their order, devices in the order of their pools, one step back whenever nothing fits. Source:
/// k8s.io/dynamic-resource-allocation, structured.
/// </summary>
internal sealed class DeviceAllocator(IReadOnlyList<ClaimWish> claims, DeviceUse use, DeviceMatcher matcher, IReadOnlyList<DevicePool> pools, Func<bool>? isLate = null)
{
    private const int MostResults = 32;
    private readonly List<ChosenDevice> _chosen = [];
    private readonly (DevicePool Pool, PooledDevice Device)[] _devices = [.. pools.SelectMany(p => p.Devices.Select(d => (p, d)))];
    private readonly CounterUse _counters = new(pools, use);

    /// <summary>Devices for all claims; null when there are none.</summary>
    /// <exception cref="DeviceException">A claim, a class or a pool is broken.</exception>
    /// <exception cref="TimeoutException">It takes too long: there are many ways to give many devices.</exception>
    public IReadOnlyList<ChosenDevice>? Allocate() => Claim(0) ? _chosen : null;

    private bool Claim(int claim) => claim == claims.Count || Request(claim, 0);

    private bool Request(int claim, int request)
    {
        if (request == claims[claim].Requests.Count)
        {
            return Claim(claim + 1);
        }

        foreach (var wish in claims[claim].Requests[request])
        {
            if (wish.IsAll ? All(claim, request, wish) : Some(claim, request, wish, wish.Count, 0))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>All devices that match, or none: at least one.</summary>
    private bool All(int claim, int request, DeviceWish wish)
    {
        if (pools.FirstOrDefault(p => p.Problem is not null) is { } broken)
        {
            throw new DeviceException($"claim {NameOf(claim)}, request {wish.Name}: asks for all devices, but resource pool {broken.Name} is invalid: {broken.Problem}");
        }

        if (pools.FirstOrDefault(p => !p.IsComplete) is { } changing)
        {
            throw new DeviceException($"claim {NameOf(claim)}, request {wish.Name}: asks for all devices, but resource pool {changing.Name} is currently being updated");
        }

        var before = _chosen.Count;
        foreach (var (_, device) in _devices.Where(d => matcher.Matches(wish, d.Device) && wish.Tolerates(d.Device.Device)))
        {
            if (!Take(claim, wish, device))
            {
                ReturnTo(before);
                return false;
            }
        }

        if (_chosen.Count > before && Request(claim, request + 1))
        {
            return true;
        }

        ReturnTo(before);
        return false;
    }

    private bool Some(int claim, int request, DeviceWish wish, long left, int from)
    {
        if (left == 0)
        {
            return Request(claim, request + 1);
        }

        for (var i = from; i < _devices.Length; i++)
        {
            if (isLate?.Invoke() == true)
            {
                throw new TimeoutException();
            }

            var (pool, device) = _devices[i];
            if (pool.Problem is { } problem)
            {
                throw new DeviceException($"pool {pool.Name} is invalid: {problem}");
            }

            var before = _chosen.Count;
            if (matcher.Matches(wish, device) && wish.Tolerates(device.Device) && Take(claim, wish, device))
            {
                // One of a kind at a time and in order: that the same devices are tried in another order helps nobody. Of a shared one there may be more.
                if (Some(claim, request, wish, left - 1, device.IsShared ? i : i + 1))
                {
                    return true;
                }

                ReturnTo(before);
            }
        }

        return false;
    }

    private bool Take(int claim, DeviceWish wish, PooledDevice device)
    {
        IReadOnlyDictionary<string, Quantity>? part = null;
        if (_chosen.Count(c => c.Claim == claim) == MostResults || !Constrained(claim, wish, device))
        {
            return false;
        }

        if (wish.AdminAccess)
        {
            _chosen.Add(new(claim, wish, device, null));
            return true;
        }

        if (device.IsShared)
        {
            part = DeviceCapacities.Part(device, wish.Capacity, use);
        }

        if (device.IsShared ? part is null || use.IsOwn(device.Key) : use.IsUsed(device.Key) || !DeviceCapacities.Suffice(device.Device, wish.Capacity))
        {
            return false;
        }

        var isFirst = !use.IsUsed(device.Key);
        if (isFirst && !_counters.TryTake(device))
        {
            return false;
        }

        use.Take(device.Key, part);
        _chosen.Add(new(claim, wish, device, part));
        return true;
    }

    private void ReturnTo(int count)
    {
        while (_chosen.Count > count)
        {
            var last = _chosen[^1];
            _chosen.RemoveAt(_chosen.Count - 1);
            if (!last.Wish.AdminAccess)
            {
                use.Return(last.Device.Key, last.Part);
                if (!use.IsUsed(last.Device.Key))
                {
                    _counters.Return(last.Device);
                }
            }
        }
    }

    /// <summary>Devices of one claim that must be alike, or different, in an attribute that all of them have.</summary>
    private bool Constrained(int claim, DeviceWish wish, PooledDevice device)
    {
        foreach (var constraint in claims[claim].Claim.Spec.Devices.Constraints.Where(c => wish.IsIn(c.Requests)))
        {
            var name = constraint.MatchAttribute ?? constraint.DistinctAttribute ?? throw new DeviceException($"claim {NameOf(claim)}, constraint: empty constraint (unsupported constraint type?)");
            if (device.Attribute(name) is not { } value)
            {
                return false;
            }

            foreach (var other in _chosen.Where(c => c.Claim == claim && c.Wish.IsIn(constraint.Requests)))
            {
                if (value.Equals(other.Device.Attribute(name)) != (constraint.MatchAttribute is not null))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private string NameOf(int claim) => $"{claims[claim].Claim.Metadata.Namespace}/{claims[claim].Claim.Metadata.Name}";
}
