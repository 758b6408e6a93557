using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Kobune.ApiServer.Certificates;

/// <summary>
/// Checks one signature of one certificate. X509Chain does much more, and reads all authorities of the operating system at its first use: a tenth of a second
/// that nobody who loads his own files has to wait for.
/// </summary>
internal static class CertificateSignature
{
    /// <summary>Whether the authority's key made the certificate's signature, whatever the dates say. Algorithms: ECDSA and RSA (PKCS#1) with SHA-256, 384, 512.</summary>
    public static bool IsBy(X509Certificate2 certificate, X509Certificate2 authority)
    {
        if (!certificate.IssuerName.RawData.AsSpan().SequenceEqual(authority.SubjectName.RawData) || HashOf(certificate.SignatureAlgorithm.Value) is not { } hash)
        {
            return false;
        }

        // Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue BIT STRING } (RFC 5280, 4.1)
        var parts = new AsnReader(certificate.RawDataMemory, AsnEncodingRules.DER).ReadSequence();
        var signed = parts.ReadEncodedValue().Span;
        _ = parts.ReadEncodedValue();
        var signature = parts.ReadBitString(out _);
        using var ec = authority.GetECDsaPublicKey();
        if (ec is not null)
        {
            return ec.VerifyData(signed, signature, hash, DSASignatureFormat.Rfc3279DerSequence);
        }

        using var rsa = authority.GetRSAPublicKey();
        return rsa is not null && rsa.VerifyData(signed, signature, hash, RSASignaturePadding.Pkcs1);
    }

    private static HashAlgorithmName? HashOf(string? algorithm) => algorithm switch
    {
        "1.2.840.10045.4.3.2" or "1.2.840.113549.1.1.11" => HashAlgorithmName.SHA256,
        "1.2.840.10045.4.3.3" or "1.2.840.113549.1.1.12" => HashAlgorithmName.SHA384,
        "1.2.840.10045.4.3.4" or "1.2.840.113549.1.1.13" => HashAlgorithmName.SHA512,
        _ => null,
    };
}
