using System.Net;
using System.Net.Sockets;

namespace Kobune.Kubelet.Registry;

/// <summary>
/// Address ranges whose registries are insecure. containerd knows hosts only, so a host is looked at when an image of it is asked for, as docker does it:
/// its address, or one that its name stands for, lies in a range (moby, daemon/pkg/registry/config.go, isCIDRMatch).
/// </summary>
/// <param name="ranges">Ranges that the user named.</param>
/// <param name="services">The cluster's own Service range, which minikube always adds; only literal addresses count here, so that no name is looked up.</param>
public sealed class InsecureRanges(IReadOnlyList<IPNetwork> ranges, IReadOnlyList<IPNetwork> services)
{
    private static readonly TimeSpan LookupLimit = TimeSpan.FromSeconds(2);

    /// <summary>The ranges among the values of --insecure-registry.</summary>
    public static InsecureRanges Of(IReadOnlyList<string> insecure, string serviceRange = "") => new(Parse(insecure), Parse([serviceRange]));

    /// <summary>Whether a registry lies in a range.</summary>
    /// <param name="host">"10.96.3.4:5000", "registry.test:5000", "[fd00::1]:5000".</param>
    /// <param name="resolve">Looks a name up.</param>
    /// <param name="time">The clock, which limits the look-up.</param>
    /// <param name="ct">Cancels.</param>
    public async Task<bool> ContainsAsync(string host, Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeProvider time, CancellationToken ct)
    {
        var name = NameOf(host);
        if (IPAddress.TryParse(name, out var address))
        {
            return Contains(ranges, address) || Contains(services, address);
        }

        if (ranges.Count == 0)
        {
            return false;
        }

        using var limit = new CancellationTokenSource(LookupLimit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            return (await resolve(name, both.Token)).Any(a => Contains(ranges, a));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            return false; // a name that nobody knows is in no range; the pull says the rest
        }
    }

    private static string NameOf(string host)
    {
        var colon = host.LastIndexOf(':');
        var name = colon > host.LastIndexOf(']') ? host[..colon] : host;
        return name.Trim('[', ']');
    }

    private static bool Contains(IReadOnlyList<IPNetwork> networks, IPAddress address) =>
        networks.Any(n => n.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));

    private static IReadOnlyList<IPNetwork> Parse(IEnumerable<string> values) =>
        [.. values.SelectMany(v => v.Split(',')).Select(v => RegistryHosts.NetworkOf(v.Trim())).OfType<IPNetwork>()];
}
