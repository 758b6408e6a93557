using System.Buffers;
using System.Net.WebSockets;

namespace Kobune.ApiServer.Streaming;

/// <summary>Copies bytes between two open connections until one of them ends; then both are done.</summary>
internal static class StreamPump
{
    private const int BufferSize = 64 * 1024;

    /// <summary>Stream to stream, both ways.</summary>
    public static Task RunAsync(Stream a, Stream b, CancellationToken ct) =>
        BothAsync(token => CopyAsync(a, b, token), token => CopyAsync(b, a, token), ct);

    /// <summary>A stream tunnelled in the binary messages of a WebSocket.</summary>
    public static Task RunAsync(WebSocket socket, Stream stream, CancellationToken ct) =>
        BothAsync(token => CopyAsync(socket, stream, token), token => CopyAsync(stream, socket, token), ct);

    private static async Task BothAsync(Func<CancellationToken, Task> one, Func<CancellationToken, Task> other, CancellationToken ct)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var first = one(ended.Token);
        var second = other(ended.Token);
        await Task.WhenAny(first, second);
        await ended.CancelAsync();
        foreach (var task in (Task[])[first, second])
        {
            try
            {
                await task;
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or WebSocketException or ObjectDisposedException)
            {
                // a connection that breaks ends the pair, as a closed one does
            }
        }
    }

    private static async Task CopyAsync(Stream from, Stream to, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int read;
            while ((read = await from.ReadAsync(buffer, ct)) > 0)
            {
                await to.WriteAsync(buffer.AsMemory(0, read), ct);
                await to.FlushAsync(ct);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task CopyAsync(WebSocket from, Stream to, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (await from.ReceiveAsync(buffer.AsMemory(), ct) is { MessageType: not WebSocketMessageType.Close } result)
            {
                await to.WriteAsync(buffer.AsMemory(0, result.Count), ct);
                await to.FlushAsync(ct);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task CopyAsync(Stream from, WebSocket to, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int read;
            while ((read = await from.ReadAsync(buffer, ct)) > 0)
            {
                await to.SendAsync(buffer.AsMemory(0, read), WebSocketMessageType.Binary, endOfMessage: true, ct);
            }

            await to.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", ct);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
