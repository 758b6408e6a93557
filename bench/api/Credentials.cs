using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Kobune.Bench.Api;

/// <summary>A folder with the files of two users: ca.crt, admin.crt, admin.key, user.crt, user.key.</summary>
/// <param name="Folder">Where they lie.</param>
internal sealed record Credentials(string Folder)
{
    /// <summary>Whom admin.crt names; it is in system:masters.</summary>
    public const string Admin = "admin";

    /// <summary>Whom user.crt names; what it may do the measurement grants it.</summary>
    public const string User = "bench";

    public string Authority => Path.Combine(Folder, "ca.crt");

    public string Certificate(string name) => Path.Combine(Folder, name + ".crt");

    public string Key(string name) => Path.Combine(Folder, name + ".key");

    /// <summary>A client with the certificate of one of them, over HTTP/2; without one when the name is null.</summary>
    public HttpClient Client(string url, string? name)
    {
        var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true, AutomaticDecompression = DecompressionMethods.None };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(Authority);
        if (name is not null)
        {
            handler.SslOptions.ClientCertificates = [X509CertificateLoader.LoadPkcs12(X509Certificate2.CreateFromPemFile(Certificate(name), Key(name)).Export(X509ContentType.Pkcs12), null)];
        }

        var client = new HttpClient(handler) { BaseAddress = new Uri(url), DefaultRequestVersion = HttpVersion.Version20 };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("bench/1.0");
        return client;
    }
}
