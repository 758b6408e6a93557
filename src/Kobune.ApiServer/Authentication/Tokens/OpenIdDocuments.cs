using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using Kobune.ApiServer.Certificates;

namespace Kobune.ApiServer.Authentication.Tokens;

/// <summary>What others need to verify service account tokens by themselves: /.well-known/openid-configuration and /openid/v1/jwks (application/json, application/jwk-set+json; Cache-Control: public, max-age=3600).</summary>
public static class OpenIdDocuments
{
    /// <summary>Path of the configuration.</summary>
    public const string ConfigurationPath = "/.well-known/openid-configuration";

    /// <summary>Path of the key set.</summary>
    public const string KeySetPath = "/openid/v1/jwks";

    /// <summary>The configuration. <paramref name="serverUrl"/> is where clients reach the key set, "https://192.168.49.2:8443".</summary>
    public static byte[] Configuration(ServiceAccountTokens tokens, string serverUrl) => Write(writer =>
    {
        writer.WriteString("issuer", tokens.Issuer);
        writer.WriteString("jwks_uri", serverUrl + KeySetPath);
        WriteTexts(writer, "response_types_supported", ["id_token"]);
        WriteTexts(writer, "subject_types_supported", ["public"]);
        WriteTexts(writer, "id_token_signing_alg_values_supported", tokens.Keys.Select(k => k.Algorithm).Distinct().Order(StringComparer.Ordinal));
    });

    /// <summary>The public keys.</summary>
    public static byte[] KeySet(ServiceAccountTokens tokens) => Write(writer =>
    {
        writer.WriteStartArray("keys");
        foreach (var key in tokens.Keys)
        {
            WriteKey(writer, key);
        }

        writer.WriteEndArray();
    });

    private static void WriteKey(Utf8JsonWriter writer, SigningKey key)
    {
        writer.WriteStartObject();
        writer.WriteString("use", "sig");
        writer.WriteString("kty", key.PublicPoint is null ? "RSA" : "EC");
        writer.WriteString("kid", key.KeyId);
        if (key.PublicPoint is { } point)
        {
            writer.WriteString("crv", "P-256");
            writer.WriteString("alg", key.Algorithm);
            writer.WriteString("x", Base64Url.EncodeToString(point.X));
            writer.WriteString("y", Base64Url.EncodeToString(point.Y));
        }
        else if (key.PublicRsa is { } rsa)
        {
            writer.WriteString("alg", key.Algorithm);
            writer.WriteString("n", Base64Url.EncodeToString(rsa.Modulus));
            writer.WriteString("e", Base64Url.EncodeToString(rsa.Exponent));
        }

        writer.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter writer, string name, IEnumerable<string> items)
    {
        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            writer.WriteStringValue(item);
        }

        writer.WriteEndArray();
    }

    private static byte[] Write(Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            content(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
