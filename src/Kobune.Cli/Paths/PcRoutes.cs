using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Kobune.Cli.Paths;

/// <summary>The PC's IPv4 routes, read from /proc/net/route. Source: proc(5).</summary>
internal static class PcRoutes
{
    /// <summary>The next hop for an address by the longest prefix: a gateway, 0.0.0.0 for a network of the PC's own; null without a way.</summary>
    /// <param name="table">The file's text.</param>
    /// <param name="address">Where to.</param>
    public static IPAddress? NextHop(string table, IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetwork)
        {
            return null;
        }

        var wanted = BinaryPrimitives.ReadUInt32LittleEndian(address.GetAddressBytes());
        IPAddress? best = null;
        var longest = -1;
        foreach (var line in table.Split('\n').Skip(1))
        {
            var words = line.Split('\t', StringSplitOptions.TrimEntries);
            if (words.Length < 8 || !Hex(words[1], out var network) || !Hex(words[2], out var gateway) || !Hex(words[7], out var mask) || (wanted & mask) != network)
            {
                continue;
            }

            var length = System.Numerics.BitOperations.PopCount(mask);
            if (length > longest)
            {
                (longest, best) = (length, new IPAddress(gateway));
            }
        }

        return best;
    }

    // The kernel writes network byte order as a little-endian word, which is also how IPAddress keeps it.
    private static bool Hex(string text, out uint value) => uint.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out value);
}
