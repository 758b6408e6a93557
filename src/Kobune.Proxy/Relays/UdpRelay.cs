using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Kobune.Proxy.Relays;

/// <summary>
/// UDP: each client address and port gets a socket of its own towards a backend, so that answers find their way; it goes when nothing was sent or
/// answered for a minute, or when its backend left.
/// </summary>
internal sealed class UdpRelay : IRelay
{
    private const int MaxDatagram = 65_535;
    private static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(60);
    private readonly Socket _listener;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<IPEndPoint, Client> _clients = [];
    private readonly Task _receiving;

    public UdpRelay(IPEndPoint endpoint, TimeProvider time)
    {
        _time = time;
        Backends = new(time);
        _listener = new(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            _listener.BindTo(endpoint);
        }
        catch
        {
            _listener.Dispose();
            throw;
        }

        _receiving = ReceiveAsync(_stop.Token);
    }

    public Backends Backends { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _receiving;
        await Task.WhenAll(_clients.Values.Select(c => c.Answering));
        _stop.Dispose();
    }

    private async Task ReceiveAsync(CancellationToken ct)
    {
        var buffer = new byte[MaxDatagram];
        EndPoint any = new IPEndPoint(_listener.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (!ct.IsCancellationRequested)
        {
            try
            {
                var received = await _listener.ReceiveFromAsync(buffer, any, ct);
                if (Of((IPEndPoint)received.RemoteEndPoint, ct) is { } client)
                {
                    client.Used = _time.GetTimestamp();
                    await client.Socket.SendAsync(buffer.AsMemory(0, received.ReceivedBytes), ct);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException && ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // An ICMP answer to an earlier datagram, or a client that was just given up: the sender repeats what matters.
            }
        }
    }

    private Client? Of(IPEndPoint address, CancellationToken ct)
    {
        if (_clients.TryGetValue(address, out var known))
        {
            if (Backends.Keeps(address.Address, known.Target))
            {
                return known;
            }

            _clients.TryRemove(address, out _);
            known.Socket.Dispose();
        }

        if (Backends.Next(address.Address, []) is not { } target)
        {
            return null;
        }

        var socket = new Socket(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(target);
        var client = new Client(socket, target) { Used = _time.GetTimestamp() };
        _clients[address] = client;
        client.Answering = AnswerAsync(address, client, ct);
        return client;
    }

    private async Task AnswerAsync(IPEndPoint address, Client client, CancellationToken ct)
    {
        var buffer = new byte[MaxDatagram];
        using (client.Socket)
        {
            while (_time.GetElapsedTime(client.Used) < IdleLimit)
            {
                using var limit = new CancellationTokenSource(IdleLimit, _time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
                try
                {
                    var count = await client.Socket.ReceiveAsync(buffer, either.Token);
                    client.Used = _time.GetTimestamp();
                    await _listener.SendToAsync(buffer.AsMemory(0, count), address, ct);
                }
                catch (OperationCanceledException) when (!ct.IsCancellationRequested)
                {
                    // Quiet for a while: the loop's condition looks whether the client was quiet too.
                }
                catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
                {
                    break;
                }
            }
        }

        _clients.TryRemove(KeyValuePair.Create(address, client));
    }

    private sealed class Client(Socket socket, IPEndPoint target)
    {
        public Socket Socket { get; } = socket;

        public IPEndPoint Target { get; } = target;

        public long Used { get; set; }

        public Task Answering { get; set; } = Task.CompletedTask;
    }
}
