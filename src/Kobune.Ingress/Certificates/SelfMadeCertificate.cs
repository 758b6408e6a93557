using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Kobune.Ingress.Certificates;

/// <summary>The certificate of hosts without one. Names as ingress-nginx', by which people recognize that theirs was not taken.</summary>
internal static class SelfMadeCertificate
{
    public static ServerCertificate Create(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Kubernetes Ingress Controller Fake Certificate, O=Acme Co", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("ingress.local");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1")], critical: false)); // serverAuth
        using var made = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(365));
        return ServerCertificate.Of(X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null));
    }
}
