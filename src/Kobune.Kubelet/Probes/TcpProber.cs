using System.Net.Sockets;

namespace Kobune.Kubelet.Probes;

/// <summary>tcpSocket probes: a connection can be made.</summary>
internal static class TcpProber
{
    internal static async Task<ProbeResult> ProbeAsync(string host, int port, TimeSpan timeout, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(timeout);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(true, 1) };
        try
        {
            await socket.ConnectAsync(host, port, limit.Token);
            return new(ProbeOutcome.Success, "");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new(ProbeOutcome.Failure, $"dial tcp {host}:{port}: i/o timeout");
        }
        catch (SocketException e)
        {
            return new(ProbeOutcome.Failure, $"dial tcp {host}:{port}: {Describe(e)}");
        }
    }

    internal static string Describe(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connect: connection refused",
        SocketError.TimedOut => "i/o timeout",
        SocketError.HostUnreachable => "connect: no route to host",
        SocketError.NetworkUnreachable => "connect: network is unreachable",
        SocketError.ConnectionReset => "read: connection reset by peer",
        SocketError.HostNotFound => "lookup: no such host",
        _ => e.Message,
    };
}
