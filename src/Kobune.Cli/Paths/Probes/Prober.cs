using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Kobune.Cli.Paths.Probes;

/// <summary>Makes probes from where it runs: on the PC, or in a node.</summary>
internal static class Prober
{
    // Every hop is at most a bridge away: what does not answer in this time does not answer.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1.4);

    /// <summary>Makes all of them side by side.</summary>
    public static async Task<IReadOnlyList<ProbeResult>> RunAsync(IEnumerable<ProbeRequest> requests, CancellationToken ct) =>
        await Task.WhenAll(requests.Select(r => RunAsync(r, ct)));

    private static async Task<ProbeResult> RunAsync(ProbeRequest request, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Limit);
        var start = Stopwatch.GetTimestamp();
        ProbeResult Of(ProbeOutcome outcome) => new(request.Id, outcome, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        try
        {
            return request.Kind switch
            {
                ProbeKind.Listeners => ContainerSockets.Read(request.Address) is { } found ? Of(ProbeOutcome.Connected) with { Listeners = found } : Of(ProbeOutcome.Failed),
                ProbeKind.Udp => Of(await UdpAsync(request, limit.Token)),
                ProbeKind.Http => Of(ProbeOutcome.Connected) with { StatusCode = await HttpAsync(request, limit.Token), Milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds },
                _ => Of(await TcpAsync(request, limit.Token)),
            };
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return Of(request.Kind == ProbeKind.Udp ? ProbeOutcome.Silent : ProbeOutcome.TimedOut);
        }
        catch (SocketException e)
        {
            return Of(OutcomeOf(e.SocketErrorCode));
        }
        catch (Exception e) when (e is IOException or AuthenticationException or FormatException)
        {
            return Of(e.InnerException is SocketException inner ? OutcomeOf(inner.SocketErrorCode) : ProbeOutcome.Failed);
        }
    }

    private static ProbeOutcome OutcomeOf(SocketError error) => error switch
    {
        SocketError.ConnectionRefused or SocketError.ConnectionReset => ProbeOutcome.Refused,
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => ProbeOutcome.Unreachable,
        SocketError.TimedOut => ProbeOutcome.TimedOut,
        _ => ProbeOutcome.Failed,
    };

    private static async Task<ProbeOutcome> TcpAsync(ProbeRequest request, CancellationToken ct)
    {
        var address = IPAddress.Parse(request.Address);
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(address, request.Port), ct);
        return ProbeOutcome.Connected;
    }

    private static async Task<ProbeOutcome> UdpAsync(ProbeRequest request, CancellationToken ct)
    {
        var address = IPAddress.Parse(request.Address);
        using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(new IPEndPoint(address, request.Port), ct);
        await socket.SendAsync(ReadOnlyMemory<byte>.Empty, ct);
        await socket.ReceiveAsync(new byte[1], ct);
        return ProbeOutcome.Connected;
    }

    private static async Task<int> HttpAsync(ProbeRequest request, CancellationToken ct)
    {
        var address = IPAddress.Parse(request.Address);
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(address, request.Port), ct);
        await using var plain = new NetworkStream(socket);
        Stream stream = plain;
        if (request.Tls)
        {
#pragma warning disable CA5359 // only the way is looked at here, not whether the PC trusts the certificate; nothing secret is sent
            var tls = new SslStream(plain, leaveInnerStreamOpen: true, (_, _, _, _) => true);
#pragma warning restore CA5359
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = request.Host }, ct);
            stream = tls;
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {request.Path} HTTP/1.1\r\nHost: {request.Host}\r\nUser-Agent: kobune-path\r\nConnection: close\r\n\r\n"), ct);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var line = await reader.ReadLineAsync(ct);
        return line?.Split(' ') is [_, var code, ..] && int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}
