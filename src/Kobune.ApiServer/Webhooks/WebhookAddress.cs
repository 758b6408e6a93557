using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Webhooks;

/// <summary>Where a webhook is called and whose certificate is believed: a clientConfig.</summary>
/// <param name="Url">"https://host/path"; null for a Service.</param>
/// <param name="Service">The Service; null for a URL.</param>
/// <param name="Authorities">PEM of caBundle; empty for the authorities of the system.</param>
internal sealed record WebhookAddress(string? Url, WebhookService? Service, string Authorities)
{
    private const int DefaultPort = 443;

    /// <summary>Of an admission webhook.</summary>
    public static WebhookAddress Of(WebhookClientConfig config) => new(
        config.URL,
        config.Service is { } service ? new(service.Namespace, service.Name, service.Path ?? "", service.Port ?? DefaultPort) : null,
        Encoding.UTF8.GetString(config.CABundle.Span));

    /// <summary>Of a CustomResourceDefinition's spec.conversion.webhook.clientConfig.</summary>
    public static WebhookAddress Of(JsonObject? config)
    {
        var service = config.Child("service");
        return new(
            config.Text("url") is { Length: > 0 } url ? url : null,
            service is null ? null : new(service.Text("namespace"), service.Text("name"), service.Text("path"), (int)(service.Number("port") ?? DefaultPort)),
            Encoding.UTF8.GetString(Convert.FromBase64String(config.Text("caBundle"))));
    }

    /// <summary>Why the certificates of a caBundle cannot be used, in upstream's words; null when they can.</summary>
    public static string? AuthoritiesProblem(string pem)
    {
        if (pem.Length == 0)
        {
            return null;
        }

        if (!PemEncoding.TryFind(pem, out _))
        {
            return "unable to load root certificates: unable to parse bytes as PEM block";
        }

        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(pem);
            var any = certificates.Count > 0;
            foreach (var certificate in certificates)
            {
                certificate.Dispose();
            }

            return any ? null : "unable to load root certificates: no valid certificate authority data seen";
        }
        catch (CryptographicException e)
        {
            return $"unable to load root certificates: failed to parse certificate: {e.Message}";
        }
    }

    /// <summary>The address as messages show it, with the time-out that the webhook is told.</summary>
    public string Shown(string timeout)
    {
        var address = Service is { } service
            ? $"https://{service.ServerName}:{service.Port.ToString(CultureInfo.InvariantCulture)}{(service.Path.StartsWith('/') ? "" : "/")}{service.Path}"
            : Url!;
        return $"{address}{(Service is null && new Uri(Url!).AbsolutePath == "/" && !Url!.EndsWith('/') ? "/" : "")}?timeout={timeout}";
    }
}

/// <summary>A port and path of a Service.</summary>
internal sealed record WebhookService(string Namespace, string Name, string Path, int Port)
{
    /// <summary>The name that its certificate must have.</summary>
    public string ServerName => $"{Name}.{Namespace}.svc";
}
