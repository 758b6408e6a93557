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

    /// <summary>A side that takes no more may still have something to say (the exit code, when input was left unread): its own end is waited for.</summary>
    private static async Task BothAsync(Func<CancellationToken, Task<bool>> one, Func<CancellationToken, Task<bool>> other, CancellationToken ct)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var first = one(ended.Token);
        var second = other(ended.Token);
        var done = await Task.WhenAny(first, second);
        if (!await done)
        {
            await (done == first ? second : first);
        }

        await ended.CancelAsync();
        await Task.WhenAll(first, second);
    }

    private static Task<bool> CopyAsync(Stream from, Stream to, CancellationToken ct) => CopyAsync(
        from.ReadAsync,
        async (data, token) =>
        {
            await to.WriteAsync(data, token);
            await to.FlushAsync(token);
        },
        ct);

    private static Task<bool> CopyAsync(WebSocket from, Stream to, CancellationToken ct) => CopyAsync(
        async (buffer, token) =>
        {
            ValueWebSocketReceiveResult result;
            do
            {
                result = await from.ReceiveAsync(buffer, token);
            }
            while (result is { MessageType: not WebSocketMessageType.Close, Count: 0 });
            return result.MessageType == WebSocketMessageType.Close ? 0 : result.Count;
        },
        async (data, token) =>
        {
            await to.WriteAsync(data, token);
            await to.FlushAsync(token);
        },
        ct);

    private static async Task<bool> CopyAsync(Stream from, WebSocket to, CancellationToken ct)
    {
        var ended = await CopyAsync(from.ReadAsync, (data, token) => to.SendAsync(data, WebSocketMessageType.Binary, endOfMessage: true, token), ct);
        if (ended && !ct.IsCancellationRequested)
        {
            await Quietly(to.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", ct));
        }

        return ended;
    }

    /// <returns>True when the source has ended or broke off, false when the target takes no more.</returns>
    private static async Task<bool> CopyAsync(
        Func<Memory<byte>, CancellationToken, ValueTask<int>> read, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        var ended = true;
        try
        {
            int got;
            while ((got = await read(buffer, ct)) > 0)
            {
                ended = false;
                await write(buffer.AsMemory(0, got), ct);
                ended = true;
            }
        }
        catch (Exception e) when (IsBroken(e))
        {
            // a side that breaks off has ended
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return ended;
    }

    private static async Task Quietly(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception e) when (IsBroken(e))
        {
            // gone already
        }
    }

    private static bool IsBroken(Exception e) => e is OperationCanceledException or IOException or WebSocketException or ObjectDisposedException;
}
