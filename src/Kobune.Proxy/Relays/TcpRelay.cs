using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Kobune.Proxy.Relays;

/// <summary>
/// TCP: each connection goes to one backend; a backend that does not take it is passed over for the next. Without backends, or
/// for a client that is not admitted, a connection is reset at once.
/// </summary>
internal sealed class TcpRelay : IRelay
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(2);
    private readonly Socket _listener;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, byte> _connections = [];
    private readonly Task _accepting;

    public TcpRelay(IPEndPoint endpoint, TimeProvider time)
    {
        _time = time;
        Backends = new(time);
        _listener = new(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _listener.BindTo(endpoint);
            _listener.Listen(512);
        }
        catch
        {
            _listener.Dispose();
            throw;
        }

        _accepting = AcceptAsync(_stop.Token);
    }

    public Backends Backends { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.StopListening();
        await _accepting;
        await Task.WhenAll(_connections.Keys);
        _stop.Dispose();
    }

    private async Task AcceptAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptAsync(ct);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                continue; // that connection was gone before it was taken
            }

            var serving = ServeAsync(client, ct);
            if (_connections.TryAdd(serving, 0))
            {
                _ = serving.ContinueWith(t => _connections.TryRemove(t, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }
    }

    private async Task ServeAsync(Socket client, CancellationToken ct)
    {
        using (client)
        {
            try
            {
                using var backend = await ConnectAsync(((IPEndPoint)client.RemoteEndPoint!).Address, ct);
                if (backend is null)
                {
                    client.LingerState = new(true, 0); // closing sends a reset
                    return;
                }

                client.NoDelay = backend.NoDelay = true;
                await Task.WhenAll(CopyAsync(client, backend, ct), CopyAsync(backend, client, ct));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                client.LingerState = new(true, 0); // one side broke: the other hears of it
            }
        }
    }

    private async Task<Socket?> ConnectAsync(IPAddress client, CancellationToken ct)
    {
        var failed = new List<IPEndPoint>();
        while (Backends.Next(client, failed) is { } target)
        {
            var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            using var limit = new CancellationTokenSource(ConnectLimit, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
            try
            {
                await socket.ConnectAsync(target, either.Token);
                return socket;
            }
            catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !ct.IsCancellationRequested))
            {
                socket.Dispose();
                failed.Add(target);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        return null;
    }

    /// <summary>One direction; its end is passed on, and the other direction goes on.</summary>
    private static async Task CopyAsync(Socket from, Socket to, CancellationToken ct)
    {
        var buffer = new byte[32 * 1024];
        try
        {
            for (int count; (count = await from.ReceiveAsync(buffer, ct)) > 0;)
            {
                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), ct);
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            from.Dispose(); // a broken half breaks the whole, or the other copy would wait for ever
            to.Dispose();
        }
    }
}
