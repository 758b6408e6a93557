using System.Net;
using System.Net.Sockets;

namespace Kobune.Proxy.Relays;

/// <summary>Binds to addresses of Services, which the node has by a local route alone.</summary>
internal static class ServiceSocket
{
    private const int SolIPv6 = 41;
    private const int IPv6Freebind = 78;

    /// <summary>IPv4 asks the routes whether an address is this node's, IPv6 only its links: there the socket must be told not to ask.</summary>
    public static void BindTo(this Socket socket, IPEndPoint endpoint)
    {
        if (endpoint.AddressFamily == AddressFamily.InterNetworkV6 && OperatingSystem.IsLinux())
        {
            socket.SetRawSocketOption(SolIPv6, IPv6Freebind, BitConverter.GetBytes(1));
        }

        socket.Bind(endpoint);
    }

    /// <summary>
    /// Closes a listening socket so that the address refuses from now on. Closing alone would not do: while a process of ours starts, its copy of the
    /// descriptor listens on until its program runs, and the kernel takes connections that nobody will ever accept.
    /// </summary>
    public static void StopListening(this Socket listener)
    {
        listener.Shutdown(SocketShutdown.Both);
        listener.Dispose();
    }
}
