using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Kobune.ApiServer.Outbound;

/// <summary>Why another server was not reached, in Go's words.</summary>
internal static class DialFailure
{
    /// <summary>Whether a request failed on its way. A connection that is not made in time is told as a cancelled task with a time-out inside; a caller that gave up has none.</summary>
    public static bool Is(Exception e) => e is HttpRequestException or OperationCanceledException { InnerException: TimeoutException };

    /// <summary>Says why a request to an address failed.</summary>
    public static string Words(Exception e, Uri address) => Words(e, address.Host, address.Port);

    /// <summary>Says why a request to a host and its port failed.</summary>
    public static string Words(Exception e, string host, int port)
    {
        for (Exception? inner = e; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }:
                    return $"dial tcp: lookup {host}: no such host";
                case SocketException socket:
                    return $"{Dial(host, port)}: {Words(socket)}";
                case TimeoutException:
                    return $"{Dial(host, port)}: i/o timeout";
                case AuthenticationException refused:
                    return refused.Message;
                case HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded }:
                    return "EOF";
            }
        }

        return e.Message;
    }

    private static string Dial(string host, int port) => $"dial tcp {host}:{port.ToString(CultureInfo.InvariantCulture)}";

    private static string Words(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connect: connection refused",
        SocketError.HostUnreachable => "connect: no route to host",
        SocketError.NetworkUnreachable => "connect: network is unreachable",
        SocketError.TimedOut => "i/o timeout",
        SocketError.ConnectionReset => "read: connection reset by peer",
        _ => e.Message,
    };
}
