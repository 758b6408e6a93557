using System.Text.Json;

namespace Kobune.ApiServer.Aggregation;

/// <summary>A path or definition of a merged OpenAPI v2 document, with the names that its document's definitions have now; shared parameters are written where they are meant.</summary>
internal sealed record MergedItem(JsonElement Value)
{
    private const string KindsName = "x-kubernetes-group-version-kind";
    private const string DefinitionPrefix = "#/definitions/";
    private const string ParameterPrefix = "#/parameters/";

    public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, JsonElement> Parameters { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Kinds that other documents have for the same definition.</summary>
    private IReadOnlyList<JsonElement> Kinds { get; init; } = [];

    public static IEnumerable<(string Name, JsonElement Value)> Members(JsonElement document, string part) =>
        document.TryGetProperty(part, out var members) && members.ValueKind == JsonValueKind.Object ? members.EnumerateObject().Select(m => (m.Name, m.Value)) : [];

    /// <summary>Which definition a member refers to.</summary>
    public static string? Definition(JsonProperty member) => Reference(member, DefinitionPrefix);

    /// <summary>Which shared parameter a member refers to.</summary>
    public static string? Parameter(JsonProperty member) => Reference(member, ParameterPrefix);

    /// <summary>Whether a definition says the same, kinds aside.</summary>
    public bool IsSame(JsonElement other)
    {
        var mine = WithoutKinds(Value);
        var others = WithoutKinds(other);
        return mine.Count == others.Count && mine.All(m => others.TryGetValue(m.Key, out var value) && JsonElement.DeepEquals(m.Value, value));
    }

    /// <summary>The same definition, for the kinds of another document too.</summary>
    public MergedItem WithKindsOf(JsonElement other)
    {
        var known = KindsOf(Value).Concat(Kinds).ToList();
        var more = KindsOf(other).Where(k => !known.Any(n => JsonElement.DeepEquals(n, k))).ToArray();
        return more.Length == 0 ? this : this with { Kinds = [.. Kinds, .. more] };
    }

    public void Write(Utf8JsonWriter writer)
    {
        if (Names.Count == 0 && Parameters.Count == 0 && Kinds.Count == 0)
        {
            Value.WriteTo(writer);
        }
        else
        {
            Write(writer, Value, Kinds);
        }
    }

    private static string? Reference(JsonProperty member, string prefix) =>
        member.NameEquals("$ref") && member.Value.ValueKind == JsonValueKind.String && member.Value.GetString() is { } target && target.StartsWith(prefix, StringComparison.Ordinal) ? target[prefix.Length..] : null;

    private static Dictionary<string, JsonElement> WithoutKinds(JsonElement definition) =>
        definition.EnumerateObject().Where(m => !m.NameEquals(KindsName)).ToDictionary(m => m.Name, m => m.Value);

    private static JsonElement.ArrayEnumerator KindsOf(JsonElement definition) =>
        definition.TryGetProperty(KindsName, out var kinds) && kinds.ValueKind == JsonValueKind.Array ? kinds.EnumerateArray() : default;

    private void Write(Utf8JsonWriter writer, JsonElement element, IReadOnlyList<JsonElement> kinds)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(writer, element, kinds);
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(writer, item, []);
                }

                writer.WriteEndArray();
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    private void WriteObject(Utf8JsonWriter writer, JsonElement element, IReadOnlyList<JsonElement> kinds)
    {
        if (element.TryGetProperty("$ref", out _) && element.EnumerateObject().Select(Parameter).OfType<string>().FirstOrDefault() is { } shared && Parameters.TryGetValue(shared, out var parameter))
        {
            Write(writer, parameter, []);
            return;
        }

        writer.WriteStartObject();
        foreach (var member in element.EnumerateObject().Where(m => kinds.Count == 0 || !m.NameEquals(KindsName)))
        {
            writer.WritePropertyName(member.Name);
            if (Definition(member) is { } name && Names.TryGetValue(name, out var renamed))
            {
                writer.WriteStringValue(DefinitionPrefix + renamed);
            }
            else
            {
                Write(writer, member.Value, []);
            }
        }

        if (kinds.Count > 0)
        {
            writer.WriteStartArray(KindsName);
            foreach (var kind in KindsOf(element).Concat(kinds).OrderBy(k => k.GetRawText(), StringComparer.Ordinal))
            {
                kind.WriteTo(writer);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
