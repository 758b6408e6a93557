using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Authentication.OpenId;

/// <summary>A provider's public key, RSA or elliptic (RFC 7517, 7518). Safe for concurrent use.</summary>
internal sealed class VerificationKey
{
    private readonly RSAParameters? _rsa;
    private readonly ECParameters? _point;
    private readonly int _bits;

    private VerificationKey(string id, RSAParameters? rsa, ECParameters? point, int bits) => (Id, _rsa, _point, _bits) = (id, rsa, point, bits);

    /// <summary>"kid"; empty for none.</summary>
    public string Id { get; }

    /// <summary>The key of a JSON web key; null when it is of a kind that signs no tokens here.</summary>
    /// <exception cref="OpenIdException">It is broken.</exception>
    public static VerificationKey? Read(JsonObject key)
    {
        try
        {
            return key.Text("kty") switch
            {
                "RSA" => new(key.Text("kid"), Checked(new RSAParameters { Modulus = Bytes(key, "n"), Exponent = Bytes(key, "e") }), null, 0),
                "EC" when Curve(key.Text("crv")) is { } curve => new(key.Text("kid"), null, Checked(new ECParameters { Curve = curve.Curve, Q = new() { X = Bytes(key, "x"), Y = Bytes(key, "y") } }), curve.Bits),
                _ => null,
            };
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            throw new OpenIdException($"oidc: failed to decode keys: {e.Message}");
        }
    }

    /// <summary>Whether this key made the signature with this algorithm.</summary>
    public bool Verify(string algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        var hash = algorithm[2..] switch { "256" => HashAlgorithmName.SHA256, "384" => HashAlgorithmName.SHA384, _ => HashAlgorithmName.SHA512 };
        if (_rsa is { } parameters)
        {
            using var rsa = RSA.Create(parameters);
            return algorithm[0] is not 'E' && rsa.VerifyData(data, signature, hash, algorithm[0] == 'R' ? RSASignaturePadding.Pkcs1 : RSASignaturePadding.Pss);
        }

        if (_point is not { } point || algorithm != "ES" + _bits)
        {
            return false; // each curve has one algorithm
        }

        using var key = ECDsa.Create(point);
        return key.VerifyData(data, signature, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static (ECCurve Curve, int Bits)? Curve(string name) => name switch
    {
        "P-256" => (ECCurve.NamedCurves.nistP256, 256),
        "P-384" => (ECCurve.NamedCurves.nistP384, 384),
        "P-521" => (ECCurve.NamedCurves.nistP521, 512),
        _ => null,
    };

    private static byte[] Bytes(JsonObject key, string name) =>
        key.Text(name) is { Length: > 0 } text ? Base64Url.DecodeFromChars(text) : throw new FormatException($"invalid key, missing {name}");

    private static RSAParameters Checked(RSAParameters parameters)
    {
        RSA.Create(parameters).Dispose();
        return parameters;
    }

    private static ECParameters Checked(ECParameters parameters)
    {
        ECDsa.Create(parameters).Dispose();
        return parameters;
    }
}
