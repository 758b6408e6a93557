using System.Globalization;
using System.Net;

namespace Kobune.Dns.Zones;

/// <summary>Addresses out of in-addr.arpa and ip6.arpa names.</summary>
internal static class ReverseName
{
    private const string V4Suffix = ".in-addr.arpa";
    private const string V6Suffix = ".ip6.arpa";

    /// <summary>Null when the key is no complete reverse name.</summary>
    public static IPAddress? Parse(string key)
    {
        if (key.EndsWith(V4Suffix, StringComparison.Ordinal))
        {
            return ParseV4(key[..^V4Suffix.Length].Split('.'));
        }

        return key.EndsWith(V6Suffix, StringComparison.Ordinal) ? ParseV6(key[..^V6Suffix.Length].Split('.')) : null;
    }

    private static IPAddress? ParseV4(string[] labels)
    {
        Span<byte> bytes = stackalloc byte[4];
        if (labels.Length != bytes.Length)
        {
            return null;
        }

        for (var i = 0; i < bytes.Length; i++)
        {
            if (!byte.TryParse(labels[3 - i], NumberStyles.None, CultureInfo.InvariantCulture, out bytes[i]))
            {
                return null;
            }
        }

        return new(bytes);
    }

    private static IPAddress? ParseV6(string[] labels)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (labels.Length != bytes.Length * 2)
        {
            return null;
        }

        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i].Length != 1 || !char.IsAsciiHexDigit(labels[i][0]))
            {
                return null;
            }

            var nibble = Convert.ToInt32(labels[i], 16);
            bytes[15 - (i / 2)] |= (byte)(i % 2 == 0 ? nibble : nibble << 4);
        }

        return new(bytes);
    }
}
