using System.Net;

namespace Kobune.SimulatedNode.Nodes;

/// <summary>Pod addresses of one node, out of its podCIDR: network, gateway and broadcast are left out. Safe for several threads.</summary>
internal sealed class AddressPool
{
    private const int FirstHost = 2;
    private readonly Lock _gate = new();
    private readonly uint _base;
    private readonly uint _size;
    private readonly Dictionary<uint, string> _owners = [];
    private readonly Dictionary<string, uint> _byOwner = [];
    private uint _next = FirstHost;

    /// <param name="cidr">An IPv4 range, "10.244.3.0/24".</param>
    public AddressPool(string cidr)
    {
        var range = IPNetwork.Parse(cidr);
        _base = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(range.BaseAddress.GetAddressBytes());
        _size = 1u << (32 - range.PrefixLength);
    }

    /// <summary>The address of an owner (a pod's UID), a new one when it has none; null when all are taken.</summary>
    public string? Take(string owner)
    {
        lock (_gate)
        {
            if (_byOwner.TryGetValue(owner, out var known))
            {
                return Text(known);
            }

            for (uint tried = 0; tried < _size; tried++)
            {
                var candidate = _next;
                _next = _next + 1 >= _size - 1 ? FirstHost : _next + 1; // the longest unused next, as host-local does
                if (candidate < _size - 1 && _owners.TryAdd(candidate, owner))
                {
                    _byOwner[owner] = candidate;
                    return Text(candidate);
                }
            }

            return null;
        }
    }

    /// <summary>Notes an address that a pod already has from an earlier run.</summary>
    public void Keep(string owner, string address)
    {
        lock (_gate)
        {
            if (IPAddress.TryParse(address, out var ip) && ip.GetAddressBytes() is { Length: 4 } bytes)
            {
                var host = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes) - _base;
                if (host < _size && _owners.TryAdd(host, owner))
                {
                    _byOwner[owner] = host;
                }
            }
        }
    }

    public void Release(string owner)
    {
        lock (_gate)
        {
            if (_byOwner.Remove(owner, out var host))
            {
                _owners.Remove(host);
            }
        }
    }

    private string Text(uint host)
    {
        var value = _base + host;
        return $"{value >> 24}.{(value >> 16) & 255}.{(value >> 8) & 255}.{value & 255}";
    }
}
