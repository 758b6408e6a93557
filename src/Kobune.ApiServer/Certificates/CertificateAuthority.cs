using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Kobune.ApiServer.Certificates;

/// <summary>A certificate authority with an ECDSA P-256 key: issues leafs and signs requests. Safe for concurrent use.</summary>
public sealed class CertificateAuthority : IDisposable
{
    private static readonly TimeSpan AuthorityLifetime = TimeSpan.FromDays(3650);
    private static readonly TimeSpan LeafLifetime = TimeSpan.FromDays(365);

    // Clocks of machines in one cluster differ a little; upstream's certificates start five minutes early too.
    private static readonly TimeSpan Backdate = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly ECDsa _key;
    private readonly TimeProvider _time;

    private CertificateAuthority(X509Certificate2 certificate, ECDsa key, TimeProvider time)
    {
        Certificate = certificate;
        _key = key;
        _time = time;
        CertificatePem = certificate.ExportCertificatePem() + "\n";
    }

    /// <summary>The authority's own certificate, without private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The authority's own certificate as PEM: the trust bundle of clients.</summary>
    public string CertificatePem { get; }

    /// <summary>A new self-signed authority of this name, valid for ten years.</summary>
    public static CertificateAuthority Create(string commonName, TimeProvider time)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(SubjectNames.Of(commonName, []), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment | X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var alternatives = new SubjectAlternativeNameBuilder();
        alternatives.AddDnsName(commonName);
        request.CertificateExtensions.Add(alternatives.Build());
        var now = time.GetUtcNow();
        using var signed = request.CreateSelfSigned(now - Backdate, now + AuthorityLifetime);
        return new(X509CertificateLoader.LoadCertificate(signed.RawData), key, time);
    }

    /// <summary>The authority that was written by <see cref="Export"/>.</summary>
    /// <exception cref="CryptographicException">The texts are damaged, or the key is not the certificate's.</exception>
    public static CertificateAuthority Load(PemPair pair, TimeProvider time)
    {
        using var loaded = pair.Load();
        var key = loaded.GetECDsaPrivateKey() ?? throw new CryptographicException("the authority's key is not an ECDSA key");
        return new(X509CertificateLoader.LoadCertificate(loaded.RawData), key, time);
    }

    /// <summary>Certificate and key as text, for a file.</summary>
    public PemPair Export() => PemPair.Of(Certificate, _key);

    /// <summary>A new key with a certificate of this profile.</summary>
    public PemPair Issue(CertificateProfile profile)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(SubjectNames.Of(profile.CommonName, profile.Organizations), key, HashAlgorithmName.SHA256);
        using var certificate = Sign(request, profile);
        return PemPair.Of(certificate, key);
    }

    /// <summary>Signs a PKCS#10 request (PEM) whose signature is checked; subject and names are taken from <paramref name="profile"/>, only the public key from the request.</summary>
    /// <returns>The certificate as PEM.</returns>
    /// <exception cref="CryptographicException">The request is damaged or its signature is wrong.</exception>
    public string SignRequest(string requestPem, CertificateProfile profile)
    {
        var asked = CertificateRequest.LoadSigningRequestPem(requestPem, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.Default);
        var request = new CertificateRequest(SubjectNames.Of(profile.CommonName, profile.Organizations), asked.PublicKey, HashAlgorithmName.SHA256);
        using var certificate = Sign(request, profile);
        return certificate.ExportCertificatePem() + "\n";
    }

    /// <summary>Signs a PKCS#10 request (PEM) whose signature is checked, with the subject and the alternative names that it asks for.</summary>
    /// <param name="requestPem">The request.</param>
    /// <param name="usages">Names of certificates.k8s.io, "client auth"; unknown ones are left out.</param>
    /// <param name="lifetime">How long it is valid; never longer than the authority.</param>
    /// <returns>The certificate as PEM.</returns>
    /// <exception cref="CryptographicException">The request is damaged or its signature is wrong.</exception>
    public string SignRequest(string requestPem, IReadOnlyCollection<string> usages, TimeSpan lifetime)
    {
        var asked = CertificateRequest.LoadSigningRequestPem(requestPem, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        var request = new CertificateRequest(asked.SubjectName, asked.PublicKey, HashAlgorithmName.SHA256);
        CertificateUsages.AddTo(request, usages);
        if (asked.CertificateExtensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault() is { } alternatives)
        {
            request.CertificateExtensions.Add(alternatives);
        }

        using var certificate = Sign(request, lifetime);
        return certificate.ExportCertificatePem() + "\n";
    }

    private X509Certificate2 Sign(CertificateRequest request, CertificateProfile profile)
    {
        profile.AddTo(request);
        return Sign(request, profile.Lifetime ?? LeafLifetime);
    }

    private X509Certificate2 Sign(CertificateRequest request, TimeSpan lifetime)
    {
        var hasKeyIdentifier = Certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Any(); // not in every authority that was brought along
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, hasKeyIdentifier, includeIssuerAndSerial: !hasKeyIdentifier));
        var now = _time.GetUtcNow();
        var end = now + lifetime;
        var latest = new DateTimeOffset(Certificate.NotAfter.ToUniversalTime());
        var start = now - Backdate;
        var earliest = new DateTimeOffset(Certificate.NotBefore.ToUniversalTime());

        // A positive serial of 127 random bits.
        Span<byte> serial = stackalloc byte[16];
        RandomNumberGenerator.Fill(serial);
        serial[0] = (byte)((serial[0] & 0x7f) | 0x01);
        lock (_gate)
        {
            return request.Create(Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(_key), start < earliest ? earliest : start, end > latest ? latest : end, serial);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }
}
