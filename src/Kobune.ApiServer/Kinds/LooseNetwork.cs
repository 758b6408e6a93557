using System.Globalization;
using System.Net;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds;

/// <summary>Ranges as older fields take them: host bits may be set and numbers may have leading zeros (netutils' ParseCIDRSloppy).</summary>
internal static class LooseNetwork
{
    /// <summary>The address that is written there and the network around it; null when it is no range.</summary>
    public static (IPAddress Address, IPNetwork Network)? Parse(string value)
    {
        var slash = value.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || Address(value[..slash]) is not { } address || !int.TryParse(value.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            return null;
        }

        var bytes = address.GetAddressBytes();
        if (length > bytes.Length * 8)
        {
            return null;
        }

        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] &= (byte)(0xff << (8 - Math.Clamp(length - (i * 8), 0, 8)));
        }

        return (address, new IPNetwork(new IPAddress(bytes), length));
    }

    /// <summary>An address as Go reads it: .NET alone takes "1" and zones too. Null when it is none.</summary>
    public static IPAddress? Address(string value)
    {
        if (value.Contains(':', StringComparison.Ordinal))
        {
            return !value.Contains('%', StringComparison.Ordinal) && IPAddress.TryParse(value, out var long_) ? long_ : null;
        }

        var parts = value.Split('.');
        var bytes = new byte[4];
        for (var i = 0; i < 4; i++)
        {
            if (parts.Length != 4 || !byte.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out bytes[i]))
            {
                return null;
            }
        }

        return new IPAddress(bytes);
    }
}
