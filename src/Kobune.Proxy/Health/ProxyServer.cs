using System.Net;
using Microsoft.Extensions.Logging;

namespace Kobune.Proxy.Health;

/// <summary>kube-proxy's two servers: health on all addresses (10256), metrics and mode on loopback (10249).</summary>
internal sealed partial class ProxyServer(ProxyState state, ProxyMetrics metrics, string mode, ILogger logger) : IAsyncDisposable
{
    private readonly List<HttpPort> _open = [];

    /// <summary>Opens both; one that is taken is logged and left out, Services do not depend on it.</summary>
    public async Task OpenAsync(int healthPort, int metricsPort, CancellationToken ct)
    {
        await OpenAsync(new(IPAddress.IPv6Any, healthPort), path => path is "/healthz" or "/livez" ? state.Healthz() : HttpAnswer.NotFound, ct);
        await OpenAsync(new(IPAddress.Loopback, metricsPort), Inside, ct);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _open)
        {
            await server.DisposeAsync();
        }
    }

    private HttpAnswer Inside(string path) => path switch
    {
        "/metrics" => new(200, "text/plain; version=0.0.4; charset=utf-8", metrics.Render()),
        "/proxyMode" => new(200, "text/plain; charset=utf-8", mode),
        "/healthz" => new(state.IsHealthy ? 200 : 503, "text/plain; charset=utf-8", state.IsHealthy ? "ok" : "not synchronised"),
        _ => HttpAnswer.NotFound,
    };

    private async Task OpenAsync(IPEndPoint endpoint, Func<string, HttpAnswer> handler, CancellationToken ct)
    {
        if (endpoint.Port == 0)
        {
            return;
        }

        try
        {
            _open.Add(await HttpPort.OpenAsync([endpoint], handler, ct));
        }
        catch (IOException e)
        {
            LogTaken(endpoint, e.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The proxy's server on {Endpoint} cannot listen: {Problem}")]
    private partial void LogTaken(IPEndPoint endpoint, string problem);
}
