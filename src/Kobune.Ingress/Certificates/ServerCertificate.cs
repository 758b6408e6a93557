using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Kobune.Ingress.Certificates;

/// <summary>A certificate with its key and chain, ready for handshakes.</summary>
internal sealed class ServerCertificate
{
    private readonly X509Certificate2 _certificate;

    private ServerCertificate(X509Certificate2 certificate, X509Certificate2Collection chain)
    {
        _certificate = certificate;
        Context = SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    public SslStreamCertificateContext Context { get; }

    /// <summary>A certificate that this process made.</summary>
    public static ServerCertificate Of(X509Certificate2 certificate) => new(certificate, []);

    /// <summary>From the two texts of a kubernetes.io/tls Secret: the first certificate is the server's, the others its chain.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The texts are no certificate and its key.</exception>
    public static ServerCertificate FromPem(string certificate, string key)
    {
        var leaf = X509Certificate2.CreateFromPem(certificate, key);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificate);
        chain.RemoveAt(0);
        return new(leaf, chain);
    }

    /// <summary>Whether it is for a host; "*.example.com" asks for any name below.</summary>
    public bool Covers(string host) => _certificate.MatchesHostname(host.StartsWith('*') ? "any" + host[1..] : host, allowWildcards: true, allowCommonName: true);
}
