using System.Net;
using System.Net.Sockets;
using System.Text;
using Kobune.Proxy.Commands;
using Kobune.Proxy.Nftables;
using Kobune.Proxy.Relays;
using Kobune.Proxy.Services;
using Microsoft.Extensions.Logging;

namespace Kobune.Proxy.Userspace;

/// <summary>
/// The fallback without nftables: the node takes every Service address as its own (a local route) and this process listens there and passes
/// connections on. Senders are not seen by the pods, and SCTP is not possible; upstream's userspace mode had the same limits.
/// </summary>
internal sealed partial class UserspaceTable(NftFamily family, IReadOnlyList<string> clusterCIDRs, CommandRunner commands, TimeProvider time, ILogger logger) : IServiceTable
{
    /// <summary>Marks our routes among the others (RFC 5290 leaves 192 to 252 free for the administrator).</summary>
    private const int RouteProtocol = 243;

    private readonly Dictionary<string, List<Frontend>> _wanted = [];
    private readonly Dictionary<FrontendKey, IRelay> _open = [];
    private readonly HashSet<IPAddress> _addresses = [];
    private readonly HashSet<FrontendKey> _told = [];
    private bool _first = true;

    public AddressFamily Family => family.Family;

    public IReadOnlyList<string> Services => [.. _wanted.Keys];

    public void Set(string service, IReadOnlyList<ServicePortModel> ports, IReadOnlyList<IPAddress> nodePortIPs)
    {
        var frontends = Frontend.Of(ports, nodePortIPs, clusterCIDRs).ToList();
        if (frontends.Count == 0)
        {
            _wanted.Remove(service);
        }
        else
        {
            _wanted[service] = frontends;
        }
    }

    public async Task<bool> ApplyAsync(CancellationToken ct)
    {
        var wanted = new Dictionary<FrontendKey, Frontend>();
        foreach (var frontend in _wanted.OrderBy(w => w.Key, StringComparer.Ordinal).SelectMany(w => w.Value))
        {
            wanted.TryAdd(frontend.Key, frontend); // the first Service in order of names counts, as in nftables mode
        }

        var good = await TakeAddressesAsync([.. wanted.Values.Where(f => f.Owned).Select(f => f.Key.Endpoint.Address)], ct);
        foreach (var gone in _open.Keys.Where(k => !wanted.TryGetValue(k, out var f) || f.Targets.Count == 0).ToList())
        {
            _open.Remove(gone, out var relay);
            await relay!.DisposeAsync();
        }

        foreach (var frontend in wanted.Values.Where(f => f.Targets.Count > 0))
        {
            good &= Serve(frontend);
        }

        return good;
    }

    public Task<bool> IsThereAsync(CancellationToken ct) => Task.FromResult(true);

    public async ValueTask DisposeAsync()
    {
        foreach (var relay in _open.Values)
        {
            await relay.DisposeAsync();
        }

        _open.Clear();
    }

    private bool Serve(Frontend frontend)
    {
        if (!_open.TryGetValue(frontend.Key, out var relay))
        {
            try
            {
                _open[frontend.Key] = relay = Relay.Open(frontend.Key.Protocol, frontend.Key.Endpoint, time);
            }
            catch (NotSupportedException)
            {
                if (_told.Add(frontend.Key))
                {
                    LogUnsupported(frontend.Key.Endpoint, frontend.Key.Protocol);
                }

                return true;
            }
            catch (SocketException e)
            {
                LogCannotListen(frontend.Key.Endpoint, e.Message);
                return false;
            }
        }

        relay.Backends.Replace(frontend.Targets, frontend.Affinity, frontend.Admitted);
        return true;
    }

    /// <summary>Local routes make the kernel treat the addresses as the node's own; what another mode or an earlier process left goes first.</summary>
    private async Task<bool> TakeAddressesAsync(HashSet<IPAddress> wanted, CancellationToken ct)
    {
        var host = family.Family == AddressFamily.InterNetwork ? 32 : 128;
        var batch = new StringBuilder();
        if (_first)
        {
            await commands.RunAsync(["nft", "-f", "-"], $"add table {family.Of}\ndelete table {family.Of}\n", ct); // there may be no nft: that is what this mode is for
            await commands.RunAsync([.. Ip, "route", "flush", "table", "local", "proto", $"{RouteProtocol}"], "", ct);
            _addresses.Clear();
        }

        foreach (var address in _addresses.Except(wanted))
        {
            batch.Append($"route del local {address}/{host} dev lo proto {RouteProtocol}\n");
        }

        foreach (var address in wanted.Except(_addresses))
        {
            batch.Append($"route replace local {address}/{host} dev lo proto {RouteProtocol}\n");
        }

        if (batch.Length > 0)
        {
            var (code, output) = await commands.RunAsync([.. Ip, "-batch", "-"], batch.ToString(), ct);
            if (code != 0)
            {
                LogNoRoute(output.Trim());
                _first = true;
                return false;
            }
        }

        _first = false;
        _addresses.Clear();
        _addresses.UnionWith(wanted);
        return true;
    }

    private string[] Ip => ["ip", family.Family == AddressFamily.InterNetwork ? "-4" : "-6"];

    [LoggerMessage(LogLevel.Warning, "{Endpoint} is not served: proxy mode userspace cannot relay {Protocol}")]
    private partial void LogUnsupported(IPEndPoint endpoint, string protocol);

    [LoggerMessage(LogLevel.Error, "Cannot listen on {Endpoint}: {Problem}")]
    private partial void LogCannotListen(IPEndPoint endpoint, string problem);

    [LoggerMessage(LogLevel.Error, "The node could not take the addresses of Services: {Output}")]
    private partial void LogNoRoute(string output);
}
