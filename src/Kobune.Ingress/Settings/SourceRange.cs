using System.Net;
using System.Net.Sockets;

namespace Kobune.Ingress.Settings;

/// <summary>Lists of addresses and networks.</summary>
internal static class SourceRange
{
    /// <summary>The networks, or the first entry that is none. An address alone is a network of one.</summary>
    public static (IReadOnlyList<IPNetwork>? Ranges, string? Bad) Parse(string[]? texts)
    {
        if (texts is null)
        {
            return (null, null);
        }

        var ranges = new List<IPNetwork>(texts.Length);
        foreach (var text in texts)
        {
            if (One(text) is not { } range)
            {
                return (null, text);
            }

            ranges.Add(range);
        }

        return (ranges, null);
    }

    /// <summary>Whether an address lies in one of the networks; an IPv4 address that came over IPv6 counts as IPv4.</summary>
    public static bool Contains(IReadOnlyList<IPNetwork> ranges, IPAddress? address)
    {
        if (address is null)
        {
            return false;
        }

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (var range in ranges)
        {
            if (range.BaseAddress.AddressFamily == plain.AddressFamily && range.Contains(plain))
            {
                return true;
            }
        }

        return false;
    }

    private static IPNetwork? One(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address))
        {
            return null;
        }

        var whole = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        if (slash >= 0 && (!int.TryParse(text[(slash + 1)..], out var length) || length < 0 || length > whole))
        {
            return null;
        }

        return new IPNetwork(Masked(address, slash < 0 ? whole : int.Parse(text[(slash + 1)..])), slash < 0 ? whole : int.Parse(text[(slash + 1)..]));
    }

    /// <summary>"10.1.2.3/8" is 10.0.0.0/8, as for nginx; the framework's type refuses bits beyond the prefix.</summary>
    private static IPAddress Masked(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var keep = Math.Clamp(length - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xff << (8 - keep));
        }

        return new(bytes);
    }
}
