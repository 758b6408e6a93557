using System.Net;
using System.Net.Sockets;

namespace Kobune.Api.Addressing;

/// <summary>Which addresses and ranges a range of cluster IPs holds. Source: k8s.io/kubernetes, pkg/api/servicecidr.</summary>
public static class ServiceRange
{
    /// <summary>"IPv4" or "IPv6".</summary>
    public static string FamilyOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4";

    /// <summary>Whether a Service can have the address: the network's own is nobody's, nor is IPv4's broadcast address.</summary>
    public static bool Holds(IPNetwork range, IPAddress address) =>
        range.BaseAddress.AddressFamily == address.AddressFamily && range.Contains(address) && !range.BaseAddress.Equals(address) && !IsBroadcast(range, address);

    /// <summary>Whether a range lies wholly within another, or is the same.</summary>
    public static bool Holds(IPNetwork range, IPNetwork inner) =>
        range.BaseAddress.AddressFamily == inner.BaseAddress.AddressFamily && range.PrefixLength <= inner.PrefixLength && range.Contains(inner.BaseAddress);

    /// <summary>Whether one of two ranges holds the other.</summary>
    public static bool Overlap(IPNetwork a, IPNetwork b) => Holds(a, b) || Holds(b, a);

    private static bool IsBroadcast(IPNetwork range, IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetwork)
        {
            return false;
        }

        var bits = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());
        var host = uint.MaxValue >> range.PrefixLength;
        return range.PrefixLength < 32 && (bits & host) == host;
    }
}
