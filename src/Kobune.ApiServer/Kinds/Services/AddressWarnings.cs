using System.Net;
using System.Net.Sockets;

namespace Kobune.ApiServer.Kinds.Services;

/// <summary>Addresses that are good, but not written as the world writes them (k8s.io/apimachinery, util/validation: GetWarningsForIP and GetWarningsForCIDR).</summary>
internal static class AddressWarnings
{
    public static IEnumerable<string> OfIP(string value, string path) =>
        LooseNetwork.Address(value) is not { } address ? []
        : StrictNetwork.HasLeadingZero(value) || address.IsIPv4MappedToIPv6 ? [$"{path}: non-standard IP address \"{value}\" will be considered invalid in a future Kubernetes release: use \"{Short(address)}\""]
        : address.AddressFamily == AddressFamily.InterNetworkV6 && address.ToString() != value ? [$"{path}: IPv6 address \"{value}\" should be in RFC 5952 canonical format (\"{address}\")"]
        : [];

    public static IEnumerable<string> OfCidr(string value, string path)
    {
        if (LooseNetwork.Parse(value) is not var (address, network))
        {
            return [];
        }

        string[] warnings =
        [
            .. network.BaseAddress.Equals(address) ? (string[])[] : [$"{path}: CIDR value \"{value}\" is ambiguous in this context (should be \"{network}\" or \"{address}/{address.GetAddressBytes().Length * 8}\"?)"],
            .. StrictNetwork.CidrHasLeadingZero(value) || address.IsIPv4MappedToIPv6 ? [$"{path}: non-standard CIDR value \"{value}\" will be considered invalid in a future Kubernetes release: use \"{network}\""] : (string[])[],
        ];
        return warnings.Length > 0 ? warnings
            : address.AddressFamily == AddressFamily.InterNetworkV6 && network.ToString() != value ? [$"{path}: IPv6 CIDR value \"{value}\" should be in RFC 5952 canonical format (\"{network}\")"]
            : [];
    }

    private static IPAddress Short(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
