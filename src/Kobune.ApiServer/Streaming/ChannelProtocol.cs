namespace Kobune.ApiServer.Streaming;

/// <summary>A WebSocket subprotocol for remote commands: the first byte of a message is the channel. Source: k8s.io/apiserver, util/wsstream and k8s.io/apimachinery, util/remotecommand.</summary>
/// <param name="Name">Subprotocol as negotiated; empty when the client named none.</param>
/// <param name="Base64">Messages are text: the channel as a digit, then base64.</param>
/// <param name="StatusErrors">The error channel carries a Status (v4 on); else plain text.</param>
/// <param name="CloseSignal">The client may half-close a channel with the message {255, channel} (v5).</param>
internal sealed record ChannelProtocol(string Name, bool Base64, bool StatusErrors, bool CloseSignal)
{
    /// <summary>Channel number of a v5 close signal.</summary>
    public const byte CloseChannel = 255;

    /// <summary>The tunnel that carries whole SPDY connections of port-forwards.</summary>
    public const string PortForwardTunnel = "SPDY/3.1+portforward.k8s.io";

    private static readonly ChannelProtocol[] Known =
    [
        new("v5.channel.k8s.io", Base64: false, StatusErrors: true, CloseSignal: true),
        new("v4.channel.k8s.io", Base64: false, StatusErrors: true, CloseSignal: false),
        new("v4.base64.channel.k8s.io", Base64: true, StatusErrors: true, CloseSignal: false),
        new("channel.k8s.io", Base64: false, StatusErrors: false, CloseSignal: false),
        new("base64.channel.k8s.io", Base64: true, StatusErrors: false, CloseSignal: false),
        new("", Base64: false, StatusErrors: false, CloseSignal: false),
    ];

    /// <summary>The first protocol of the client's list that is known; a client without a list gets the oldest. Null = none fits.</summary>
    public static ChannelProtocol? Choose(IReadOnlyList<string> offered)
    {
        if (offered.Count == 0)
        {
            return Known[^1];
        }

        foreach (var name in offered)
        {
            if (Known.FirstOrDefault(k => k.Name == name) is { } protocol)
            {
                return protocol;
            }
        }

        return null;
    }
}
