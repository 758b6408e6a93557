using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Kobune.Cli.Paths;

/// <summary>The PC's routes, read from /proc/net/route and /proc/net/ipv6_route. Source: proc(5), the kernel's net/ipv6/route.c.</summary>
internal static class PcRoutes
{
    private const int Reject = 0x200;

    /// <summary>The next hop for an address by the PC's own tables; null where it has none.</summary>
    public static async Task<IPAddress?> NextHopAsync(IPAddress address, CancellationToken ct)
    {
        var isV6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        var file = isV6 ? "/proc/net/ipv6_route" : "/proc/net/route";
        return !File.Exists(file) ? null : isV6 ? NextHopV6(await File.ReadAllTextAsync(file, ct), address) : NextHop(await File.ReadAllTextAsync(file, ct), address);
    }

    /// <summary>The same for IPv6: words are network, length, source, its length, gateway, metric, two counts, flags, device.</summary>
    internal static IPAddress? NextHopV6(string table, IPAddress address)
    {
        IPAddress? best = null;
        var longest = -1;
        foreach (var line in table.Split('\n'))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 10 || !Hex(words[1], out var length) || !Hex(words[8], out var flags) || (flags & Reject) != 0 || length <= longest)
            {
                continue;
            }

            if (new IPNetwork(new IPAddress(Convert.FromHexString(words[0])), (int)length).Contains(address))
            {
                (longest, best) = ((int)length, new IPAddress(Convert.FromHexString(words[4])));
            }
        }

        return best;
    }

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
