using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Kobune.ApiServer.Certificates;

/// <summary>A certificate and its private key as PEM text, as written to files and into kubeconfigs.</summary>
/// <param name="CertificatePem">One CERTIFICATE block.</param>
/// <param name="KeyPem">One PRIVATE KEY block (PKCS#8).</param>
public sealed record PemPair(string CertificatePem, string KeyPem)
{
    /// <summary>The certificate with its key, ready for TLS. The caller owns it.</summary>
    /// <exception cref="CryptographicException">The texts are damaged, or the key is not the certificate's.</exception>
    public X509Certificate2 Load() => X509Certificate2.CreateFromPem(CertificatePem, KeyPem);

    internal static PemPair Of(X509Certificate2 certificate, AsymmetricAlgorithm key) =>
        new(certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");

    /// <summary>Never shows the key.</summary>
    public override string ToString() => $"{nameof(PemPair)} {{ {CertificatePem.Length} characters }}";
}
