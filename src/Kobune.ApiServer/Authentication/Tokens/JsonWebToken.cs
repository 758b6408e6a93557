using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Kobune.ApiServer.Certificates;

namespace Kobune.ApiServer.Authentication.Tokens;

/// <summary>Compact JSON web tokens (RFC 7515), exactly as far as bearer tokens need them: three parts, one signature, no "none", no keys from the token.</summary>
internal static class JsonWebToken
{
    /// <summary>Longer tokens are not looked at.</summary>
    public const int MaxLength = 16 * 1024;

    /// <summary>Signs a payload.</summary>
    public static string Sign(SigningKey key, ReadOnlySpan<byte> payload)
    {
        var header = $$"""{"alg":"{{key.Algorithm}}","kid":"{{key.KeyId}}"}""";
        var signed = Base64Url.EncodeToString(Encoding.ASCII.GetBytes(header)) + "." + Base64Url.EncodeToString(payload);
        return signed + "." + Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)));
    }

    /// <summary>The payload, not yet verified: only to tell whose token it is. False when it is no JSON web token.</summary>
    public static bool TryReadPayload(string token, out byte[] payload)
    {
        payload = [];
        return TrySplit(token, out var header, out var body, out _) && TryDecode(token.AsSpan(header), out _) && TryDecode(token.AsSpan(body), out payload);
    }

    /// <summary>Whether one of the keys signed this token. The algorithm is the key's; a header that says another is refused.</summary>
    public static bool IsSignedBy(string token, IReadOnlyList<SigningKey> keys)
    {
        if (!TryTakeApart(token, out var parts))
        {
            return false;
        }

        foreach (var key in keys)
        {
            if (key.Algorithm == parts.Algorithm && (parts.KeyId is null || parts.KeyId == key.KeyId) && key.Verify(parts.Signed, parts.Signature))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>All parts, not verified. False when it is no JSON web token, or one whose header must be understood in ways that are not here.</summary>
    public static bool TryTakeApart(string token, [NotNullWhen(true)] out TokenParts? parts)
    {
        parts = TrySplit(token, out var headerRange, out var payloadRange, out var signatureRange)
            && TryDecode(token.AsSpan(headerRange), out var header)
            && TryDecode(token.AsSpan(payloadRange), out var payload)
            && TryDecode(token.AsSpan(signatureRange), out var signature)
            && TryReadHeader(header, out var algorithm, out var keyId)
                ? new(algorithm, keyId, payload, Encoding.ASCII.GetBytes(token[..(signatureRange.Start.Value - 1)]), signature)
                : null;
        return parts is not null;
    }

    private static bool TryReadHeader(byte[] bytes, out string algorithm, out string? keyId)
    {
        (algorithm, keyId) = ("", null);
        try
        {
            using var header = JsonDocument.Parse(bytes);
            var root = header.RootElement;
            if (root.ValueKind != JsonValueKind.Object || root.TryGetProperty("crit", out _) || !root.TryGetProperty("alg", out var alg) || alg.ValueKind != JsonValueKind.String)
            {
                return false;
            }

            algorithm = alg.GetString()!;
            keyId = root.TryGetProperty("kid", out var kid) && kid.ValueKind == JsonValueKind.String ? kid.GetString() : null;
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false; // not JSON, or half a character in a text
        }
    }

    private static bool TrySplit(string token, out Range header, out Range payload, out Range signature)
    {
        (header, payload, signature) = (default, default, default);
        if (token.Length > MaxLength)
        {
            return false;
        }

        var first = token.IndexOf('.');
        var second = first < 0 ? -1 : token.IndexOf('.', first + 1);
        if (first <= 0 || second <= first + 1 || second == token.Length - 1 || token.IndexOf('.', second + 1) >= 0)
        {
            return false;
        }

        (header, payload, signature) = (..first, (first + 1)..second, (second + 1)..token.Length);
        return true;
    }

    // Strict: no padding, no white space, no characters of plain base64.
    private static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        if (text.IndexOfAnyExcept(Alphabet) >= 0 || text.Length % 4 == 1)
        {
            return false;
        }

        try
        {
            bytes = Base64Url.DecodeFromChars(text);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static readonly System.Buffers.SearchValues<char> Alphabet = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
}
