using System.Net;
using System.Net.Sockets;

namespace Kobune.Dns.Listeners;

/// <summary>Sockets for addresses that may not exist yet: the gateway of the pod bridge appears with the first pod.</summary>
internal static class ListenSockets
{
    private const int SolIp = 0;
    private const int IpFreebind = 15;

    public static Socket Bind(IPEndPoint endpoint, SocketType type, ProtocolType protocol)
    {
        var socket = new Socket(endpoint.AddressFamily, type, protocol);
        try
        {
            if (OperatingSystem.IsLinux())
            {
                socket.SetRawSocketOption(SolIp, IpFreebind, BitConverter.GetBytes(1));
            }

            socket.Bind(endpoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
