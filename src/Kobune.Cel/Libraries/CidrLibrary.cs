using System.Globalization;
using Kobune.Cel.Types;
using Kobune.Cel.Values;
using static Kobune.Cel.Libraries.LibraryValues;

namespace Kobune.Cel.Libraries;

/// <summary>Kubernetes' address ranges.</summary>
internal static class CidrLibrary
{
    private const string ParseProblem = "network address parse error during conversion from string: ";
    private static readonly CelType CidrType = CelType.Opaque("net.CIDR");

    public static readonly CelLibrary Library = new LibraryBuilder("cidr")
        .Type(CidrType.Name, CidrType)
        .Global("cidr", "string_to_cidr", [CelType.String], CidrType, a => Parse(a[0].Text()))
        .Global("isCIDR", "is_cidr", [CelType.String], CelType.Bool, a => Bool(Parse(a[0].Text()) is CidrValue))
        .Global("string", "cidr_to_string", [CidrType], CelType.String, a => Text(a[0].ToString()!))
        .Member("containsIP", "cidr_contains_ip_string", [CidrType, CelType.String], CelType.Bool, a => IpLibrary.Parse(a[1].Text(), out _) is { } ip ? Bool(Cidr(a[0]).Contains(ip)) : CelError.NoSuchOverload)
        .Member("containsIP", "cidr_contains_ip_ip", [CidrType, IpLibrary.IpType], CelType.Bool, a => Bool(Cidr(a[0]).Contains(IpLibrary.Ip(a[1]))))
        .Member("containsCIDR", "cidr_contains_cidr_string", [CidrType, CelType.String], CelType.Bool, a => Parse(a[1].Text()) is CidrValue inner ? Bool(Cidr(a[0]).Contains(inner)) : Parse(a[1].Text()))
        .Member("containsCIDR", "cidr_contains_cidr", [CidrType, CidrType], CelType.Bool, a => Bool(Cidr(a[0]).Contains(Cidr(a[1]))))
        .Member("ip", "cidr_ip", [CidrType], IpLibrary.IpType, a => new IpLibrary.IpValue(Cidr(a[0]).Address))
        .Member("prefixLength", "cidr_prefix_length", [CidrType], CelType.Int, a => CelInt.Of(Cidr(a[0]).Length))
        .Member("masked", "cidr_masked", [CidrType], CidrType, a => new CidrValue(Cidr(a[0]).Address.Masked(Cidr(a[0]).Length), Cidr(a[0]).Length))
        .Build();

    private static CidrValue Cidr(CelValue value) => (CidrValue)value;

    private static CelValue Parse(string text)
    {
        CelError Wrong(string why) => Error($"{ParseProblem}{ParseProblem}netip.ParsePrefix({GoText.Quote(text)}): {why}");
        var slash = text.LastIndexOf('/');
        if (slash < 0)
        {
            return Wrong("no '/'");
        }

        if (GoAddress.Parse(text[..slash], out var problem) is not { } address)
        {
            return Wrong(text[..slash].Contains('%', StringComparison.Ordinal) ? "IPv6 zones cannot be present in a prefix" : problem);
        }

        var bits = text[(slash + 1)..];
        if (!int.TryParse(bits, NumberStyles.None, CultureInfo.InvariantCulture, out var length) || (bits.Length > 1 && bits[0] == '0'))
        {
            return Wrong($"bad bits after slash: {GoText.Quote(bits)}");
        }

        return length > address.Width ? Wrong("prefix length out of range")
            : address.IsV4InV6 ? Error($"{ParseProblem}IPv4-mapped IPv6 address {GoText.Quote(text)} is not allowed")
            : new CidrValue(address, length);
    }

    private sealed class CidrValue(GoAddress address, int length) : CelLibraryObject(CidrType)
    {
        public GoAddress Address => address;

        public int Length => length;

        internal override long? Size => (length + 7) / 8;

        public bool Contains(GoAddress other) => other.IsV4 == address.IsV4 && other.Masked(length) == address.Masked(length);

        /// <summary>A wider range is not inside.</summary>
        public bool Contains(CidrValue other) => length <= other.Length && Contains(other.Address);

        public override bool EqualTo(CelValue other) => other is CidrValue cidr && cidr.Address == address && cidr.Length == length;

        public override string ToString() => $"{address}/{length}";
    }
}
