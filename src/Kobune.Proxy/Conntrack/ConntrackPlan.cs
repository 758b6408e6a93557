using System.Net.Sockets;
using Kobune.Proxy.Nftables;

namespace Kobune.Proxy.Conntrack;

/// <summary>
/// Which conntrack entries have to go. UDP and SCTP have no end that the kernel sees: while a client keeps sending, an entry leads to an
/// endpoint that is gone, or (made while there was none) to nowhere. Upstream: pkg/proxy/conntrack.
/// </summary>
internal static class ConntrackPlan
{
    /// <summary>Arguments of `conntrack`, one call each.</summary>
    public static IReadOnlyList<string[]> Compute(IReadOnlySet<Flow> before, IReadOnlySet<Flow> now)
    {
        var calls = new List<string[]>();
        var had = before.Where(f => f.Endpoint is not null).Select(f => (f.Protocol, f.Address, f.Port)).ToHashSet();
        foreach (var flow in now.Where(f => f.Endpoint is not null).Select(f => f with { Endpoint = null }).Distinct())
        {
            if (!had.Contains((flow.Protocol, flow.Address, flow.Port)))
            {
                calls.Add(Delete(flow)); // the first endpoints came
            }
        }

        foreach (var flow in before.Where(f => f.Endpoint is not null && !now.Contains(f)))
        {
            calls.Add(Delete(flow));
        }

        return calls;
    }

    private static string[] Delete(Flow flow)
    {
        string[] call =
        [
            "conntrack", "-D", "-f", flow.Address.AddressFamily == AddressFamily.InterNetwork ? "ipv4" : "ipv6",
            "-p", flow.Protocol, "--orig-dst", flow.Address.ToString(), "--orig-port-dst", flow.Port.ToString(),
        ];
        return flow.Endpoint is null ? call : [.. call, "--dst-nat", flow.Endpoint.ToString()];
    }
}
