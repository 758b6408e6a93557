using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.Dns.Configuration;
using Kobune.Dns.Zones;
using Microsoft.Extensions.Logging;

namespace Kobune.Dns;

/// <summary>
/// The cluster's DNS server: names of Services, endpoints and pods from the informers (Services, EndpointSlices, Namespaces, and Pods when a Corefile says "pods verified"), all else from
/// the upstream servers. Behaves as CoreDNS with kubeadm's Corefile. Until the caches are filled, cluster names get SERVFAIL.
/// </summary>
public sealed partial class DnsComponent : IComponent
{
    private readonly DnsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IInformer<Service> _services;
    private readonly IInformer<EndpointSlice> _slices;
    private readonly IInformer<Namespace> _namespaces;
    private readonly IInformer<ConfigMap>? _settings;
    private readonly InformerFactory _informers;
    private readonly TaskCompletionSource<DnsServer> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Asks the factory for its informers; nothing is bound before <see cref="RunAsync"/>.</summary>
    public DnsComponent(DnsOptions options, InformerFactory informers, TimeProvider time, ILoggerFactory loggers)
    {
        (_options, _time, _logger) = (options, time, loggers.CreateLogger("Kobune.Dns"));
        _informers = informers;
        _services = informers.For<Service>();
        _slices = informers.For<EndpointSlice>();
        _namespaces = informers.For<Namespace>();
        _settings = options.ConfigMap is { } key ? informers.For<ConfigMap>(key.Namespace, fieldSelector: "metadata.name=" + key.Name) : null;
    }

    /// <inheritdoc/>
    public string Name => "kube-dns";

    /// <summary>The server of the first run, once its sockets are bound.</summary>
    internal Task<DnsServer> Listening => _listening.Task;

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken ct)
    {
        await using var server = new DnsServer(_options, _time, _logger);
        _listening.TrySetResult(server);
        LogListening(string.Join(", ", server.UdpEndpoints), string.Join(", ", _options.Upstream));
        using var feed = new ZoneFeed(server.Zone, _services, _slices, _namespaces);
        using var settings = _settings?.Subscribe(change => Configure(server, change.New));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var serving = server.RunAsync(stop.Token);
        var syncing = Task.WhenAll(_services.Synced, _slices.Synced, _namespaces.Synced).WaitAsync(stop.Token);
        if (await Task.WhenAny(serving, syncing) == syncing && syncing.IsCompletedSuccessfully)
        {
            server.SetReady();
        }

        try
        {
            await serving;
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    private void Configure(DnsServer server, ConfigMap? map)
    {
        if (CorefileSettings.Parse(map?.Data.GetValueOrDefault("Corefile", "") ?? "") is not { } settings)
        {
            LogUnreadable(_options.ConfigMap!.Value);
            return;
        }

        foreach (var problem in settings.Problems)
        {
            LogProblem(problem);
        }

        if (settings.Zone.Pods == PodRecords.Verified)
        {
            FollowPods(server.Zone);
        }

        server.Configure(settings);
    }

    /// <summary>Pods are followed only when their names are to be verified: there are many, and they change often (CoreDNS does the same, with the same selector).</summary>
    private void FollowPods(ClusterZone zone)
    {
        const string Alive = "status.phase!=Succeeded,status.phase!=Failed,status.phase!=Unknown";
        static string Key(string ns, string address) => ns + "/" + address;
        var pods = _informers.For<Pod>(fieldSelector: Alive);
        var byAddress = pods.Cache.Index("kube-dns/address", p => p.Metadata.DeletionTimestamp is null ? p.Status.PodIPs.Select(i => Key(p.Metadata.Namespace, i.IP)) : []);
        zone.HasPod = (ns, address) => pods.Synced.IsCompletedSuccessfully ? byAddress[Key(ns, address.ToString())].Count > 0 : null;
    }

    [LoggerMessage(LogLevel.Warning, "The Corefile of the ConfigMap {Key} has braces that do not match; what was in force before stays")]
    private partial void LogUnreadable(ObjectKey key);

    [LoggerMessage(LogLevel.Warning, "The Corefile says \"{Problem}\", which the DNS of this cluster does not know")]
    private partial void LogProblem(string problem);

    [LoggerMessage(LogLevel.Information, "DNS listens on {Endpoints}; other names are asked of {Upstream}")]
    private partial void LogListening(string endpoints, string upstream);
}
