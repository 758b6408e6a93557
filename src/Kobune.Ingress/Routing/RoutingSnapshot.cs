using Kobune.Ingress.Certificates;
using Kobune.Ingress.Settings;

namespace Kobune.Ingress.Routing;

/// <summary>All that the data plane knows, at one moment. A request takes one snapshot and keeps it to its end; a new one replaces it whole.</summary>
internal sealed class RoutingSnapshot
{
    /// <summary>The name of the host for everything without a host of its own.</summary>
    public const string AnyHost = "_";

    private readonly Dictionary<string, HostRoutes> _hosts;
    private readonly Dictionary<string, HostRoutes>.AlternateLookup<ReadOnlySpan<char>> _byName;
    private readonly HostRoutes _any;

    /// <param name="global">What holds for all hosts.</param>
    /// <param name="hosts">By name and alias, <see cref="AnyHost"/> among them; wildcard hosts begin with "*.".</param>
    public RoutingSnapshot(GlobalSettings global, IEnumerable<KeyValuePair<string, HostRoutes>> hosts)
    {
        Global = global;
        _hosts = new(hosts, StringComparer.OrdinalIgnoreCase);
        _byName = _hosts.GetAlternateLookup<ReadOnlySpan<char>>();
        _any = _hosts[AnyHost];
    }

    public GlobalSettings Global { get; }

    public IReadOnlyDictionary<string, HostRoutes> Hosts => _hosts;

    /// <summary>The host's own entry, else the wildcard one label up, else the one for all.</summary>
    public HostRoutes Find(ReadOnlySpan<char> host) => Named(host) ?? _any;

    /// <summary>The certificate for a server name of a TLS client; null for the default one.</summary>
    public ServerCertificate? CertificateFor(string? serverName) =>
        string.IsNullOrEmpty(serverName) ? null : Named(serverName.AsSpan().TrimEnd('.')) is { } host ? host.Certificate ?? WildcardOf(serverName)?.Certificate : null;

    private HostRoutes? Named(ReadOnlySpan<char> host) =>
        host.Length > 0 && host[0] != '*' && host is not AnyHost && _byName.TryGetValue(host, out var exact) ? exact : WildcardOf(host);

    private HostRoutes? WildcardOf(ReadOnlySpan<char> host)
    {
        var dot = host.IndexOf('.');
        if (dot <= 0 || host[0] == '*')
        {
            return null;
        }

        Span<char> wildcard = stackalloc char[Math.Min(host.Length - dot + 1, 256)];
        if (host.Length - dot + 1 > wildcard.Length)
        {
            return null;
        }

        wildcard[0] = '*';
        host[dot..].CopyTo(wildcard[1..]);
        return _byName.TryGetValue(wildcard, out var found) ? found : null;
    }
}
