using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Kobune.Machine.Host;

/// <summary>Chooses the network of a profile's bridge.</summary>
public static class Subnets
{
    private const int Candidates = 20;

    /// <summary>The networks tried one after the other: 192.168.49.0/24, then steps of 9 (minikube's rule).</summary>
    public static IEnumerable<IPNetwork> Defaults =>
        Enumerable.Range(0, Candidates).Select(i => IPNetwork.Parse($"192.168.{49 + (9 * i)}.0/24"));

    /// <summary>The first default that touches none of the networks in use; null when all do.</summary>
    public static IPNetwork? Choose(IReadOnlyList<IPNetwork> used)
    {
        foreach (var candidate in Defaults)
        {
            if (!used.Any(u => Overlap(u, candidate)))
            {
                return candidate;
            }
        }

        return null;
    }

    /// <summary>Whether two networks share an address.</summary>
    public static bool Overlap(IPNetwork a, IPNetwork b) =>
        a.BaseAddress.AddressFamily == b.BaseAddress.AddressFamily && (a.Contains(b.BaseAddress) || b.Contains(a.BaseAddress));

    /// <summary>The address at a distance from the network's own, of either family: 1 is the host, 2 the first machine.</summary>
    public static IPAddress AddressAt(IPNetwork network, int offset) => AddressAt(network, (UInt128)offset);

    /// <summary>The part of this number when a network is cut into parts of one length: the second /24 of 10.244.0.0/16 is 10.244.1.0/24.</summary>
    public static IPNetwork PartAt(IPNetwork network, int length, int index) =>
        new(AddressAt(network, (UInt128)index << ((8 * network.BaseAddress.GetAddressBytes().Length) - length)), length);

    /// <summary>The reverse of <see cref="AddressAt"/>.</summary>
    public static int OffsetOf(IPNetwork network, IPAddress address)
    {
        var (from, to) = (network.BaseAddress.GetAddressBytes(), address.GetAddressBytes());
        return from.Zip(to).Aggregate(0, (offset, pair) => (offset * 256) + pair.Second - pair.First);
    }

    /// <summary>Reads a user's subnet: private IPv4, /30 or larger, written as the network or any address in it.</summary>
    /// <exception cref="MachineException">It is none of that; the message says which rule it breaks.</exception>
    public static IPNetwork Parse(string text)
    {
        var slash = text.IndexOf('/');
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address) || address.AddressFamily != AddressFamily.InterNetwork
            || !int.TryParse(slash < 0 ? "24" : text[(slash + 1)..], out var length) || length is < 8 or > 30)
        {
            throw new MachineException(MachineFault.Network, $"\"{text}\" is not an IPv4 subnet of at least /30, like 192.168.49.0/24");
        }

        if (!IsPrivate(address.GetAddressBytes()))
        {
            throw new MachineException(MachineFault.Network, $"the subnet {text} is not private: take one of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16");
        }

        return NetworkOf(address, length);
    }

    /// <summary>The IPv6 network that goes with an IPv4 one when none is named, with the same numbers: fd00:192:168:49::/64. So two profiles do not meet there either.</summary>
    public static IPNetwork DefaultV6(IPNetwork network)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        return IPNetwork.Parse(bytes[3] == 0 ? $"fd00:{bytes[0]}:{bytes[1]}:{bytes[2]}::/64" : $"fd00:{bytes[0]}:{bytes[1]}:{bytes[2]}:{bytes[3]}::/80");
    }

    /// <summary>Reads a user's IPv6 subnet: unique local, /48 to /120.</summary>
    /// <exception cref="MachineException">It is none of that; the message says which rule it breaks.</exception>
    public static IPNetwork ParseV6(string text)
    {
        if (!IPNetwork.TryParse(text, out var network) || network.BaseAddress.AddressFamily != AddressFamily.InterNetworkV6 || network.PrefixLength is < 48 or > 120)
        {
            throw new MachineException(MachineFault.Network, $"\"{text}\" is not an IPv6 subnet of /48 to /120, like fd00:192:168:49::/64");
        }

        return (network.BaseAddress.GetAddressBytes()[0] & 0xfe) == 0xfc
            ? network
            : throw new MachineException(MachineFault.Network, $"the subnet {text} is not private: take one of fc00::/7");
    }

    /// <summary>The networks that this host has addresses in or routes to, read from the output of `ip -4 (or -6) route show table all`.</summary>
    public static IReadOnlyList<IPNetwork> InUse(string routes)
    {
        var networks = new List<IPNetwork>();
        foreach (var line in routes.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var target = words.FirstOrDefault(w => w is not ("local" or "broadcast" or "unreachable" or "blackhole" or "prohibit" or "unicast" or "multicast" or "anycast" or "throw"));
            if (target is null or "default")
            {
                continue;
            }

            if (IPNetwork.TryParse(target.Contains('/') ? target : target + (target.Contains(':') ? "/128" : "/32"), out var network))
            {
                networks.Add(network);
            }
        }

        return networks;
    }

    private static IPAddress AddressAt(IPNetwork network, UInt128 offset)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        Span<byte> wide = stackalloc byte[16];
        wide.Clear();
        bytes.CopyTo(wide[(16 - bytes.Length)..]);
        BinaryPrimitives.WriteUInt128BigEndian(wide, BinaryPrimitives.ReadUInt128BigEndian(wide) + offset);
        return new(wide[(16 - bytes.Length)..]);
    }

    private static IPNetwork NetworkOf(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        var value = (uint)bytes[0] << 24 | (uint)bytes[1] << 16 | (uint)bytes[2] << 8 | bytes[3];
        value &= uint.MaxValue << (32 - length);
        return new(new IPAddress([(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value]), length);
    }

    private static bool IsPrivate(byte[] a) => a[0] == 10 || (a[0] == 172 && a[1] is >= 16 and < 32) || (a[0] == 192 && a[1] == 168);
}
