using System.Collections.Immutable;
using Kobune.Api.Networking.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Microsoft.Extensions.Logging;

namespace Kobune.Dns.Ingresses;

/// <summary>A DNS server beside the cluster's own, for the PC: it answers the hosts of all Ingresses with the node's address.</summary>
public sealed partial class IngressDnsComponent : IComponent
{
    private readonly IngressDnsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IInformer<Ingress> _ingresses;
    private readonly TaskCompletionSource<DnsServer> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Asks the factory for its informer; nothing is bound before <see cref="RunAsync"/>.</summary>
    public IngressDnsComponent(IngressDnsOptions options, InformerFactory informers, TimeProvider time, ILoggerFactory loggers)
    {
        (_options, _time, _logger) = (options, time, loggers.CreateLogger("Kobune.Dns.Ingresses"));
        _ingresses = informers.For<Ingress>();
        Zone = new(options.Addresses);
    }

    /// <inheritdoc/>
    public string Name => "ingress-dns";

    internal IngressZone Zone { get; }

    /// <summary>The server of the first run, once its sockets are bound.</summary>
    internal Task<DnsServer> Listening => _listening.Task;

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken ct)
    {
        await _ingresses.Synced.WaitAsync(ct);
        using var subscription = _ingresses.Subscribe(change =>
        {
            if (change.Old is null || change.New is null || !change.Old.Spec.Equals(change.New.Spec))
            {
                Zone.Hosts = HostsOf(_ingresses.Cache.List());
            }
        });
        await using var server = new DnsServer(new() { Listen = _options.Listen }, Zone, _time, _logger);
        _listening.TrySetResult(server);
        LogListening(string.Join(", ", server.UdpEndpoints));
        await server.RunAsync(ct);
    }

    /// <summary>Hosts of rules and of TLS sections, in lower case.</summary>
    internal static ImmutableHashSet<string> HostsOf(IEnumerable<Ingress> ingresses) =>
        [.. ingresses.SelectMany(i => i.Spec.Rules.Select(r => r.Host).Concat(i.Spec.TLS.SelectMany(t => t.Hosts))).Where(h => h.Length > 0).Select(h => h.ToLowerInvariant())];

    [LoggerMessage(LogLevel.Information, "DNS for the hosts of Ingresses listens on {Endpoints}")]
    private partial void LogListening(string endpoints);
}
