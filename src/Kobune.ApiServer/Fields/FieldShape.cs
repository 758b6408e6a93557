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

    /// <summary>Whether the field stands in the JSON even when nothing is set (a struct or list by value without omitempty): such a container is nobody's.</summary>
    public bool IsAlwaysPresent(string name) =>
        Type?.Shape == SchemaShape.Object && Type.TryGetField(name, out var field) && field.IsAlwaysWritten;

    /// <summary>Adds the empty structs that the canonical form always has, so that having sent none and having sent an empty one are the same.</summary>
    public void Complete(JsonObject obj)
    {
        if (Type?.Shape != SchemaShape.Object)
        {
            return;
        }

        foreach (var field in Type.Fields)
        {
            if (field is { IsAlwaysWritten: true, IsPointer: false } && field.Type.Shape == SchemaShape.Object && !obj.ContainsKey(field.Name))
            {
                obj[field.Name] = new JsonObject();
            }
        }
    }

    /// <summary>Whether the field holds a value, not a pointer: then absent and empty are the same.</summary>
    public bool IsKnownValue(string name) => Type?.Shape == SchemaShape.Object && Type.TryGetField(name, out var field) && !field.IsPointer;

    /// <summary>Whether an empty value of the field is left out of the JSON, so that empty and absent are the same.</summary>
    public bool IsDroppedWhenEmpty(string name) =>
        Type?.Shape == SchemaShape.Object && Type.TryGetField(name, out var field) && field is { IsAlwaysWritten: false, IsPointer: false };

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
            var value = item is JsonObject map && map[name] is { } own ? Text(own) : DefaultOf(name);
            if (value is not null)
            {
                key.Append(key.Length > 3 ? "," : "").Append('"').Append(name).Append("\":").Append(value);
            }
        }

        return key.Append('}').ToString();
    }

    /// <summary>The default of a key field of the items as JSON text, or null.</summary>
    public string? DefaultOf(string key) => Item.Type is { } type && type.TryGetField(key, out var field) ? field.Default : null;

    /// <summary>A value as JSON text.</summary>
    public static string Text(JsonNode? value) => value is null ? "null" : Encoding.UTF8.GetString(FieldJson.Write(value));
}
