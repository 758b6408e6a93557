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
    private readonly Dictionary<DeviceWish, IReadOnlyList<PooledDevice>> _all = new(ReferenceEqualityComparer.Instance);
    private readonly PooledDevice[] _devices = [.. pools.Where(p => p.IsComplete && p.Problem is null).SelectMany(p => p.Devices)];
    private readonly CounterUse _counters = new(pools, use);

    /// <summary>Whether there are pools of which nothing is given because they contradict themselves.</summary>
    public bool HasInvalidPools => pools.Any(p => p.Problem is not null);

    /// <summary>Devices for all claims; null when there are none.</summary>
    /// <exception cref="DeviceException">A claim or a class is broken, or all devices of a pool are asked for that is.</exception>
    /// <exception cref="TimeoutException">It takes too long: there are many ways to give many devices.</exception>
    public IReadOnlyList<ChosenDevice>? Allocate()
    {
        for (var i = 0; i < claims.Count; i++)
        {
            var least = 0L;
            foreach (var alternatives in claims[i].Requests)
            {
                least += alternatives.Select(wish => wish.IsAll ? (_all[wish] = AllOf(i, wish)).Count : wish.Count).ToList().Min();
            }

            if (least > MostResults)
            {
                throw new DeviceException($"claim {NameOf(i)}: number of requested devices {least} exceeds the claim limit of {MostResults}");
            }
        }

        return Claim(0) ? _chosen : null;
    }

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

    /// <summary>What "all" is for a request: the devices that it means and that have what it asks for, whoever has them.</summary>
    private List<PooledDevice> AllOf(int claim, DeviceWish wish)
    {
        foreach (var pool in pools.Where(p => !p.IsComplete || p.Problem is not null))
        {
            throw new DeviceException($"claim {NameOf(claim)}, request {wish.Name.Split('/')[^1]}: asks for all devices, but resource pool {pool.Name} is currently {(pool.IsComplete ? "invalid" : "being updated")}");
        }

        return [.. _devices.Where(d => matcher.Matches(wish, d, NameOf(claim)) && (d.IsShared ? DeviceCapacities.Part(d, wish.Capacity, use) is not null : DeviceCapacities.Suffice(d.Device, wish.Capacity)))];
    }

    /// <summary>All of them, or none: at least one.</summary>
    private bool All(int claim, int request, DeviceWish wish)
    {
        var (before, all) = (_chosen.Count, _all[wish]);
        if (all.Count > 0 && all.All(device => Take(claim, wish, device, isOnlyChoice: true)) && Request(claim, request + 1))
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

            var (device, before) = (_devices[i], _chosen.Count);
            if (!IsInUse(claim, wish, device) && matcher.Matches(wish, device, NameOf(claim)) && Take(claim, wish, device, isOnlyChoice: false))
            {
                // In order: that the same devices are tried in another order helps nobody. Of a shared one a request gets one part, another request another.
                if (Some(claim, request, wish, left - 1, i + 1))
                {
                    return true;
                }

                ReturnTo(before);
            }
        }

        return false;
    }

    /// <param name="claim">For which claim.</param>
    /// <param name="wish">For what of it.</param>
    /// <param name="device">The device.</param>
    /// <param name="isOnlyChoice">No other device would do: a claim whose own constraint forbids this one is broken.</param>
    private bool Take(int claim, DeviceWish wish, PooledDevice device, bool isOnlyChoice)
    {
        var part = device.IsShared ? DeviceCapacities.Part(device, wish.Capacity, use) : null;
        if (_chosen.Count(c => c.Claim == claim) == MostResults || IsInUse(claim, wish, device) || !wish.Tolerates(device.Device)
            || (device.IsShared ? part is null : !DeviceCapacities.Suffice(device.Device, wish.Capacity)))
        {
            return false;
        }

        if (!Constrained(claim, wish, device))
        {
            return isOnlyChoice
                ? throw new DeviceException($"claim {NameOf(claim)}, request {wish.Name.Split('/')[^1]}: cannot add device {device.Key} because a claim constraint would not be satisfied")
                : false;
        }

        if (wish.AdminAccess && part is null)
        {
            _chosen.Add(new(claim, wish, device, null));
            return true;
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

    /// <summary>
    /// Administrators get what others have, but nothing twice in a claim; and what they get here nobody else gets now. Of shared devices they get parts as everybody does,
    /// which count until the claims of this pod are served.
    /// </summary>
    private bool IsInUse(int claim, DeviceWish wish, PooledDevice device) =>
        device.IsShared ? !wish.AdminAccess && use.IsOwn(device.Key)
        : wish.AdminAccess ? _chosen.Exists(c => c.Claim == claim && c.Device.Key == device.Key)
        : use.IsUsed(device.Key) || _chosen.Exists(c => c.Device.Key == device.Key);

    private void ReturnTo(int count)
    {
        while (_chosen.Count > count)
        {
            var last = _chosen[^1];
            _chosen.RemoveAt(_chosen.Count - 1);
            if (!last.Wish.AdminAccess || last.Part is not null)
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
