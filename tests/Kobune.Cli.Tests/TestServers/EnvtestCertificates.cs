using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Kobune.Cli.Tests.TestServers;

/// <summary>An authority as envtest makes them: RSA of 2048 bits, a week of life.</summary>
internal sealed class EnvtestCertificates : IDisposable
{
    private readonly RSA _key = RSA.Create(2048);
    private int _serial;

    public EnvtestCertificates()
    {
        var request = new CertificateRequest("O=envtest, CN=envtest-environment", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyEncipherment | X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign, true));
        Certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddDays(3650));
    }

    public X509Certificate2 Certificate { get; }

    public string CertificatePem => Certificate.ExportCertificatePem() + "\n";

    public string KeyPem => _key.ExportPkcs8PrivateKeyPem() + "\n";

    public (string Certificate, string Key) Client(string user, string group) => Make($"O={group}, CN={user}", "1.3.6.1.5.5.7.3.2", null);

    public (string Certificate, string Key) Serving()
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        return Make("O=envtest, CN=localhost", "1.3.6.1.5.5.7.3.1", names.Build());
    }

    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }

    private (string Certificate, string Key) Make(string subject, string usage, X509Extension? names)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyEncipherment | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (names is not null)
        {
            request.CertificateExtensions.Add(names);
        }

        using var certificate = request.Create(Certificate, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddHours(168), [(byte)++_serial]);
        return (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }
}
