using System.Security.Cryptography.X509Certificates;
using Kobune.Client.Transport;

namespace Kobune.Client.Configuration;

/// <summary>The configuration that a pod finds in its own file system and environment. Source: client-go, rest.InClusterConfig.</summary>
public static class InClusterConfig
{
    private const string Folder = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>How to reach the API from inside of a pod.</summary>
    /// <exception cref="KubeConfigException">This is not a pod with a service account token.</exception>
    public static HttpsTransportOptions Load(TimeProvider time, string folder = Folder)
    {
        var host = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST");
        var port = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT");
        var token = Path.Combine(folder, "token");
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port) || !File.Exists(token))
        {
            throw new KubeConfigException("unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined");
        }

        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(Path.Combine(folder, "ca.crt"));
        return new()
        {
            Server = new Uri($"https://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}"),
            Authorities = authorities,
            BearerToken = new FileToken(token, time).Read,
        };
    }
}
