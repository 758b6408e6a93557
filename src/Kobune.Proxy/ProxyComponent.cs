using System.Net;
using System.Net.Sockets;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.Proxy.Commands;
using Kobune.Proxy.Health;
using Kobune.Proxy.Nftables;
using Kobune.Proxy.Services;
using Kobune.Proxy.Userspace;
using Kobune.Proxy.VirtualAddresses;
using Microsoft.Extensions.Logging;

namespace Kobune.Proxy;

/// <summary>
/// The service proxy of one node: Services and EndpointSlices to nftables, in the table kobune-proxy, by atomic transactions (rules stay when it
/// stops; the next start replaces them in one transaction), or to relays in mode userspace. Upstream: kube-proxy.
/// </summary>
public sealed partial class ProxyComponent : IComponent
{
    private const string ServiceNameLabel = "kubernetes.io/service-name";
    private const string ZoneLabel = "topology.kubernetes.io/zone";
    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromSeconds(30);
    private readonly ProxyOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ProxyState _state;
    private readonly ProxyMetrics _metrics = new();
    private readonly IInformer<Service> _services;
    private readonly IInformer<EndpointSlice> _slices;
    private readonly IInformer<Node> _nodes;
    private readonly ICacheIndex<EndpointSlice> _slicesByService;

    /// <summary>Asks the factory for its informers; nothing is changed on the node before <see cref="RunAsync"/>.</summary>
    public ProxyComponent(ProxyOptions options, InformerFactory informers, TimeProvider time, ILoggerFactory loggers)
    {
        (_options, _time, _logger) = (options, time, loggers.CreateLogger("Kobune.Proxy"));
        _state = new(time);
        _services = informers.For<Service>();
        _slices = informers.For<EndpointSlice>();
        _nodes = informers.For<Node>(fieldSelector: "metadata.name=" + options.NodeName);
        _slicesByService = _slices.Cache.Index("kube-proxy/service", s => s.Metadata.Labels.GetValueOrDefault(ServiceNameLabel) is { } name ? [s.Metadata.Namespace + "/" + name] : []);
    }

    /// <inheritdoc/>
    public string Name => "kube-proxy";

