using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Kobune.ApiServer.Kinds.Services;

namespace Kobune.ApiServer.Allocation;

/// <summary>A range of cluster IPs, of either family, and its two bands: the first addresses are left to those who ask for one.</summary>
internal sealed class ClusterIPRange
{
    private const uint MinStatic = 16;
    private readonly UInt128 _first;
    private readonly UInt128 _end; // behind the last usable address, as a distance from the first one
    private readonly int _bytes;

    public ClusterIPRange(string range)
    {
        var network = IPNetwork.Parse(range);
        var isV6 = network.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6;
        _bytes = isV6 ? 16 : 4;
        Text = range;
        Family = isV6 ? ServiceAddressing.IPv6 : ServiceAddressing.IPv4;
        _first = Number(network.BaseAddress);
        var size = UInt128.One << ((8 * _bytes) - network.PrefixLength);
        _end = isV6 ? size : size - 1; // IPv4's last address is the broadcast one
        Static = size <= 16 ? 1 : (uint)UInt128.Min(UInt128.Max(16, size / 16), 256); // upstream: min(max(16, size/16), 256), none in a range as small as that; the network's own address is never given
    }

    public string Text { get; }

    /// <summary>"IPv4" or "IPv6".</summary>
    public string Family { get; }

    /// <summary>Addresses of the static band, the network's own among them.</summary>
    public uint Static { get; }

    /// <summary>The address that the kubernetes Service has.</summary>
    public IPAddress First => Address(1);

    /// <summary>The ranges of a cluster, "10.96.0.0/12,fd00:10:96::/112".</summary>
    public static IReadOnlyList<ClusterIPRange> ParseAll(string ranges) => [.. ranges.Split(',').Select(r => new ClusterIPRange(r))];

    /// <summary>Whether an address may be given: the network's own may not, nor IPv4's broadcast address.</summary>
    public bool Contains(IPAddress address)
    {
        if (address.GetAddressBytes().Length != _bytes)
        {
            return false;
        }

        var offset = Number(address) - _first; // wraps around for lower ones
        return offset > 0 && offset < _end;
    }

    /// <summary>All usable addresses: the dynamic band from a random place on, then the static one.</summary>
    public IEnumerable<IPAddress> Candidates(Random random)
    {
        var dynamicSize = _end - Static;
        var start = dynamicSize == 0 ? 0 : (UInt128)random.NextInt64((long)UInt128.Min(dynamicSize, long.MaxValue));
        for (UInt128 i = 0; i < dynamicSize; i++)
        {
            yield return Address(Static + ((start + i) % dynamicSize));
        }

        for (uint i = 1; i < Static; i++)
        {
            yield return Address(i);
        }
    }

    private IPAddress Address(UInt128 offset)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, _first + offset);
        return new IPAddress(bytes[(16 - _bytes)..]);
    }

    private static UInt128 Number(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        var raw = address.GetAddressBytes();
        raw.CopyTo(bytes[(16 - raw.Length)..]);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
