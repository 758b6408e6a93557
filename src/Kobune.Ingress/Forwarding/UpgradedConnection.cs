using System.Buffers;
using Kobune.Ingress.Serving;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Kobune.Ingress.Forwarding;

/// <summary>A connection that left HTTP: bytes in both directions until one side ends or nothing moved for proxy-read-timeout.</summary>
internal static class UpgradedConnection
{
    private const int ChunkSize = 16 * 1024;

    /// <summary>Whether the client asks to leave HTTP, by HTTP/1.1's upgrade or by HTTP/2's CONNECT for WebSockets.</summary>
    public static bool IsAsked(IngressCall call, out bool overHttp2)
    {
        overHttp2 = call.Http.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" };
        return overHttp2 || (call.Http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } && call.Http.Request.Headers.Upgrade.Count > 0);
    }

    /// <summary>Follows the endpoint's 101.</summary>
    public static async Task RunAsync(HttpResponseMessage answer, IngressCall call, bool overHttp2, ActivityTimeout timeout)
    {
        ResponseCopy.CopyHead(answer, call);
        var headers = call.Http.Response.Headers;
        if (overHttp2)
        {
            headers.Remove(HeaderNames.SecWebSocketAccept);
            call.Http.Response.StatusCode = 200;
        }
        else
        {
            headers.Upgrade = string.Join(", ", answer.Headers.Upgrade.Select(p => p.ToString()));
        }

        await using var client = overHttp2
            ? await call.Http.Features.Get<IHttpExtendedConnectFeature>()!.AcceptAsync()
            : await call.Http.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
        await using var endpoint = await answer.Content.ReadAsStreamAsync(timeout.Token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token);
        var idle = call.Location.Settings.ReadTimeout;
        Task[] ways = [CopyAsync(client, endpoint, timeout, idle, stop.Token), CopyAsync(endpoint, client, timeout, idle, stop.Token)];
        await Task.WhenAny(ways);
        await stop.CancelAsync();
        await Task.WhenAll(ways);
    }

    private static async Task CopyAsync(Stream from, Stream to, ActivityTimeout timeout, TimeSpan idle, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            timeout.Touch(idle);
            for (int count; (count = await from.ReadAsync(buffer, ct)) > 0;)
            {
                timeout.Touch(idle);
                await to.WriteAsync(buffer.AsMemory(0, count), ct);
                await to.FlushAsync(ct);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // one side went, or nothing moved for too long: both are closed
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
