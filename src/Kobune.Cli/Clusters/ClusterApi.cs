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
    private readonly HttpsTransport _transport;
    private readonly X509Certificate2Collection _authorities;

    private ClusterApi(HttpsTransport transport, X509Certificate2Collection authorities) => (_transport, _authorities) = (transport, authorities);

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
        return new(
            new(new()
            {
                Server = new(profile.ServerUrl),
                Authorities = authorities,
                ClientCertificate = File.Exists(certificate) ? new FileCertificate(certificate, Path.Combine(folder, "admin.key")).Read : null,
            }),
            authorities);
    }

    /// <summary>Does beforehand what the first connection of a process needs (<see cref="ChainVerifier.Warm"/>): for whoever waits until somebody listens.</summary>
    public void WarmUp() => ChainVerifier.Warm(_authorities[0]);

    /// <summary>The typed client over the same connection, for the commands that write.</summary>
    public KubernetesClient Client(TimeProvider time) => new(_transport, time);

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
