using System.Net;
using System.Net.Sockets;
using Kobune.Proxy.Health;
using Kobune.Proxy.Services;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Proxy.Tests;

public class HealthTests
{
    [Fact]
    public async Task A_health_check_node_port_tells_whether_this_node_has_endpoints()
    {
        var state = new ProxyState(TimeProvider.System);
        state.Report(good: true);
        await using var health = new ServiceHealth(state, NullLogger.Instance);
        var port = FreePort();
        health.Set("shop/web", [Model(port, "10.244.0.5", "10.244.0.6")]);
        await health.ApplyAsync(CancellationToken.None);
        var (status, body, weight) = await AskAsync(port);
        Assert.Equal((HttpStatusCode.OK, """{"service": {"namespace": "shop", "name": "web"}, "localEndpoints": 2, "serviceProxyHealthy": true}""", "2"), (status, body, weight));

        health.Set("shop/web", [Model(port)]);
        await health.ApplyAsync(CancellationToken.None);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await AskAsync(port)).Status);

        health.Set("shop/web", [Model(port, "10.244.0.5")]);
        state.Report(good: false);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await AskAsync(port)).Status);

        health.Set("shop/web", []);
        await health.ApplyAsync(CancellationToken.None);
        await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(port));
    }

    [Fact]
    public async Task The_proxys_own_servers_speak_as_upstreams()
    {
        var state = new ProxyState(TimeProvider.System);
        var metrics = new ProxyMetrics();
        await using var server = new ProxyServer(state, metrics, "nftables", NullLogger.Instance);
        var (health, inside) = (FreePort(), FreePort());
        await server.OpenAsync(health, inside, CancellationToken.None);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await AskAsync(health, "/healthz")).Status);
        state.Report(good: true);
        metrics.ServiceChanged(DateTimeOffset.UnixEpoch.AddSeconds(7));
        metrics.Synced(TimeSpan.FromMilliseconds(3), good: true, DateTimeOffset.UnixEpoch.AddSeconds(8));
        Assert.Contains("\"nodeEligible\": true", (await AskAsync(health, "/healthz")).Body, StringComparison.Ordinal);
        Assert.Equal("nftables", (await AskAsync(inside, "/proxyMode")).Body);
        var text = (await AskAsync(inside, "/metrics")).Body;
        Assert.Contains("\nkubeproxy_sync_proxy_rules_service_changes_total 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\nkubeproxy_sync_proxy_rules_duration_seconds_bucket{le=\"0.004\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\nkubeproxy_sync_proxy_rules_duration_seconds_bucket{le=\"0.002\"} 0\n", text, StringComparison.Ordinal);
        Assert.Contains("\nkubeproxy_sync_proxy_rules_last_timestamp_seconds 8\n", text, StringComparison.Ordinal);
    }

    private static ServicePortModel Model(int port, params string[] ready) => new()
    {
        Service = "shop/web",
        Protocol = "tcp",
        Port = 80,
        ClusterIP = IPAddress.Loopback,
        HealthCheckNodePort = port,
        LocalReady = ready,
    };

    private static async Task<(HttpStatusCode Status, string Body, string Weight)> AskAsync(int port, string path = "/")
    {
        using var client = new HttpClient { Timeout = NetworkLab.Patience };
        using var answer = await client.GetAsync($"http://127.0.0.1:{port}{path}");
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Headers.TryGetValues("X-Load-Balancing-Endpoint-Weight", out var weight) ? weight.Single() : "");
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
