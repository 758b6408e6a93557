using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Kobune.Cli.Paths.Probes;

/// <summary>Reads Linux' tables of sockets: /proc/PID/net/tcp, tcp6, udp, udp6. Source: proc(5).</summary>
internal static class SocketTable
{
    private const string TcpListen = "0A";
    private const string UdpUnconnected = "07";

    /// <summary>The sockets of one table that wait for clients.</summary>
    /// <param name="protocol">"TCP" or "UDP".</param>
    /// <param name="text">The table, its header line included.</param>
    public static IEnumerable<Listener> Parse(string protocol, string text)
    {
        var wanted = protocol == "TCP" ? TcpListen : UdpUnconnected;
        foreach (var line in text.Split('\n').Skip(1))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 4 || words[3] != wanted || words[1].Split(':') is not [var address, var port]
                || AddressOf(address) is not { } parsed || !ushort.TryParse(port, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var number))
            {
                continue;
            }

            yield return new(protocol, parsed.ToString(), number);
        }
    }

    // The kernel prints each 32-bit word of the address in the machine's byte order.
    private static IPAddress? AddressOf(string hex)
    {
        if (hex.Length is not (8 or 32))
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[16];
        bytes = bytes[..(hex.Length / 2)];
        for (var i = 0; i < bytes.Length; i += 4)
        {
            if (!uint.TryParse(hex.AsSpan(i * 2, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var word))
            {
                return null;
            }

            if (BitConverter.IsLittleEndian)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(bytes[i..], word);
            }
            else
            {
                BinaryPrimitives.WriteUInt32BigEndian(bytes[i..], word);
            }
        }

        var address = new IPAddress(bytes);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }
}
