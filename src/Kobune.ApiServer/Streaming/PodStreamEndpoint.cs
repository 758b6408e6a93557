using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Kobune.ApiServer.Streaming;

/// <summary>The three streaming subresources of pods.</summary>
public enum PodStreamKind
{
    /// <summary>pods/exec.</summary>
    Exec,

    /// <summary>pods/attach.</summary>
    Attach,

    /// <summary>pods/portforward.</summary>
    PortForward,
}

/// <summary>
/// Connects a client of pods/exec, attach or portforward with the kubelet. SPDY clients are passed through byte by byte; WebSocket clients of exec
/// and attach are translated, those of port-forward tunnelled (k8s.io/kubernetes, registry/core/pod/rest and k8s.io/apiserver, util/proxy).
/// </summary>
public static class PodStreamEndpoint
{
    /// <summary>Serves one authorized and admitted request. <paramref name="address"/> is the kubelet's URL for it, query included.</summary>
    /// <returns>False when the request asks for no upgrade: the caller answers 400 in upstream's words.</returns>
    public static async Task<bool> ServeAsync(HttpContext context, PodStreamKind kind, HttpMessageInvoker kubelet, Uri address, CancellationToken ct)
    {
        if (WebSocketHandshake.IsRequested(context.Request))
        {
            await (kind == PodStreamKind.PortForward ? ForwardAsync(context, kubelet, address, ct) : TranslateAsync(context, kubelet, address, ct));
            return true;
        }

        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
        {
            return false;
        }

        var offered = context.Request.Headers[KubeletUpgrade.ProtocolHeader].SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries));
        using var connection = await KubeletUpgrade.OpenAsync(kubelet, address, offered, ct);
        if (connection.Stream is null)
        {
            await KubeletUpgrade.RefuseAsync(context, connection.Response, ct);
            return true;
        }

        context.Response.Headers.Upgrade = "SPDY/3.1";
        context.Response.Headers.Connection = "Upgrade";
        if (connection.Protocol.Length > 0)
        {
            context.Response.Headers[KubeletUpgrade.ProtocolHeader] = connection.Protocol;
        }

        await using var client = await upgrade.UpgradeAsync();
        await StreamPump.RunAsync(client, connection.Stream, ct);
        return true;
    }

    private static async Task TranslateAsync(HttpContext context, HttpMessageInvoker kubelet, Uri address, CancellationToken ct)
    {
        if (ChannelProtocol.Choose(WebSocketHandshake.Offered(context.Request)) is not { } protocol)
        {
            await RefuseProtocolAsync(context, ct);
            return;
        }

        using var connection = await KubeletUpgrade.OpenAsync(kubelet, address, ["v4.channel.k8s.io"], ct);
        if (connection.Stream is null)
        {
            await KubeletUpgrade.RefuseAsync(context, connection.Response, ct);
            return;
        }

        using var client = new ChannelSocket(await WebSocketHandshake.AcceptAsync(context, protocol.Name), protocol);
        using var spdy = new SpdyClient(connection.Stream);
        await new RemoteCommandTranslator(client, spdy, Streams(context.Request.Query)).RunAsync(ct);
    }

    private static async Task ForwardAsync(HttpContext context, HttpMessageInvoker kubelet, Uri address, CancellationToken ct)
    {
        var offered = WebSocketHandshake.Offered(context.Request);
        var tunnel = offered.Contains(ChannelProtocol.PortForwardTunnel);
        var protocol = ChannelProtocol.Choose(offered);
        var ports = PortForwardChannels.Ports(context.Request.Query["ports"]);
        if (!tunnel && (protocol is null || ports is null))
        {
            await RefuseProtocolAsync(context, ct);
            return;
        }

        using var connection = await KubeletUpgrade.OpenAsync(kubelet, address, ["portforward.k8s.io"], ct);
        if (connection.Stream is null)
        {
            await KubeletUpgrade.RefuseAsync(context, connection.Response, ct);
            return;
        }

        using var socket = await WebSocketHandshake.AcceptAsync(context, tunnel ? ChannelProtocol.PortForwardTunnel : protocol!.Name);
        if (tunnel)
        {
            await StreamPump.RunAsync(socket, connection.Stream, ct);
            return;
        }

        using var client = new ChannelSocket(socket, protocol!);
        using var spdy = new SpdyClient(connection.Stream);
        await new PortForwardChannels(client, spdy, ports!).RunAsync(ct);
    }

    private static RemoteCommandStreams Streams(IQueryCollection query) => new(
        Flag(query, "stdin"), Flag(query, "stdout"), Flag(query, "stderr"), Flag(query, "tty"));

    private static bool Flag(IQueryCollection query, string name) => query[name].ToString() is "1" or "true";

    private static async Task RefuseProtocolAsync(HttpContext context, CancellationToken ct)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        context.Response.ContentType = "text/plain";
        await context.Response.WriteAsync("unable to upgrade: no supported subprotocol\n", ct);
    }
}
