using System.Net;
using System.Net.Sockets;

namespace Kobune.ApiServer.Kinds.Services;

/// <summary>Addresses that are good, but not written as the world writes them (k8s.io/apimachinery, util/validation: GetWarningsForIP and GetWarningsForCIDR).</summary>
internal static class AddressWarnings
{
    public static IEnumerable<string> OfIP(string value, string path) =>
        IPAddress.TryParse(value, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 && address.ToString() != value
            ? [$"{path}: IPv6 address \"{value}\" should be in RFC 5952 canonical format (\"{address}\")"]
            : [];

    public static IEnumerable<string> OfCidr(string value, string path)
    {
        var slash = value.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !IPAddress.TryParse(value.AsSpan(0, slash), out var address) || !int.TryParse(value.AsSpan(slash + 1), out var length) || length < 0 || length > address.GetAddressBytes().Length * 8)
        {
            return [];
        }

        var network = new IPNetwork(Masked(address, length), length);
        return !network.BaseAddress.Equals(address) ? [$"{path}: CIDR value \"{value}\" is ambiguous in this context (should be \"{network}\" or \"{address}/{address.GetAddressBytes().Length * 8}\"?)"]
            : address.AddressFamily == AddressFamily.InterNetworkV6 && network.ToString() != value ? [$"{path}: IPv6 CIDR value \"{value}\" should be in RFC 5952 canonical format (\"{network}\")"]
            : [];
    }

    private static IPAddress Masked(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var kept = Math.Clamp(length - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xff << (8 - kept));
        }

        return new IPAddress(bytes);
    }
}
