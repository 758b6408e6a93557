using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Kobune.ApiServer.Certificates;
using Kobune.Cli.Profiles;
using Kobune.Client;
using Kobune.Client.Transport;
using Kobune.Machine.State;
using Kobune.Node;

namespace Kobune.Cli.Clusters;

/// <summary>The few requests that the command line makes, as the cluster's administrator. Answers are looked at as JSON, so that a command starts quickly.</summary>
internal sealed class ClusterApi : IDisposable
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(5);
    private readonly HttpsTransport _transport;
    private readonly X509Certificate2Collection _authorities;
    private readonly Uri _server;

    private ClusterApi(Uri server, HttpsTransport transport, X509Certificate2Collection authorities) => (_server, _transport, _authorities) = (server, transport, authorities);

    /// <summary>The way to a cluster, with the keys that lie on its first machine's disk.</summary>
    public static ClusterApi Open(MachineHome home, ProfileConfig profile)
    {
        var folder = ClusterKeys.FolderOf(home, profile);
        var authorities = new X509Certificate2Collection();
        var authority = Path.Combine(folder, "ca.crt");
        if (File.Exists(authority))
        {
            authorities.ImportFromPemFile(authority);
        }

        var certificate = Path.Combine(folder, "admin.crt");
        var server = new Uri(profile.ServerUrl);
        return new(
            server,
            new(new()
            {
                Server = server,
                Authorities = authorities,
                ClientCertificate = File.Exists(certificate) ? new FileCertificate(certificate, Path.Combine(folder, "admin.key")).Read : null,
            }),
            authorities);
    }

    /// <summary>Does beforehand what the first connection of a process needs (<see cref="ChainVerifier.Warm"/>): for whoever waits until somebody listens.</summary>
    public void WarmUp() => ChainVerifier.Warm(_authorities[0]);

    /// <summary>The typed client over the same connection, for the commands that write.</summary>
    public KubernetesClient Client(TimeProvider time) => new(_transport, time);

    /// <summary>
    /// Whether somebody takes connections at the server's address, asked with a bare one: an HTTP request that is refused costs .NET an exception with the line numbers of its
    /// stack, 50 ms of a processor that the starting node needs. A name is not looked up and counts as taken: the request itself tells.
    /// </summary>
    public async Task<bool> IsListeningAsync(CancellationToken ct)
    {
        if (!IPAddress.TryParse(_server.Host.Trim('[', ']'), out var address))
        {
            return true;
        }

        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var connecting = new SocketAsyncEventArgs { RemoteEndPoint = new IPEndPoint(address, _server.Port) };
        connecting.Completed += (_, _) => ended.TrySetResult();
        if (socket.ConnectAsync(connecting))
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
            patience.CancelAfter(ConnectPatience);
            await using var givenUp = patience.Token.Register(() => Socket.CancelConnectAsync(connecting));
            await ended.Task;
        }

        return connecting.SocketError == SocketError.Success;
    }

    /// <summary>The status code of a path, or null when nobody answers.</summary>
    public async Task<int?> ProbeAsync(string path, CancellationToken ct)
    {
        try
        {
            return (await _transport.SendAsync(new ApiRequest("GET", path), ct)).StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The object or list at a path; null for 404.</summary>
    /// <exception cref="HttpRequestException">No answer, or a refusal other than 404.</exception>
    public async Task<JsonElement?> GetAsync(string path, CancellationToken ct)
    {
        var response = await _transport.SendAsync(new ApiRequest("GET", path), ct);
        if (response.StatusCode == 404)
        {
            return null;
        }

        using var document = JsonDocument.Parse(response.Body.Json);
        return response.StatusCode < 400
            ? document.RootElement.Clone()
            : throw new HttpRequestException(document.RootElement.TryGetProperty("message", out var message) ? message.GetString() : $"status {response.StatusCode}");
    }

    /// <inheritdoc/>
    public void Dispose() => _transport.Dispose();
}
