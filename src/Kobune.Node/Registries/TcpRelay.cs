using System.Net;
using System.Net.Sockets;
using Kobune.Client;
using Microsoft.Extensions.Logging;

namespace Kobune.Node.Registries;

/// <summary>Leads the connections of one port to another address, each direction ended when its sender ended it.</summary>
internal sealed partial class TcpRelay(IPEndPoint listen, IPEndPoint target, ILoggerFactory loggers) : IComponent
{
    private readonly ILogger _logger = loggers.CreateLogger("Kobune.Node.Relay");

    public string Name => "registry-relay";

    public Task RunAsync(CancellationToken ct) => RunAsync(null, ct);

    /// <param name="listening">Hears the address once connections are taken.</param>
    /// <param name="ct">Ends the relay with its connections.</param>
    internal async Task RunAsync(Action<IPEndPoint>? listening, CancellationToken ct)
    {
        using var listener = new TcpListener(listen);
        listener.Start();
        listening?.Invoke((IPEndPoint)listener.LocalEndpoint);
        var open = new HashSet<Task>();
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(ct);
                open.RemoveWhere(t => t.IsCompleted);
                open.Add(CarryAsync(client, ct));
            }
        }
        finally
        {
            await Task.WhenAll(open);
        }
    }

    private async Task CarryAsync(TcpClient client, CancellationToken ct)
    {
        using var near = client;
        using var far = new TcpClient();
        try
        {
            await far.ConnectAsync(target, ct);
            var (from, to) = (near.GetStream(), far.GetStream()); // taken once: a client whose sending half is shut down gives none
            await Task.WhenAll(PumpAsync(from, to, ct), PumpAsync(to, from, ct));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or InvalidOperationException)
        {
            LogBroken(target, e.Message);
        }
    }

    private static async Task PumpAsync(NetworkStream from, NetworkStream to, CancellationToken ct)
    {
        await from.CopyToAsync(to, ct);
        to.Socket.Shutdown(SocketShutdown.Send);
    }

    [LoggerMessage(LogLevel.Debug, "A connection to {Target} broke: {Message}")]
    private partial void LogBroken(IPEndPoint target, string message);
}
