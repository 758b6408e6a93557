using System.Buffers.Binary;
using System.Net;

namespace Kobune.ApiServer.Allocation;

/// <summary>The range of cluster IPs (IPv4) and its two bands: the first addresses are left to those who ask for one.</summary>
internal sealed class ClusterIPRange
{
    private readonly uint _first;
    private readonly uint _size;

    public ClusterIPRange(string range)
    {
        var network = IPNetwork.Parse(range);
        Text = range;
        _first = Number(network.BaseAddress);
        _size = 1u << (32 - network.PrefixLength);
        Static = Math.Min(Math.Max(16, _size / 16), 256); // upstream: min(max(16, size/16), 256)
    }

    public string Text { get; }

    /// <summary>Addresses of the static band.</summary>
    public uint Static { get; }

    /// <summary>The address that the kubernetes Service has.</summary>
    public IPAddress First => Address(1);

    public bool Contains(IPAddress address)
    {
        var offset = Number(address) - _first;
        return offset > 0 && offset < _size - 1; // neither network nor broadcast address
    }

    /// <summary>All usable addresses: the dynamic band from a random place on, then the static one.</summary>
    public IEnumerable<IPAddress> Candidates(Random random)
    {
        var dynamicSize = _size - 1 - Static;
        var start = (uint)random.NextInt64(dynamicSize);
        for (uint i = 0; i < dynamicSize; i++)
        {
            yield return Address(Static + ((start + i) % dynamicSize));
        }

        for (uint i = 1; i < Static; i++)
        {
            yield return Address(i);
        }
    }

    private IPAddress Address(uint offset)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, _first + offset);
        return new IPAddress(bytes);
    }

    private static uint Number(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        return address.TryWriteBytes(bytes, out var length) && length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : 0;
    }
}
