using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Kobune.Kubelet.Server;

/// <summary>Repeats an upgrade request at a server on this machine and, once both sides have switched, copies bytes both ways without looking at them.</summary>
internal static class UpgradePassthrough
{
    private const int Block = 64 * 1024;
    private const int MaxHead = 64 * 1024;

    internal static async Task RunAsync(HttpContext context, Uri target)
    {
        var ct = context.RequestAborted;
        var feature = context.Features.Get<IHttpUpgradeFeature>();
        if (feature is not { IsUpgradableRequest: true })
        {
            await KubeletServer.TextAsync(context, 400, "Upgrade request required");
            return;
        }

        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(target.Host, target.Port, ct);
        var upstream = new NetworkStream(socket, ownsSocket: false);
        await using var owned = upstream;
        await upstream.WriteAsync(Head(context.Request, target), ct);
        var (status, headers, rest) = await ReadHeadAsync(upstream, ct);
        if (status != 101)
        {
            await AnswerAsync(context, status, headers, rest, upstream);
            return;
        }

        foreach (var (name, value) in headers.Where(h => !h.Name.Equals("Connection", StringComparison.OrdinalIgnoreCase)))
        {
            context.Response.Headers.Append(name, value);
        }

        var downstream = await feature.UpgradeAsync();
        await using var ownedToo = downstream;
        await downstream.WriteAsync(rest, ct);
        await CopyBothAsync(downstream, upstream, ct);
    }

    /// <summary>Until one side says no more: neither closes its half only. A side that takes no more may still have something to say: that is waited for.</summary>
    private static async Task CopyBothAsync(Stream downstream, Stream upstream, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var up = CopyAsync(downstream, upstream, stop.Token);
        var down = CopyAsync(upstream, downstream, stop.Token);
        var first = await Task.WhenAny(up, down);
        if (await first == CopyEnd.TargetRefused)
        {
            await (first == up ? down : up);
        }

        await stop.CancelAsync();
        await Task.WhenAll(up, down);
    }

    private static async Task<CopyEnd> CopyAsync(Stream from, Stream to, CancellationToken ct)
    {
        var buffer = new byte[Block];
        var end = CopyEnd.SourceEnded;
        try
        {
            int got;
            while ((got = await from.ReadAsync(buffer, ct)) > 0)
            {
                end = CopyEnd.TargetRefused;
                await to.WriteAsync(buffer.AsMemory(0, got), ct);
                await to.FlushAsync(ct);
                end = CopyEnd.SourceEnded;
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // A side that breaks off has ended.
        }

        return end;
    }

    private enum CopyEnd
    {
        SourceEnded,
        TargetRefused,
    }

    private static byte[] Head(HttpRequest request, Uri target)
    {
        var head = new StringBuilder();
        head.Append(request.Method).Append(' ').Append(target.PathAndQuery).Append(" HTTP/1.1\r\nHost: ").Append(target.Authority).Append("\r\n");
        foreach (var header in request.Headers)
        {
            // Credentials are for us; the length of an empty body travels.
            if (header.Key is "Host" or "Authorization" or "Transfer-Encoding")
            {
                continue;
            }

            foreach (var value in header.Value)
            {
                head.Append(header.Key).Append(": ").Append(value).Append("\r\n");
            }
        }

        return Encoding.ASCII.GetBytes(head.Append("\r\n").ToString());
    }

    private static async Task<(int Status, List<(string Name, string Value)> Headers, byte[] Surplus)> ReadHeadAsync(Stream stream, CancellationToken ct)
    {
        var buffer = new byte[MaxHead];
        var length = 0;
        while (length < MaxHead)
        {
            var got = await stream.ReadAsync(buffer.AsMemory(length), ct);
            if (got == 0)
            {
                break;
            }

            length += got;
            var end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                var lines = Encoding.ASCII.GetString(buffer, 0, end).Split("\r\n");
                var status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
                var headers = lines.Skip(1).Select(l => l.Split(':', 2)).Where(p => p.Length == 2).Select(p => (p[0].Trim(), p[1].Trim())).ToList();
                return (status, headers, buffer[(end + 4)..length]);
            }
        }

        throw new IOException("the runtime's streaming server closed before its answer");
    }

    private static async Task AnswerAsync(HttpContext context, int status, List<(string Name, string Value)> headers, byte[] rest, Stream stream)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = headers.FirstOrDefault(h => h.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)).Value ?? "text/plain";
        var length = headers.FirstOrDefault(h => h.Name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)).Value;
        var left = (long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : rest.Length) - rest.Length;
        await context.Response.Body.WriteAsync(rest, context.RequestAborted);
        var buffer = new byte[4096];
        while (left > 0 && await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), context.RequestAborted) is > 0 and var got)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, got), context.RequestAborted);
            left -= got;
        }
    }
}
