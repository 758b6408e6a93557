using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Kobune.Proxy.Relays;

namespace Kobune.Cli.Tunnels;

/// <summary>
/// `tunnel --bind-address`: every port of every LoadBalancer Service, and 80 and 443 when there is an Ingress, on an address of this computer.
/// Connections go to the node: its node port, or the ports of its ingress controller.
/// </summary>
internal sealed class TunnelListeners(IPAddress address, IPAddress node, TimeProvider time, Action<string, bool> tell) : IAsyncDisposable
{
    private readonly Dictionary<(string Protocol, int Port), (IRelay Relay, string Owner, int Target)> _open = [];

    /// <summary>What is wanted now; returns what could not be had, one phrase each.</summary>
    public async Task<IReadOnlyList<string>> ApplyAsync(IEnumerable<JsonElement> services, bool ingress)
    {
        var problems = new List<string>();
        var wanted = Wanted(services, problems);
        if (ingress)
        {
            wanted.TryAdd(("tcp", 80), ("ingress", 80));
            wanted.TryAdd(("tcp", 443), ("ingress", 443));
        }

        foreach (var key in _open.Keys.Where(k => !wanted.TryGetValue(k, out var w) || w != (_open[k].Owner, _open[k].Target)).ToList())
        {
            _open.Remove(key, out var gone);
            await gone.Relay.DisposeAsync();
            tell($"{gone.Owner} {key.Port}/{key.Protocol}", false);
        }

        foreach (var (key, (owner, target)) in wanted.Where(w => !_open.ContainsKey(w.Key)))
        {
            try
            {
                var relay = Relay.Open(key.Protocol, new(address, key.Port), time);
                relay.Backends.Replace([new(node, target)], TimeSpan.Zero);
                _open[key] = (relay, owner, target);
                tell($"{owner} {key.Port}/{key.Protocol}", true);
            }
            catch (Exception e) when (e is SocketException or NotSupportedException)
            {
                problems.Add($"{owner} {address}:{key.Port}/{key.Protocol}: {e.Message}");
            }
        }

        return problems;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (relay, _, _) in _open.Values)
        {
            await relay.DisposeAsync();
        }

        _open.Clear();
    }

    /// <summary>The ports to listen on, and whom they belong to; the first Service in order of names has a port that two want.</summary>
    internal static Dictionary<(string Protocol, int Port), (string Owner, int Target)> Wanted(IEnumerable<JsonElement> services, List<string> problems)
    {
        var wanted = new Dictionary<(string, int), (string, int)>();
        foreach (var (name, service) in services.Select(s => (Name(s), s)).OrderBy(s => s.Item1, StringComparer.Ordinal))
        {
            foreach (var port in service.GetProperty("spec").GetProperty("ports").EnumerateArray())
            {
                var number = port.GetProperty("port").GetInt32();
                var key = (port.TryGetProperty("protocol", out var p) ? p.GetString()!.ToLowerInvariant() : "tcp", number);
                if (!port.TryGetProperty("nodePort", out var target) || target.GetInt32() == 0)
                {
                    problems.Add($"{name} {number}: the Service has no node port");
                }
                else if (!wanted.TryAdd(key, (name, target.GetInt32())))
                {
                    problems.Add($"{name} {number}: the port belongs to {wanted[key].Item1}");
                }
            }
        }

        return wanted;
    }

    private static string Name(JsonElement service) => service.GetProperty("metadata").GetProperty("namespace").GetString() + "/" + service.GetProperty("metadata").GetProperty("name").GetString();
}
