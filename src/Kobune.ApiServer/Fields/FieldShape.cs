using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api.Schema;

namespace Kobune.ApiServer.Fields;

/// <summary>How field management sees a type. Without a type (what the schema does not know) maps merge by key and lists as a whole.</summary>
/// <param name="Type">The type, or null.</param>
/// <param name="Use">How this use of the type merges, when that differs from the type's own way.</param>
internal readonly record struct FieldShape(SchemaType? Type, MergeSemantics Use = MergeSemantics.Default)
{
    private MergeSemantics Merge => Use != MergeSemantics.Default ? Use : Type?.Merge ?? MergeSemantics.Default;

    /// <summary>Whether an object or map belongs to one manager as a whole.</summary>
    public bool IsAtomic => Merge == MergeSemantics.Atomic;

    /// <summary>A list of distinct scalars.</summary>
    public bool IsSet => Type?.Shape == SchemaShape.List && Merge == MergeSemantics.Set;

    /// <summary>A list of objects told apart by keys.</summary>
    public bool IsMapList => Type?.Shape == SchemaShape.List && Merge == MergeSemantics.Map;

    /// <summary>Keys of a map list.</summary>
    public IReadOnlyList<string> Keys => Type?.ListKeys ?? [];

    /// <summary>The type of a list's items.</summary>
    public FieldShape Item => Type?.Shape == SchemaShape.List ? new(Type.Element) : default;

    /// <summary>The type of a field or of a map's values.</summary>
    public FieldShape Child(string name) => Type?.Shape switch
    {
        SchemaShape.Object when Type.TryGetField(name, out var field) => new(field.Type, field.Merge),
        SchemaShape.Map => new(Type.Element),
        _ => default,
    };

    /// <summary>Whether the type has the field as one of its own.</summary>
    public bool IsDeclared(string name) => Type?.Shape == SchemaShape.Object && Type.TryGetField(name, out _);

    /// <summary>Whether the field may be there.</summary>
    public bool Knows(string name) => Type?.Shape != SchemaShape.Object || Type.PreservesUnknownFields || IsDeclared(name);

    /// <summary>An object as it is stored: zero values left out, what is always written put in. What is no built-in kind is taken as it is.</summary>
    public JsonObject Canonical(JsonObject obj) =>
        Type is { IsCustom: false, IsKind: true } ? (JsonObject)JsonNode.Parse(ObjectWriter.Write(obj, Type))! : obj;

    /// <summary>Why an item cannot be told apart from others, in upstream's words; null when it can.</summary>
    public string? ProblemOf(JsonNode? item)
    {
        if (IsSet)
        {
            return item switch
            {
                null => "associative list without keys has an element that's an explicit null",
                JsonObject => "associative list without keys has an element that's a map type",
                JsonArray => "not supported: associative list with lists as elements",
                _ => null,
            };
        }

        if (item is not JsonObject map)
        {
            return item is null ? "associative list with keys may not have a null element" : "associative list with keys may not have non-map elements";
        }

        foreach (var key in Keys)
        {
            if (map.ContainsKey(key) || DefaultOf(key) is not null)
            {
                return null;
            }
        }

        return $"associative list with keys has an element that omits all key fields [{string.Join(' ', Keys.Select(k => $"\"{k}\""))}] (and doesn't have default values for any key fields)";
    }

    /// <summary>The path element of an item of a set or map list: v:value, or k:{"name":"c"} with the keys sorted and their defaults put in.</summary>
    public string ElementOf(JsonNode? item)
    {
        if (IsSet)
        {
            return "v:" + Text(item);
        }

        var key = new StringBuilder("k:{");
        foreach (var name in Keys.Order(StringComparer.Ordinal))
        {
            var value = item is JsonObject map && map.TryGetPropertyValue(name, out var own) ? Text(own) : DefaultOf(name);
            if (value is not null)
            {
                key.Append(key.Length > 3 ? "," : "").Append('"').Append(name).Append("\":").Append(value);
            }
        }

        return key.Append('}').ToString();
    }

    /// <summary>The default of a key field of the items as JSON text, or null. What a built-in kind always writes has its zero value for a default.</summary>
    public string? DefaultOf(string key) => Item.Type is { } type && type.TryGetField(key, out var field)
        ? field.Default ?? (field is { IsAlwaysWritten: true, IsPointer: false } && !type.IsCustom ? ZeroOf(field.Type.Shape) : null)
        : null;

    private static string? ZeroOf(SchemaShape shape) => shape switch
    {
        SchemaShape.String => "\"\"",
        SchemaShape.Int32 or SchemaShape.Int64 or SchemaShape.Double => "0",
        SchemaShape.Boolean => "false",
        _ => null,
    };

    /// <summary>A value as JSON text.</summary>
    public static string Text(JsonNode? value) => value is null ? "null" : Encoding.UTF8.GetString(FieldJson.Write(value));
}
