using System.Net;
using System.Net.Sockets;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.Proxy.Commands;
using Kobune.Proxy.Nftables;
using Kobune.Proxy.Services;
using Microsoft.Extensions.Logging;

namespace Kobune.Proxy;

/// <summary>
/// The service proxy of one node: Services and EndpointSlices to nftables, in the table kobune-proxy, by atomic transactions. Rules stay when it
/// stops; the next start replaces them in one transaction. Upstream: kube-proxy in nftables mode.
/// </summary>
public sealed partial class ProxyComponent : IComponent
{
    private const string ServiceNameLabel = "kubernetes.io/service-name";
    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromSeconds(30);
    private readonly ProxyOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IInformer<Service> _services;
    private readonly IInformer<EndpointSlice> _slices;
    private readonly IInformer<Node> _nodes;
    private readonly ICacheIndex<EndpointSlice> _slicesByService;

    /// <summary>Asks the factory for its informers; nothing is changed on the node before <see cref="RunAsync"/>.</summary>
    public ProxyComponent(ProxyOptions options, InformerFactory informers, TimeProvider time, ILoggerFactory loggers)
    {
        (_options, _time, _logger) = (options, time, loggers.CreateLogger("Kobune.Proxy"));
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
        NftTable[] tables = [.. Families().Select(f => new NftTable(f, CIDRs(f), _options.LocalhostNodePorts, commands, _logger))];
        var dirty = new DirtyServices();
        using var services = _services.Subscribe(c => dirty.Add(c.Key.ToString()));
        using var slices = _slices.Subscribe(c => Mark(dirty, c));
        using var nodes = _nodes.Subscribe(c => MarkNode(dirty, c));
        await Task.WhenAll(_services.Synced, _slices.Synced, _nodes.Synced).WaitAsync(ct);
        await AllowLocalhostAsync(commands, ct);
        dirty.AddAll();
        await SyncLoopAsync(tables, dirty, ct);
    }

    private async Task SyncLoopAsync(NftTable[] tables, DirtyServices dirty, CancellationToken ct)
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
            if (await SyncAsync(tables, dirty, ct))
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

    private static async Task GuardAsync(NftTable[] tables, DirtyServices dirty, CancellationToken ct)
    {
        foreach (var table in tables)
        {
            if (!await table.IsThereAsync(ct))
            {
                dirty.AddAll();
            }
        }
    }

    private async Task<bool> SyncAsync(NftTable[] tables, DirtyServices dirty, CancellationToken ct)
    {
        var (all, names) = dirty.Take();
        var good = true;
        foreach (var table in tables)
        {
            var rules = new ServiceRules(table.Family, CIDRs(table.Family), NodePortIPs(table.Family));
            foreach (var name in all ? [.. _services.Cache.List().Select(s => ObjectKey.Of(s).ToString()).Union(table.Services)] : names)
            {
                table.Set(name, Build(rules, table.Family, name));
            }

            good &= await table.ApplyAsync(ct);
        }

        return good;
    }

    private NftFragment Build(ServiceRules rules, NftFamily family, string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        return _services.Cache.Find(name[..slash], name[(slash + 1)..]) is { } service
            ? rules.Build(ServiceModels.Build(service, _slicesByService[name], family.Family, _options.NodeName))
            : NftFragment.Empty;
    }

    private static void Mark(DirtyServices dirty, Change<EndpointSlice> change)
    {
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
        // The node's status changes every few minutes; only its addresses matter here.
        var (before, now) = (change.Old?.Status.Addresses ?? [], change.New?.Status.Addresses ?? []);
        if (!before.SequenceEqual(now))
        {
            dirty.AddAll();
        }
    }

    private IReadOnlyList<IPAddress> NodePortIPs(NftFamily family)
    {
        var reported = _nodes.Cache.Find("", _options.NodeName)?.Status.Addresses.Where(a => a.Type is "InternalIP" or "ExternalIP").Select(a => IPAddress.TryParse(a.Address, out var ip) ? ip : null) ?? [];
        var addresses = _options.NodeIPs.Concat(reported.OfType<IPAddress>()).Where(a => a.AddressFamily == family.Family).Distinct();
        return [.. addresses, .. _options.LocalhostNodePorts && family == NftFamily.V4 ? [IPAddress.Loopback] : (IPAddress[])[]];
    }

    private string[] CIDRs(NftFamily family) => [.. _options.ClusterCIDRs.Where(c => IPNetwork.Parse(c).BaseAddress.AddressFamily == family.Family)];

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
