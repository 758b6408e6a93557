using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kobune.ApiServer.Certificates;

namespace Kobune.ApiServer.Tests.Certificates;

public sealed class CertificateSignatureTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("SHA256", true)]
    [InlineData("SHA384", true)]
    [InlineData("SHA512", true)]
    [InlineData("SHA256", false)]
    [InlineData("SHA512", false)]
    public void Only_the_key_that_signed_is_the_signer(string hash, bool isEllipticCurve)
    {
        using var key = isEllipticCurve ? (AsymmetricAlgorithm)ECDsa.Create(ECCurve.NamedCurves.nistP256) : RSA.Create(2048);
        using var other = isEllipticCurve ? (AsymmetricAlgorithm)ECDsa.Create(ECCurve.NamedCurves.nistP256) : RSA.Create(2048);
        using var authority = Authority("CN=kubernetes", key, new(hash));
        using var sameName = Authority("CN=kubernetes", other, new(hash));
        using var sameKey = Authority("CN=somebody", key, new(hash));
        using var leaf = Leaf(authority, key, new(hash));
        Assert.True(CertificateSignature.IsBy(leaf, authority));
        Assert.False(CertificateSignature.IsBy(leaf, sameName));
        Assert.False(CertificateSignature.IsBy(leaf, sameKey));
        Assert.True(CertificateSignature.IsBy(authority, authority));
    }

    private static CertificateRequest Request(string name, AsymmetricAlgorithm key, HashAlgorithmName hash) =>
        key is ECDsa ec ? new(name, ec, hash) : new(name, (RSA)key, hash, RSASignaturePadding.Pkcs1);

    private static X509Certificate2 Authority(string name, AsymmetricAlgorithm key, HashAlgorithmName hash)
    {
        var request = Request(name, key, hash);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request.CreateSelfSigned(Start, Start.AddDays(10));
    }

    private static X509Certificate2 Leaf(X509Certificate2 authority, AsymmetricAlgorithm key, HashAlgorithmName hash)
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var generator = key is ECDsa ec ? X509SignatureGenerator.CreateForECDsa(ec) : X509SignatureGenerator.CreateForRSA((RSA)key, RSASignaturePadding.Pkcs1);
        return new CertificateRequest("CN=leaf", own, hash).Create(authority.SubjectName, generator, Start, Start.AddDays(5), [1, 2, 3]);
    }
}
