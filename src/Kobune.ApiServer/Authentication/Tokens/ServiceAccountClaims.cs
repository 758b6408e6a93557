using System.Buffers;
using System.Text.Json;

namespace Kobune.ApiServer.Authentication.Tokens;

/// <summary>Name and uid of an object in a token.</summary>
internal readonly record struct ObjectClaim(string Name, string Uid);

/// <summary>What a service account token says (upstream's pkg/serviceaccount claims).</summary>
internal sealed record ServiceAccountClaims
{
    public const string LegacyIssuer = "kubernetes/serviceaccount";

    public required string Issuer { get; init; }

    public required string Subject { get; init; }

    public required string Namespace { get; init; }

    public required ObjectClaim ServiceAccount { get; init; }

    public IReadOnlyList<string> Audiences { get; init; } = [];

    public string Id { get; init; } = "";

    /// <summary>Seconds since 1970; null = never expires (tokens of Secrets).</summary>
    public long? Expiry { get; init; }

    public long? NotBefore { get; init; }

    public long? IssuedAt { get; init; }

    public long? WarnAfter { get; init; }

    public ObjectClaim? Pod { get; init; }

    public ObjectClaim? Node { get; init; }

    public ObjectClaim? Secret { get; init; }

    /// <summary>The payload of a token: issuer only, or null when it is not JSON or names none.</summary>
    public static string? ReadIssuer(byte[] payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            return document.RootElement.ValueKind == JsonValueKind.Object ? Text(document.RootElement, "iss") : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>All claims, or null when the payload has another shape.</summary>
    public static ServiceAccountClaims? Read(byte[] payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            var root = document.RootElement;
            return Text(root, "iss") == LegacyIssuer ? ReadLegacy(root) : ReadBound(root);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The payload as upstream writes it.</summary>
    public byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            if (Audiences.Count > 0)
            {
                writer.WriteStartArray("aud");
                foreach (var audience in Audiences)
                {
                    writer.WriteStringValue(audience);
                }

                writer.WriteEndArray();
            }

            WriteNumber(writer, "exp", Expiry);
            WriteNumber(writer, "iat", IssuedAt);
            writer.WriteString("iss", Issuer);
            if (Issuer == LegacyIssuer)
            {
                writer.WriteString("kubernetes.io/serviceaccount/namespace", Namespace);
                writer.WriteString("kubernetes.io/serviceaccount/secret.name", Secret?.Name ?? "");
                writer.WriteString("kubernetes.io/serviceaccount/service-account.name", ServiceAccount.Name);
                writer.WriteString("kubernetes.io/serviceaccount/service-account.uid", ServiceAccount.Uid);
            }
            else
            {
                if (Id.Length > 0)
                {
                    writer.WriteString("jti", Id);
                }

                WritePrivate(writer);
            }

            WriteNumber(writer, "nbf", NotBefore);
            writer.WriteString("sub", Subject);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, long? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }

    private static void WriteObject(Utf8JsonWriter writer, string name, ObjectClaim? claim)
    {
        if (claim is { } known)
        {
            writer.WriteStartObject(name);
            writer.WriteString("name", known.Name);
            writer.WriteString("uid", known.Uid);
            writer.WriteEndObject();
        }
    }

    private static ServiceAccountClaims? ReadBound(JsonElement root)
    {
        if (!root.TryGetProperty("kubernetes.io", out var own) || Object(own, "serviceaccount") is not { } account || Text(own, "namespace") is not { } space)
        {
            return null;
        }

        return new()
        {
            Issuer = Text(root, "iss") ?? "",
            Subject = Text(root, "sub") ?? "",
            Namespace = space,
            ServiceAccount = account,
            Audiences = ReadAudiences(root),
            Id = Text(root, "jti") ?? "",
            Expiry = Number(root, "exp"),
            NotBefore = Number(root, "nbf"),
            IssuedAt = Number(root, "iat"),
            WarnAfter = Number(own, "warnafter"),
            Pod = Object(own, "pod"),
            Node = Object(own, "node"),
            Secret = Object(own, "secret"),
        };
    }

    private static ServiceAccountClaims ReadLegacy(JsonElement root) => new()
    {
        Issuer = LegacyIssuer,
        Subject = Text(root, "sub") ?? "",
        Namespace = Text(root, "kubernetes.io/serviceaccount/namespace") ?? "",
        ServiceAccount = new(Text(root, "kubernetes.io/serviceaccount/service-account.name") ?? "", Text(root, "kubernetes.io/serviceaccount/service-account.uid") ?? ""),
        Secret = new(Text(root, "kubernetes.io/serviceaccount/secret.name") ?? "", ""),
    };

    private static IReadOnlyList<string> ReadAudiences(JsonElement root) =>
        !root.TryGetProperty("aud", out var audiences) ? []
        : audiences.ValueKind == JsonValueKind.String ? [audiences.GetString()!]
        : [.. audiences.EnumerateArray().Select(a => a.GetString()!)];

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    // NumericDate may have a fraction (RFC 7519).
    private static long? Number(JsonElement element, string name) =>
        !element.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? null
        : value.TryGetInt64(out var number) ? number
        : checked((long)Math.Floor(value.GetDouble()));

    private static ObjectClaim? Object(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? new(Text(value, "name") ?? "", Text(value, "uid") ?? "") : null;

    private void WritePrivate(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("kubernetes.io");
        writer.WriteString("namespace", Namespace);
        WriteObject(writer, "node", Node);
        WriteObject(writer, "pod", Pod);
        WriteObject(writer, "secret", Secret);
        WriteObject(writer, "serviceaccount", ServiceAccount);
        WriteNumber(writer, "warnafter", WarnAfter);
        writer.WriteEndObject();
    }
}
