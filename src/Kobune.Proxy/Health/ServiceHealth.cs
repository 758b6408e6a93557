using System.Net;
using System.Text.Json;
using Kobune.Proxy.Services;
using Microsoft.Extensions.Logging;

namespace Kobune.Proxy.Health;

/// <summary>
/// Answers outer load balancers on the health check node port of each Service with external policy Local: 200 while this node has ready
/// endpoints of it, else 503. Upstream: pkg/proxy/healthcheck/service_health.go.
/// </summary>
internal sealed partial class ServiceHealth(ProxyState state, ILogger logger) : IAsyncDisposable
{
    private readonly Dictionary<string, (int Port, int Endpoints)> _wanted = [];
    private readonly Dictionary<int, (string Service, HttpPort Server)> _open = [];
    private readonly Lock _gate = new();
    private volatile bool _changed;

    /// <summary>Notes what a Service wants; ports open and close in <see cref="ApplyAsync"/>.</summary>
    public void Set(string service, IReadOnlyList<ServicePortModel> ports)
    {
        var port = ports.FirstOrDefault(p => p.HealthCheckNodePort > 0)?.HealthCheckNodePort ?? 0;
        var now = (port, ports.SelectMany(p => p.LocalReady).Distinct().Count());
        lock (_gate)
        {
            var had = _wanted.GetValueOrDefault(service);
            if (port == 0)
            {
                _wanted.Remove(service);
            }
            else
            {
                _wanted[service] = now;
            }

            _changed |= had.Port != port;
        }
    }

    /// <summary>Opens and closes what changed; a port that somebody else holds is logged and tried again at the next change.</summary>
    public async Task ApplyAsync(CancellationToken ct)
    {
        if (!_changed)
        {
            return;
        }

        _changed = false;
        Dictionary<int, string> wanted;
        lock (_gate)
        {
            wanted = _wanted.GroupBy(w => w.Value.Port).ToDictionary(g => g.Key, g => g.Min(w => w.Key)!);
        }

        foreach (var port in _open.Keys.Where(p => wanted.GetValueOrDefault(p) != _open[p].Service).ToList())
        {
            _open.Remove(port, out var gone);
            await gone.Server.DisposeAsync();
        }

        foreach (var (port, service) in wanted.Where(w => !_open.ContainsKey(w.Key)))
        {
            try
            {
                _open[port] = (service, await HttpPort.OpenAsync([new(IPAddress.IPv6Any, port)], _ => Answer(service), ct));
            }
            catch (IOException e)
            {
                LogTaken(port, service, e.Message);
                _changed = true;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, server) in _open.Values)
        {
            await server.DisposeAsync();
        }

        _open.Clear();
    }

    internal HttpAnswer Answer(string service)
    {
        int count;
        lock (_gate)
        {
            count = _wanted.GetValueOrDefault(service).Endpoints;
        }

        var slash = service.IndexOf('/', StringComparison.Ordinal);
        var (ns, name) = (JsonEncodedText.Encode(service[..slash]), JsonEncodedText.Encode(service[(slash + 1)..]));
        var healthy = state.IsHealthy;
        var body = $$"""{"service": {"namespace": "{{ns}}", "name": "{{name}}"}, "localEndpoints": {{count}}, "serviceProxyHealthy": {{(healthy ? "true" : "false")}}}""";
        return new(count > 0 && healthy ? 200 : 503, "application/json", body, count);
    }

    [LoggerMessage(LogLevel.Error, "Health check node port {Port} of Service {Service} cannot be served: {Problem}")]
    private partial void LogTaken(int port, string service, string problem);
}
