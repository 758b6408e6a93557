using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Kobune.Cel.Values;

namespace Kobune.Cel.Libraries;

/// <summary>An address of either family as Go's netip reads and writes it.</summary>
internal readonly record struct GoAddress(UInt128 Bits, bool IsV4)
{
    private static readonly SearchValues<char> V6Letters = SearchValues.Create("0123456789abcdefABCDEF:.");

    public int Width => IsV4 ? 32 : 128;

    public bool IsV4InV6 => !IsV4 && Bits >> 32 == 0xffff;

    public bool IsUnspecified => Bits == 0;

    public bool IsLoopback => IsV4 ? Bits >> 24 == 127 : Bits == 1;

    public bool IsLinkLocalMulticast => IsV4 ? Bits >> 8 == 0xe00000 : (Bits >> 112 & 0xff0f) == 0xff02;

    public bool IsLinkLocalUnicast => IsV4 ? Bits >> 16 == 0xa9fe : Bits >> 118 == 0x3fa;

    /// <summary>Neither unspecified, loopback, multicast, link-local nor broadcast; private addresses are global here.</summary>
    public bool IsGlobalUnicast => !IsUnspecified && !IsLoopback && !IsMulticast && !IsLinkLocalUnicast && !(IsV4 && Bits == 0xffffffff);

    private bool IsMulticast => IsV4 ? Bits >> 28 == 0xe : Bits >> 120 == 0xff;

    /// <summary>Reads an address, or says with Go's words what is wrong.</summary>
    public static GoAddress? Parse(string text, out string problem)
    {
        problem = "";
        var mark = text.IndexOfAny(['.', ':', '%']);
        var found = mark < 0 || text[mark] == '%' ? null : text[mark] == '.' ? V4(text, out problem) : V6(text, out problem);
        if (found is null)
        {
            problem = mark >= 0 && text[mark] == '%' ? "missing IPv6 address" : problem.Length == 0 ? "unable to parse IP" : problem;
            problem = $"ParseAddr({GoText.Quote(text)}): {problem}";
        }

        return found;
    }

    public GoAddress Masked(int length) => this with { Bits = length == 0 ? 0 : Bits >> (Width - length) << (Width - length) };

    public override string ToString()
    {
        if (IsV4)
        {
            return $"{(uint)Bits >> 24}.{((uint)Bits >> 16) & 0xff}.{((uint)Bits >> 8) & 0xff}.{(uint)Bits & 0xff}";
        }

        var groups = new ushort[8];
        for (var i = 0; i < 8; i++)
        {
            groups[i] = (ushort)(Bits >> (112 - (16 * i)) & 0xffff);
        }

        var (start, length) = LongestZeros(groups);
        string Join(int from, int to) => string.Join(':', groups[from..to].Select(g => g.ToString("x", CultureInfo.InvariantCulture)));
        return length < 2 ? Join(0, 8) : $"{Join(0, start)}::{Join(start + length, 8)}";
    }

    private static (int Start, int Length) LongestZeros(ushort[] groups)
    {
        var best = (Start: 0, Length: 0);
        for (var i = 0; i < groups.Length; i++)
        {
            var end = i;
            while (end < groups.Length && groups[end] == 0)
            {
                end++;
            }

            best = end - i > best.Length ? (i, end - i) : best;
        }

        return best;
    }

    private static GoAddress? V4(string text, out string problem)
    {
        problem = "";
        uint bits = 0;
        var fields = text.Split('.');
        foreach (var field in fields)
        {
            var wrong = field.AsSpan().IndexOfAnyExceptInRange('0', '9');
            problem = wrong >= 0 ? $"unexpected character (at {GoText.Quote(text[(text.IndexOf(field, StringComparison.Ordinal) + wrong)..])})"
                : field.Length == 0 ? "IPv4 field must have at least one digit"
                : field.Length > 1 && field[0] == '0' ? "IPv4 field has octet with leading zero"
                : field.Length > 3 || int.Parse(field, CultureInfo.InvariantCulture) > 255 ? "IPv4 field has value >255"
                : "";
            if (problem.Length > 0)
            {
                return null;
            }

            bits = (bits << 8) | byte.Parse(field, CultureInfo.InvariantCulture);
        }

        problem = fields.Length < 4 ? "IPv4 address too short" : fields.Length > 4 ? "IPv4 address too long" : "";
        return problem.Length > 0 ? null : new(bits, true);
    }

    private static GoAddress? V6(string text, out string problem)
    {
        problem = "unable to parse IP";
        if (text.IndexOf(":::", StringComparison.Ordinal) is >= 0 and var colons)
        {
            problem = $"each colon-separated field must have at least one digit (at {GoText.Quote(text[(colons + 2)..])})";
            return null;
        }

        if (text.AsSpan().IndexOfAnyExcept(V6Letters) >= 0 || text.Split(':').Any(g => g.Length > 4 && !g.Contains('.', StringComparison.Ordinal)))
        {
            return null;
        }

        if (text.LastIndexOf(':') is var colon && text.Contains('.', StringComparison.Ordinal) && V4(text[(colon + 1)..], out problem) is null)
        {
            return null;
        }

        return IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6
            ? new(BinaryPrimitives.ReadUInt128BigEndian(address.GetAddressBytes()), false)
            : null;
    }
}
