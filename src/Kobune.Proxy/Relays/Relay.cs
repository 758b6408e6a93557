using System.Net;

namespace Kobune.Proxy.Relays;

/// <summary>Opens relays by protocol.</summary>
public static class Relay
{
    /// <summary>Listens at once.</summary>
    /// <param name="protocol">tcp or udp.</param>
    /// <param name="endpoint">Where to listen.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="System.Net.Sockets.SocketException">The address is taken or not of this host.</exception>
    /// <exception cref="NotSupportedException">Another protocol: the runtime has no SCTP sockets.</exception>
    public static IRelay Open(string protocol, IPEndPoint endpoint, TimeProvider time) => protocol switch
    {
        "tcp" => new TcpRelay(endpoint, time),
        "udp" => new UdpRelay(endpoint, time),
        _ => throw new NotSupportedException($"{protocol} cannot be relayed"),
    };
}