    /// <summary>Raised on the sync loop after everything known was applied.</summary>
    internal event Action? Applied;

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken ct)
    {
        var commands = new CommandRunner(_options.CommandPrefix);
        IServiceTable[] tables = [.. Families().Select(f => Table(f, commands))];
        var dirty = new DirtyServices();
        using var services = _services.Subscribe(c => MarkService(dirty, c));
        using var slices = _slices.Subscribe(c => Mark(dirty, c));
        using var nodes = _nodes.Subscribe(c => MarkNode(dirty, c));
        await using var server = new ProxyServer(_state, _metrics, _options.Mode == ProxyMode.Nftables ? "nftables" : "userspace", _logger);
        await using var health = new ServiceHealth(_state, _logger);
        try
        {
            await server.OpenAsync(_options.HealthPort, _options.MetricsPort, ct);
            await Task.WhenAll(_services.Synced, _slices.Synced, _nodes.Synced).WaitAsync(ct);
            await AllowLocalhostAsync(commands, ct);
            dirty.AddAll();
            await SyncLoopAsync(tables, health, new NodeAddresses(_options.NodeIPs, commands, _logger), dirty, ct);
        }
        finally
        {
            foreach (var table in tables)
            {
                await table.DisposeAsync();
            }
        }
    }

    private IServiceTable Table(NftFamily family, CommandRunner commands) => _options.Mode == ProxyMode.Nftables
        ? new NftTable(family, CIDRs(family.Family), _options.LocalhostNodePorts, commands, _logger)
        : new UserspaceTable(family, CIDRs(family.Family), commands, _time, _logger);

    private async Task SyncLoopAsync(IServiceTable[] tables, ServiceHealth health, NodeAddresses addresses, DirtyServices dirty, CancellationToken ct)
    {
        var retry = TimeSpan.FromSeconds(1);
        while (true)
        {
            if (!await dirty.WaitAsync(_options.GuardPeriod, _time, ct))
            {
                await GuardAsync(tables, dirty, ct);
                continue;
            }

            var started = _time.GetTimestamp();
            var good = await SyncAsync(tables, health, addresses, dirty, ct);
            _state.Report(good);
            _metrics.Synced(_time.GetElapsedTime(started), good, _time.GetUtcNow());
            if (good)
            {
                Applied?.Invoke();
                retry = TimeSpan.FromSeconds(1);
                var rest = _options.MinSyncPeriod - _time.GetElapsedTime(started);
                if (rest > TimeSpan.Zero)
                {
                    await Task.Delay(rest, _time, ct);
                }
            }
            else
            {
                await Task.Delay(retry, _time, ct);
                retry = retry * 2 < MaxRetryDelay ? retry * 2 : MaxRetryDelay;
                dirty.AddAll();
            }
        }
    }

    private static async Task GuardAsync(IServiceTable[] tables, DirtyServices dirty, CancellationToken ct)
    {
        foreach (var table in tables)
        {
            if (!await table.IsThereAsync(ct))
            {
                dirty.AddAll();
            }
        }
    }

    private async Task<bool> SyncAsync(IServiceTable[] tables, ServiceHealth health, NodeAddresses addresses, DirtyServices dirty, CancellationToken ct)
    {
        var (all, names) = dirty.Take();
        var good = true;
        foreach (var table in tables)
        {
            var nodePortIPs = NodePortIPs(table.Family);
            foreach (var name in all ? [.. _services.Cache.List().Select(s => ObjectKey.Of(s).ToString()).Union(table.Services)] : names)
            {
                var ports = Build(table.Family, name);
                table.Set(name, ports, nodePortIPs);
                if (table == tables[0])
                {
                    health.Set(name, ports);
                    addresses.Set(name, AddressKeeper.Kept(Find(name), _slicesByService[name], _options.NodeName));
                }
            }

            good &= await table.ApplyAsync(ct);
        }

        good &= await addresses.ApplyAsync(ct);
        await health.ApplyAsync(ct);
        return good;
    }

    private IReadOnlyList<ServicePortModel> Build(AddressFamily family, string name) =>
        Find(name) is { } service ? ServiceModels.Build(service, _slicesByService[name], family, Place) : [];

    private Service? Find(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        return _services.Cache.Find(name[..slash], name[(slash + 1)..]);
    }

    private NodePlace Place => new(_options.NodeName, _nodes.Cache.Find("", _options.NodeName)?.Metadata.Labels.GetValueOrDefault(ZoneLabel) ?? "");

    private void MarkService(DirtyServices dirty, Change<Service> change)
    {
        _metrics.ServiceChanged(_time.GetUtcNow());
        dirty.Add(change.Key.ToString());
    }

    private void Mark(DirtyServices dirty, Change<EndpointSlice> change)
    {
        _metrics.EndpointsChanged(_time.GetUtcNow());
        foreach (var slice in (EndpointSlice?[])[change.Old, change.New])
        {
            if (slice?.Metadata.Labels.GetValueOrDefault(ServiceNameLabel) is { } service)
            {
                dirty.Add(slice.Metadata.Namespace + "/" + service);
            }
        }
    }

    private static void MarkNode(DirtyServices dirty, Change<Node> change)
    {
        // The node's status changes every few minutes; only its addresses and its zone matter here.
        var (before, now) = (change.Old?.Status.Addresses ?? [], change.New?.Status.Addresses ?? []);
        if (!before.SequenceEqual(now) || change.Old?.Metadata.Labels.GetValueOrDefault(ZoneLabel) != change.New?.Metadata.Labels.GetValueOrDefault(ZoneLabel))
        {
            dirty.AddAll();
        }
    }

    private IReadOnlyList<IPAddress> NodePortIPs(AddressFamily family)
    {
        var reported = _nodes.Cache.Find("", _options.NodeName)?.Status.Addresses.Where(a => a.Type is "InternalIP" or "ExternalIP").Select(a => IPAddress.TryParse(a.Address, out var ip) ? ip : null) ?? [];
        var addresses = _options.NodeIPs.Concat(reported.OfType<IPAddress>()).Where(a => a.AddressFamily == family).Distinct();
        IPAddress[] loopback = _options.LocalhostNodePorts && family == AddressFamily.InterNetwork ? [IPAddress.Loopback] : [];
        return NodePortChoice.Of([.. addresses, .. loopback], _options.NodePortAddresses);
    }

    private string[] CIDRs(AddressFamily family) => [.. _options.ClusterCIDRs.Where(c => IPNetwork.Parse(c).BaseAddress.AddressFamily == family)];

    private IEnumerable<NftFamily> Families()
    {
        yield return NftFamily.V4;
        if (_options.NodeIPs.Any(a => a.AddressFamily == AddressFamily.InterNetworkV6))
        {
            yield return NftFamily.V6;
        }
    }

    private async Task AllowLocalhostAsync(CommandRunner commands, CancellationToken ct)
    {
        if (_options.LocalhostNodePorts)
        {
            var (code, output) = await commands.RunAsync(["sh", "-c", "echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet"], "", ct);
            if (code != 0)
            {
                LogNoLocalhost(output.Trim());
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Node ports will not answer on 127.0.0.1, route_localnet could not be set: {Output}")]
    private partial void LogNoLocalhost(string output);
}
