using System.Net.WebSockets;
using System.Text;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Requests;
using Microsoft.AspNetCore.Http;

namespace Kobune.ApiServer.Streaming;

/// <summary>
/// A byte stream (a log) to a client that asked for a WebSocket: an empty message first, then a message for each piece, as bytes or, with the subprotocol
/// base64.binary.k8s.io, as text. Source: k8s.io/apiserver, util/wsstream, Reader.
/// </summary>
internal static class ReaderSocket
{
    private const string Binary = "binary.k8s.io";
    private const string Base64 = "base64.binary.k8s.io";

    /// <summary>Writes the whole stream; ends early when the client closes.</summary>
    public static async Task ServeAsync(HttpContext context, StreamResult stream, CancellationToken ct)
    {
        var protocol = Choose(WebSocketHandshake.Offered(context.Request)) ?? throw StatusErrors.BadRequest("unable to upgrade: no supported subprotocol");
        using var socket = await WebSocketHandshake.AcceptAsync(context, protocol);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var client = WaitForCloseAsync(socket, end);
        await using var output = new Pieces(socket, protocol == Base64);
        try
        {
            await output.WriteAsync(ReadOnlyMemory<byte>.Empty, end.Token);
            await stream.WriteAsync(output, end.Token);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", end.Token);
        }
        catch (Exception e) when ((e is OperationCanceledException && !ct.IsCancellationRequested) || e is WebSocketException or IOException)
        {
            // the client left
        }
        finally
        {
            await end.CancelAsync();
            await client;
        }
    }

    /// <summary>The subprotocol to speak; empty when none was offered, null when none of those offered is known.</summary>
    internal static string? Choose(IReadOnlyList<string> offered) => offered.Count == 0 ? "" : offered.FirstOrDefault(o => o is Binary or Base64);

    // A client has nothing to say but that it leaves.
    private static async Task WaitForCloseAsync(WebSocket socket, CancellationTokenSource end)
    {
        var buffer = new byte[256];
        try
        {
            while ((await socket.ReceiveAsync(buffer.AsMemory(), end.Token)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException)
        {
            // the end, one way or the other
        }

        await end.CancelAsync();
    }

    private sealed class Pieces(WebSocket socket, bool asText) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => asText
            ? socket.SendAsync(Encoding.ASCII.GetBytes(Convert.ToBase64String(buffer.Span)).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, cancellationToken)
            : socket.SendAsync(buffer, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("asynchronous only");
    }
}
