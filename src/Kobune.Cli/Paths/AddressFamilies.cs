using System.Net;
using System.Net.Sockets;
using Kobune.Api.Core.V1;

namespace Kobune.Cli.Paths;

/// <summary>IPv4 and IPv6 of addresses, Services and slices.</summary>
internal static class AddressFamilies
{
    /// <summary>The families of a Service, its first one first; none for one without addresses.</summary>
    public static IReadOnlyList<AddressFamily> Of(Service service) => [.. service.Spec.IPFamilies.Select(Named)];

    /// <summary>From "IPv4" or "IPv6".</summary>
    public static AddressFamily Named(string name) => name == "IPv6" ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;

    /// <summary>The families of addresses, each once, in their order.</summary>
    public static IReadOnlyList<AddressFamily> Of(IEnumerable<string> addresses) =>
        [.. addresses.Select(a => IPAddress.TryParse(a, out var parsed) ? parsed : null).OfType<IPAddress>().Select(a => a.AddressFamily).Distinct()];

    /// <summary>The first address of a family; null without one.</summary>
    public static string? Pick(IEnumerable<string> addresses, AddressFamily family) =>
        addresses.FirstOrDefault(a => IPAddress.TryParse(a, out var parsed) && parsed.AddressFamily == family);
}
