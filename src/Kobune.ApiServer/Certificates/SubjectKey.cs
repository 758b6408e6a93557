using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Kobune.ApiServer.Certificates;

/// <summary>A public key in its PKIX form (SubjectPublicKeyInfo): what kind it is, and which signatures are its own. Source: Go's crypto/x509, ParsePKIXPublicKey, as upstream uses it for pods' certificates.</summary>
internal sealed class SubjectKey
{
    private const string Ed25519Id = "1.3.101.112";
    private const string X25519Id = "1.3.101.110";
    private const string EllipticId = "1.2.840.10045.2.1";
    private const string RsaId = "1.2.840.113549.1.1.1";

    private static readonly Dictionary<string, string> Curves = new() { ["1.3.132.0.33"] = "P-224", ["1.2.840.10045.3.1.7"] = "P-256", ["1.3.132.0.34"] = "P-384", ["1.3.132.0.35"] = "P-521" };

    private readonly byte[] _encoded;
    private readonly byte[] _bits;
    private readonly string _algorithm;

    private SubjectKey(byte[] encoded, byte[] bits, string algorithm, string curve, int modulus) =>
        (_encoded, _bits, _algorithm, Curve, ModulusBits) = (encoded, bits, algorithm, curve, modulus);

    /// <summary>Whether it is of a kind that pods may have.</summary>
    public bool IsKnown => _algorithm is Ed25519Id or EllipticId or RsaId;

    /// <summary>Of an elliptic key: "P-256"; empty for others.</summary>
    public string Curve { get; }

    /// <summary>Of an RSA key: the size of its modulus in whole bytes, in bits; 0 for others.</summary>
    public int ModulusBits { get; }

    /// <summary>The key; null when the bytes are none.</summary>
    public static SubjectKey? Parse(ReadOnlyMemory<byte> encoded)
    {
        try
        {
            var outer = new AsnReader(encoded, AsnEncodingRules.DER);
            var sequence = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            var algorithm = sequence.ReadSequence();
            var (id, bits) = (algorithm.ReadObjectIdentifier(), sequence.ReadBitString(out _));
            sequence.ThrowIfNotEmpty();
            switch (id)
            {
                case Ed25519Id or X25519Id:
                    return bits.Length == 32 ? new(encoded.ToArray(), bits, id, "", 0) : null;
                case EllipticId:
                    return Curves.TryGetValue(algorithm.ReadObjectIdentifier(), out var curve) && IsPoint(encoded.Span, curve) ? new(encoded.ToArray(), bits, id, curve, 0) : null;
                case RsaId:
                    using (var rsa = RSA.Create())
                    {
                        rsa.ImportSubjectPublicKeyInfo(encoded.Span, out _);
                        return new(encoded.ToArray(), bits, id, "", rsa.ExportParameters(includePrivateParameters: false).Modulus!.Length * 8);
                    }

                default:
                    return null;
            }
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Whether both are the same key.</summary>
    public bool Is(ReadOnlySpan<byte> encoded) => encoded.SequenceEqual(_encoded);

    /// <summary>Whether its holder signed a text as kubelets do it: Ed25519 the text itself; ECDSA (ASN.1) and RSA (PSS) its SHA-256.</summary>
    public bool HasSigned(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature) => Verifies(text, signature, HashAlgorithmName.SHA256, isPss: true);

    /// <summary>Whether its holder signed a document with one of the algorithms of certificates (RFC 5280).</summary>
    public bool HasSigned(string algorithm, ReadOnlySpan<byte> document, ReadOnlySpan<byte> signature)
    {
        var hash = algorithm switch
        {
            "1.2.840.10045.4.3.2" or "1.2.840.113549.1.1.11" => HashAlgorithmName.SHA256,
            "1.2.840.10045.4.3.3" or "1.2.840.113549.1.1.12" => HashAlgorithmName.SHA384,
            "1.2.840.10045.4.3.4" or "1.2.840.113549.1.1.13" => HashAlgorithmName.SHA512,
            _ => default,
        };
        var isOfKey = _algorithm switch
        {
            Ed25519Id => algorithm == Ed25519Id,
            EllipticId => hash.Name is not null && algorithm.StartsWith("1.2.840.10045.4.3.", StringComparison.Ordinal),
            RsaId => hash.Name is not null && algorithm.StartsWith("1.2.840.113549.1.1.", StringComparison.Ordinal),
            _ => false,
        };
        return isOfKey && Verifies(document, signature, hash, isPss: false);
    }

    /// <param name="text">What was signed.</param>
    /// <param name="signature">By whom is asked.</param>
    /// <param name="hash">For other keys than Ed25519's.</param>
    /// <param name="isPss">Whether an RSA key signed with PSS, which takes SHA-256, or with PKCS #1 1.5.</param>
    private bool Verifies(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature, HashAlgorithmName hash, bool isPss)
    {
        try
        {
            switch (_algorithm)
            {
                case Ed25519Id:
                    return Ed25519.Verify(_bits, text, signature);
                case EllipticId:
                    using (var elliptic = ECDsa.Create())
                    {
                        elliptic.ImportSubjectPublicKeyInfo(_encoded, out _);
                        return elliptic.VerifyData(text, signature, hash, DSASignatureFormat.Rfc3279DerSequence);
                    }

                case RsaId:
                    using (var rsa = RSA.Create())
                    {
                        rsa.ImportSubjectPublicKeyInfo(_encoded, out _);
                        return isPss ? PssSignature.Verify(rsa.ExportParameters(includePrivateParameters: false), text, signature) : rsa.VerifyData(text, signature, hash, RSASignaturePadding.Pkcs1);
                    }

                default:
                    return false;
            }
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    // P-224 is known to Go and refused later; not every system has it.
    private static bool IsPoint(ReadOnlySpan<byte> encoded, string curve)
    {
        if (curve != "P-224")
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(encoded, out _);
        }

        return true;
    }
}
