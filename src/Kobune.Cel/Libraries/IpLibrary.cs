using Kobune.Cel.Types;
using Kobune.Cel.Values;
using static Kobune.Cel.Libraries.LibraryValues;

namespace Kobune.Cel.Libraries;

/// <summary>Kubernetes' IP addresses; those with a zone and IPv4 inside of IPv6 are refused.</summary>
internal static class IpLibrary
{
    public static readonly CelType IpType = CelType.Opaque("net.IP");

    public static readonly CelLibrary Library = new LibraryBuilder("ip")
        .Type(IpType.Name, IpType)
        .Global("ip", "string_to_ip", [CelType.String], IpType, a => Parse(a[0].Text(), out var problem) is { } ip ? new IpValue(ip) : Error(problem))
        .Global("isIP", "is_ip", [CelType.String], CelType.Bool, a => Bool(Parse(a[0].Text(), out _) is not null))
        .Global("ip.isCanonical", "ip_is_canonical", [CelType.String], CelType.Bool, a => Parse(a[0].Text(), out var problem) is { } ip ? Bool(ip.ToString() == a[0].Text()) : Error(problem))
        .Global("string", "ip_to_string", [IpType], CelType.String, a => Text(a[0].ToString()!))
        .Member("family", "ip_family", [IpType], CelType.Int, a => CelInt.Of(Ip(a[0]).IsV4 ? 4 : 6))
        .Member("isUnspecified", "ip_is_unspecified", [IpType], CelType.Bool, a => Bool(Ip(a[0]).IsUnspecified))
        .Member("isLoopback", "ip_is_loopback", [IpType], CelType.Bool, a => Bool(Ip(a[0]).IsLoopback))
        .Member("isLinkLocalMulticast", "ip_is_link_local_multicast", [IpType], CelType.Bool, a => Bool(Ip(a[0]).IsLinkLocalMulticast))
        .Member("isLinkLocalUnicast", "ip_is_link_local_unicast", [IpType], CelType.Bool, a => Bool(Ip(a[0]).IsLinkLocalUnicast))
        .Member("isGlobalUnicast", "ip_is_global_unicast", [IpType], CelType.Bool, a => Bool(Ip(a[0]).IsGlobalUnicast))
        .Build();

    public static GoAddress Ip(CelValue value) => ((IpValue)value).Address;

    public static GoAddress? Parse(string text, out string problem)
    {
        var percent = text.IndexOf('%', StringComparison.Ordinal);
        if (percent > 0 && GoAddress.Parse(text[..percent], out _) is { IsV4: false })
        {
            problem = $"IP address {GoText.Quote(text)} with zone value is not allowed";
            return null;
        }

        if (GoAddress.Parse(text, out problem) is not { } address)
        {
            problem = $"IP Address {GoText.Quote(text)} parse error during conversion from string: {problem}";
            return null;
        }

        problem = address.IsV4InV6 ? $"IPv4-mapped IPv6 address {GoText.Quote(text)} is not allowed" : "";
        return address.IsV4InV6 ? null : address;
    }

    public sealed class IpValue(GoAddress address) : CelLibraryObject(IpType)
    {
        public GoAddress Address => address;

        internal override long? Size => address.Width / 8;

        public override bool EqualTo(CelValue other) => other is IpValue ip && ip.Address == address;

        public override string ToString() => address.ToString();
    }
}
