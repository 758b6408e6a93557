using System.Buffers.Text;
using System.Security.Cryptography;

namespace Kobune.ApiServer.Certificates;

/// <summary>The key that signs and verifies service account tokens: ECDSA P-256 (ES256) when made here, RSA (RS256) when one was brought along. Safe for concurrent use.</summary>
public sealed class SigningKey : IDisposable
{
    // Key objects of the runtime are not safe for concurrent use; verifying takes a spare one from here.
    private readonly System.Collections.Concurrent.ConcurrentBag<AsymmetricAlgorithm> _spare = [];
    private readonly string _pem;

    private SigningKey(AsymmetricAlgorithm key, string pem)
    {
        _pem = pem;
        var spki = key.ExportSubjectPublicKeyInfo();
        KeyId = Base64Url.EncodeToString(SHA256.HashData(spki));
        PublicPem = key.ExportSubjectPublicKeyInfoPem() + "\n";
        if (key is ECDsa ec)
        {
            Algorithm = "ES256";
            PublicPoint = ec.ExportParameters(includePrivateParameters: false).Q;
        }
        else
        {
            Algorithm = "RS256";
            PublicRsa = ((RSA)key).ExportParameters(includePrivateParameters: false);
        }

        _spare.Add(key);
    }

    /// <summary>"ES256" or "RS256".</summary>
    public string Algorithm { get; }

    /// <summary>SHA-256 of the public key (SubjectPublicKeyInfo), base64url: upstream's "kid".</summary>
    public string KeyId { get; }

    internal ECPoint? PublicPoint { get; }

    internal RSAParameters? PublicRsa { get; }

    private string PublicPem { get; }

    /// <summary>A new ECDSA P-256 key.</summary>
    public static SigningKey Create()
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new(key, key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <summary>A key from PEM: EC P-256 or RSA of 2048 bits and more.</summary>
    /// <exception cref="CryptographicException">The text holds no such key.</exception>
    public static SigningKey Load(string pem)
    {
        var key = Import(pem);
        return key is RSA { KeySize: < 2048 } or ECDsa { KeySize: not 256 }
            ? throw new CryptographicException("the service account key must be EC P-256 or RSA of at least 2048 bits")
            : new(key, pem);
    }

    /// <summary>The private key as PEM.</summary>
    public string ExportPem() => _pem;

    /// <summary>The public key as PEM.</summary>
    public string ExportPublicPem() => PublicPem;

    /// <summary>Signature in the form of JWS (RFC 7518).</summary>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        var key = Rent();
        try
        {
            return key is ECDsa ec
                ? ec.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
                : ((RSA)key).SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        finally
        {
            _spare.Add(key);
        }
    }

    /// <summary>Whether the signature is this key's.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        var key = Rent();
        try
        {
            return key is ECDsa ec
                ? ec.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
                : ((RSA)key).VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        finally
        {
            _spare.Add(key);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_spare.TryTake(out var key))
        {
            key.Dispose();
        }
    }

    private static AsymmetricAlgorithm Import(string pem)
    {
        var ec = ECDsa.Create();
        try
        {
            ec.ImportFromPem(pem);
            return ec;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            ec.Dispose();
        }

        var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(pem);
            return rsa;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            rsa.Dispose();
            throw new CryptographicException("the service account key is neither an EC nor an RSA key in PEM", e);
        }
    }

    private AsymmetricAlgorithm Rent() => _spare.TryTake(out var key) ? key : Import(_pem);
}
