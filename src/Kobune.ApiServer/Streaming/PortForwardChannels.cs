using System.Buffers.Binary;
using System.Globalization;
using System.Net.WebSockets;
using Microsoft.Extensions.Primitives;

namespace Kobune.ApiServer.Streaming;

/// <summary>
/// Port-forward over WebSocket channels, as client libraries without SPDY use it (kubelet/portforward/websocket): the ports come in the query; port i
/// has the channels 2i (data) and 2i+1 (error), each beginning with the port as two bytes, little-endian.
/// </summary>
internal sealed class PortForwardChannels(ChannelSocket client, SpdyClient kubelet, IReadOnlyList<ushort> ports)
{
    private readonly Dictionary<int, byte> _channelOf = [];
    private readonly int[] _dataStreams = new int[ports.Count];

    /// <summary>The ports asked for; null when there is none, too many or one is malformed.</summary>
    public static IReadOnlyList<ushort>? Ports(StringValues values)
    {
        var ports = new List<ushort>();
        foreach (var text in values.SelectMany(v => (v ?? "").Split(',')))
        {
            if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
            {
                return null;
            }

            ports.Add(port);
        }

        return ports.Count is 0 or > 64 ? null : ports;
    }

    /// <summary>Runs until one side is gone.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        for (var i = 0; i < ports.Count; i++)
        {
            await OpenAsync(i, ct);
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var output = kubelet.ReceiveAsync(
            item => !item.Data.IsEmpty && _channelOf.TryGetValue(item.StreamId, out var channel) ? client.SendAsync(channel, item.Data, ended.Token) : ValueTask.CompletedTask,
            ended.Token);
        var input = InputAsync(ended.Token);
        await Task.WhenAny(output, input);
        if (output.IsCompleted)
        {
            await client.CloseAsync(ct);
        }

        await ended.CancelAsync();
        try
        {
            await Task.WhenAll(output, input);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or WebSocketException or ObjectDisposedException)
        {
            // one side is gone
        }
    }

    private async Task OpenAsync(int index, CancellationToken ct)
    {
        var port = ports[index].ToString(CultureInfo.InvariantCulture);
        var request = index.ToString(CultureInfo.InvariantCulture);
        (string, string)[] Headers(string type) => [("streamType", type), ("port", port), ("requestID", request)];

        _channelOf[await kubelet.OpenAsync(Headers("error"), fin: false, ct)] = (byte)(2 * index + 1);
        _dataStreams[index] = await kubelet.OpenAsync(Headers("data"), fin: false, ct);
        _channelOf[_dataStreams[index]] = (byte)(2 * index);

        var announced = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(announced, ports[index]);
        await client.SendAsync((byte)(2 * index), announced, ct);
        await client.SendAsync((byte)(2 * index + 1), announced, ct);
    }

    private async Task InputAsync(CancellationToken ct)
    {
        while (await client.ReceiveAsync(ct) is { } message)
        {
            if (message.Channel % 2 == 0 && message.Channel / 2 < ports.Count)
            {
                await kubelet.SendAsync(_dataStreams[message.Channel / 2], message.Data, fin: false, ct);
            }
        }
    }
}
