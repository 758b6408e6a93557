using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kobune.ApiServer.Authentication.OpenId;

/// <summary>The claims of an ID token. Reading fails with the words of Go's decoder, where a null is the zero value.</summary>
internal sealed class IdTokenClaims
{
    private readonly Dictionary<string, JsonElement> _claims;

    /// <exception cref="OpenIdException">The payload is no JSON object.</exception>
    public IdTokenClaims(byte[] payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            var root = document.RootElement.Clone();
            _claims = new(StringComparer.Ordinal);
            foreach (var claim in root.EnumerateObject())
            {
                _claims[claim.Name] = claim.Value; // the last counts
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new OpenIdException($"oidc: verify token: oidc: failed to unmarshal claims: {e.Message}");
        }
    }

    /// <summary>All of them, for expressions. Of a name that occurs twice the last counts, at every depth.</summary>
    /// <exception cref="OpenIdException">A text is none.</exception>
    public JsonObject Tree()
    {
        var tree = new JsonObject();
        foreach (var (name, value) in _claims)
        {
            tree[name] = Node(value);
        }

        return tree;
    }

    /// <summary>A claim as it is; null when it is not there.</summary>
    public JsonElement? Find(string name) => _claims.TryGetValue(name, out var claim) ? claim : null;

    /// <summary>Sets a claim that came from elsewhere.</summary>
    public void Put(string name, JsonElement value) => _claims[name] = value;

    public bool Has(string name) => _claims.ContainsKey(name);

    /// <summary>A text.</summary>
    /// <exception cref="OpenIdException">It is missing, or something else.</exception>
    public string Text(string name, string problem) => Text(Claim(name, problem), problem);

    /// <summary>A text; empty for anything else.</summary>
    public string TextOrNone(string name) => _claims.TryGetValue(name, out var claim) && claim.ValueKind == JsonValueKind.String ? Text(claim, name) : "";

    /// <summary>True or false.</summary>
    public bool Flag(string name, string problem)
    {
        var claim = Claim(name, problem);
        return claim.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False or JsonValueKind.Null => false,
            _ => throw Wrong(claim, "bool", problem),
        };
    }

    /// <summary>A list of texts, or one text.</summary>
    public IReadOnlyList<string> Texts(string name, string problem)
    {
        var claim = Claim(name, problem);
        return claim.ValueKind switch
        {
            JsonValueKind.Null => [],
            JsonValueKind.Array when claim.EnumerateArray().All(i => i.ValueKind is JsonValueKind.String or JsonValueKind.Null) => [.. claim.EnumerateArray().Select(i => Text(i, problem))],
            _ => [Text(claim, problem)],
        };
    }

    /// <summary>Seconds since 1970, whole or not; null when the claim is not there.</summary>
    public DateTimeOffset? Time(string name)
    {
        const string problem = "oidc: verify token: oidc: failed to unmarshal claims";
        return !_claims.TryGetValue(name, out var claim) || claim.ValueKind == JsonValueKind.Null ? null
            : claim.ValueKind != JsonValueKind.Number ? throw Wrong(claim, "json.Number", problem)
            : claim.TryGetDouble(out var seconds) && Math.Abs(seconds) < 250_000_000_000 ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : throw new OpenIdException(string.Create(CultureInfo.InvariantCulture, $"{problem}: {claim.GetRawText()} is no time"));
    }

    private static string Text(JsonElement claim, string problem)
    {
        try
        {
            return claim.ValueKind switch
            {
                JsonValueKind.String => claim.GetString()!,
                JsonValueKind.Null => "",
                _ => throw Wrong(claim, "string", problem),
            };
        }
        catch (InvalidOperationException)
        {
            throw new OpenIdException($"{problem}: half a character in a text");
        }
    }

    private static JsonNode? Node(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var made = new JsonObject();
                foreach (var member in value.EnumerateObject())
                {
                    made[member.Name] = Node(member.Value);
                }

                return made;
            case JsonValueKind.Array:
                return new JsonArray([.. value.EnumerateArray().Select(Node)]);
            case JsonValueKind.String:
                return Text(value, "oidc: could not convert claims to unstructured");
            case JsonValueKind.Null:
                return null;
            default:
                return JsonValue.Create(value);
        }
    }

    private static OpenIdException Wrong(JsonElement claim, string wanted, string problem)
    {
        var kind = claim.ValueKind switch
        {
            JsonValueKind.True or JsonValueKind.False => "bool",
            JsonValueKind.Number => "number",
            JsonValueKind.Array => "array",
            JsonValueKind.Object => "object",
            _ => "string",
        };
        return new($"{problem}: json: cannot unmarshal {kind} into Go value of type {wanted}");
    }

    private JsonElement Claim(string name, string problem) => _claims.TryGetValue(name, out var claim) ? claim : throw new OpenIdException($"{problem}: claim not present");
}
