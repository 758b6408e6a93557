using System.Net;
using System.Net.Sockets;

namespace Kobune.Proxy.Services;

/// <summary>
/// loadBalancerSourceRanges as an nftables set takes them: of one family, cut to their prefix, none inside another (overlapping intervals would
/// make the kernel refuse the whole transaction).
/// </summary>
internal static class SourceRanges
{
    /// <summary>The ranges in order; empty when everybody may come in (none is given, or one is the whole family).</summary>
    public static IReadOnlyList<string> Of(IEnumerable<string> texts, AddressFamily family)
    {
        var ranges = new List<IPNetwork>();
        foreach (var range in texts.Select(Parse).OfType<IPNetwork>().Where(r => r.BaseAddress.AddressFamily == family).OrderBy(r => r.PrefixLength))
        {
            if (!ranges.Exists(wider => wider.Contains(range.BaseAddress)))
            {
                ranges.Add(range);
            }
        }

        return ranges.Exists(r => r.PrefixLength == 0) ? [] : [.. ranges.Select(r => r.ToString())];
    }

    private static IPNetwork? Parse(string text)
    {
        var parts = text.Trim().Split('/');
        return parts.Length == 2 && IPAddress.TryParse(parts[0], out var address) && int.TryParse(parts[1], out var length) && length >= 0 && length <= address.GetAddressBytes().Length * 8
            ? new(Cut(address, length), length)
            : null;
    }

    private static IPAddress Cut(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var kept = Math.Clamp(length - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xFF << (8 - kept));
        }

        return new(bytes);
    }
}
