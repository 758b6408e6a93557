using System.Net;
using Kobune.Dns.Configuration;
using Kobune.Dns.Wire;

namespace Kobune.Dns.Forwarding;

/// <summary>Servers by domain: the longest domain that a name lies in decides.</summary>
internal sealed class RoutedUpstream : IUpstream
{
    private readonly (string Zone, UpstreamClient Client)[] _routes;

    /// <param name="settings">Which domain goes where.</param>
    /// <param name="own">The node's servers, for what has no route.</param>
    /// <param name="listen">Where this server listens: it never asks itself.</param>
    /// <param name="time">For time limits.</param>
    public RoutedUpstream(DnsSettings settings, IReadOnlyList<IPEndPoint> own, IReadOnlyList<IPEndPoint> listen, TimeProvider time)
    {
        UpstreamClient Client(IReadOnlyList<IPEndPoint>? servers) => new([.. (servers ?? own).Where(s => !listen.Contains(s))], time);
        var routes = settings.Forward.Select(f => (f.Key, Client(f.Value))).ToList();
        if (!settings.Forward.ContainsKey(""))
        {
            routes.Add(("", Client(null)));
        }

        _routes = [.. routes.OrderByDescending(r => r.Key.Length)];
    }

    public Task<DnsMessage?> AskAsync(DnsQuestion question, UpstreamOptions options, CancellationToken ct) =>
        _routes.First(r => question.Name.IsWithin(r.Zone)).Client.AskAsync(question, options, ct);
}
