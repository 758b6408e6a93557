using System.Net.Http.Headers;
using Kobune.ApiServer.Certificates;

namespace Kobune.ApiServer.Webhooks;

/// <summary>The way from a pod to its cluster's API server: address from the environment, token and authorities from the folder of its service account. Source: client-go, rest.InClusterConfig.</summary>
internal sealed class PodCredential
{
    private const string Folder = "/var/run/secrets/kubernetes.io/serviceaccount";
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly string _file;
    private readonly TimeProvider _time;
    private string _token;
    private DateTimeOffset _readAt;

    private PodCredential(string file, TimeProvider time) => (_file, _time, _token, _readAt) = (file, time, File.ReadAllText(file).Trim(), time.GetUtcNow());

    /// <summary>A client with the pod's token, which is read again each minute, since kubelets change it.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="environment">The environment; null for this process's own.</param>
    /// <param name="folder">The folder of the service account.</param>
    /// <exception cref="FormatException">This is no pod, or one without a token.</exception>
    public static KubeconfigClient Connect(TimeProvider time, Func<string, string?>? environment = null, string folder = Folder)
    {
        environment ??= Environment.GetEnvironmentVariable;
        var (host, port) = (environment("KUBERNETES_SERVICE_HOST") ?? "", environment("KUBERNETES_SERVICE_PORT") ?? "");
        if (host.Length == 0 || port.Length == 0)
        {
            throw new FormatException("unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined");
        }

        var (token, authorities) = (Path.Combine(folder, "token"), Path.Combine(folder, "ca.crt"));
        if (!File.Exists(token))
        {
            throw new FormatException($"open {token}: no such file or directory");
        }

        var credential = new PodCredential(token, time);
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(30) };
        if (File.Exists(authorities))
        {
            handler.SslOptions.CertificateChainPolicy = TrustedRoots.Policy(File.ReadAllText(authorities)); // without the file: those of the system, as upstream
        }

        var server = new UriBuilder("https", host.Trim('[', ']'), int.Parse(port, System.Globalization.CultureInfo.InvariantCulture)).Uri;
        return new(new(handler) { Timeout = Timeout.InfiniteTimeSpan }, server, credential.Header);
    }

    private AuthenticationHeaderValue Header()
    {
        lock (_gate)
        {
            if (_time.GetUtcNow() - _readAt >= Period)
            {
                _readAt = _time.GetUtcNow();
                try
                {
                    _token = File.ReadAllText(_file).Trim() is { Length: > 0 } token ? token : _token;
                }
                catch (IOException)
                {
                    // the old one may still be good: upstream keeps it too
                }
            }

            return new("Bearer", _token);
        }
    }
}
