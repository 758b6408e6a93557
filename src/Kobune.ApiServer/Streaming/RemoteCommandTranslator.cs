using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kobune.ApiServer.Streaming;

/// <summary>Which streams a remote command has.</summary>
internal sealed record RemoteCommandStreams(bool Stdin, bool Stdout, bool Stderr, bool Tty);

/// <summary>
/// exec and attach of WebSocket clients, translated to SPDY streams towards the kubelet (upstream: StreamTranslatorHandler). Channels: 0 stdin,
/// 1 stdout, 2 stderr, 3 error, 4 resize.
/// </summary>
internal sealed class RemoteCommandTranslator(ChannelSocket client, SpdyClient kubelet, RemoteCommandStreams streams)
{
    private const byte ErrorChannel = 3;
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);
    private readonly Dictionary<int, byte> _channelOf = [];
    private int _stdin = -1;
    private int _resize = -1;
    private int _openOutputs;

    /// <summary>Runs until the command has ended and all output has been passed on, or one side is gone.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await OpenStreamsAsync(ct);
        if (streams.Stdout || streams.Stderr)
        {
            await client.SendAsync(streams.Stdout ? (byte)1 : (byte)2, ReadOnlyMemory<byte>.Empty, ct); // tells the client that the streams stand
        }

        var output = OutputAsync(ended.Token);
        var input = InputAsync(over.Token, ended.Token);
        await Task.WhenAny(output, input);
        if (output.IsCompleted)
        {
            // Closing over unread input would reset the connection, and with it what the client has not read yet: so the client closes first, if it does so soon.
            await over.CancelAsync();
            await client.CloseAsync(ct);
            await Task.WhenAny(input, Task.Delay(Farewell, TimeProvider.System, ct));
        }

        await ended.CancelAsync(); // the client went away, or all has been said
        await Quietly(output);
        await Quietly(input);
    }

    private async Task OpenStreamsAsync(CancellationToken ct)
    {
        await OpenAsync("error", ErrorChannel, ct);
        if (streams.Stdin)
        {
            _stdin = await kubelet.OpenAsync([("streamType", "stdin")], fin: false, ct);
        }

        if (streams.Stdout)
        {
            await OpenAsync("stdout", 1, ct);
        }

        if (streams.Stderr && !streams.Tty)
        {
            await OpenAsync("stderr", 2, ct);
        }

        if (streams.Tty)
        {
            _resize = await kubelet.OpenAsync([("streamType", "resize")], fin: false, ct);
        }
    }

    private async Task OpenAsync(string type, byte channel, CancellationToken ct)
    {
        _channelOf[await kubelet.OpenAsync([("streamType", type)], fin: false, ct)] = channel;
        _openOutputs++;
    }

    private async Task OutputAsync(CancellationToken ct)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(ct);
        try
        {
            await kubelet.ReceiveAsync(
                async item =>
                {
                    if (!_channelOf.TryGetValue(item.StreamId, out var channel))
                    {
                        return;
                    }

                    if (!item.Data.IsEmpty)
                    {
                        await client.SendAsync(channel, channel == ErrorChannel && !client.Protocol.StatusErrors ? PlainError(item.Data) : item.Data, ct);
                    }

                    var allEnded = item.End && _channelOf.Remove(item.StreamId) && --_openOutputs == 0;
                    if (allEnded || (channel == ErrorChannel && IsWhole(item.Data)))
                    {
                        await done.CancelAsync();
                    }
                },
                done.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // every output has ended
        }
    }

    /// <summary>
    /// A kubelet that takes no more input has ended the command, and its Status is still on the way: what else the client sends is then read and dropped.
    /// </summary>
    private async Task InputAsync(CancellationToken over, CancellationToken ct)
    {
        var taken = true;
        while (await client.ReceiveAsync(ct) is { } message)
        {
            try
            {
                if (taken)
                {
                    await PassOnAsync(message, over);
                }
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException || (e is OperationCanceledException && !ct.IsCancellationRequested))
            {
                taken = false;
            }
        }
    }

    private async ValueTask PassOnAsync(ChannelMessage message, CancellationToken ct)
    {
        switch (message.Channel)
        {
            case 0 when _stdin >= 0:
                await kubelet.SendAsync(_stdin, message.Data, fin: false, ct);
                break;
            case 4 when _resize >= 0:
                await kubelet.SendAsync(_resize, message.Data, fin: false, ct);
                break;
            case ChannelProtocol.CloseChannel when client.Protocol.CloseSignal && message.Data.Span is [0] && _stdin >= 0:
                await kubelet.SendAsync(_stdin, ReadOnlyMemory<byte>.Empty, fin: true, ct);
                _stdin = -1;
                break;
        }
    }

    /// <summary>
    /// The Status is written when the command is over and all its output has been sent: the streams' ends say nothing more.
    /// </summary>
    private static bool IsWhole(ReadOnlyMemory<byte> status)
    {
        if (status.IsEmpty)
        {
            return false;
        }

        try
        {
            return JsonNode.Parse(status.Span) is JsonObject;
        }
        catch (JsonException)
        {
            return false; // a part, or plain text: the stream's end says it
        }
    }

    /// <summary>Protocols before v4 carry the error as text; success is silence there.</summary>
    private static ReadOnlyMemory<byte> PlainError(ReadOnlyMemory<byte> status)
    {
        try
        {
            return JsonNode.Parse(status.Span) is JsonObject parsed
                ? parsed["status"]?.ToString() == "Success" ? ReadOnlyMemory<byte>.Empty : System.Text.Encoding.UTF8.GetBytes(parsed["message"]?.ToString() ?? "")
                : status;
        }
        catch (JsonException)
        {
            return status;
        }
    }

    private static async Task Quietly(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or WebSocketException or ObjectDisposedException)
        {
            // one side is gone: the other one is being closed
        }
    }
}
