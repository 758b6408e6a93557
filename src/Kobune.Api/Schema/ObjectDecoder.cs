using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kobune.Api.Schema;

/// <summary>One run of <see cref="ObjectReader"/>.</summary>
/// <param name="strict">Takes unknown and duplicate fields; null to ignore them.</param>
/// <param name="place">Where the value stands; null for a whole body.</param>
internal sealed class ObjectDecoder(StrictErrors? strict, FieldPath? place = null)
{
    private const int LongestName = 128;

    private readonly FieldPath _path = place ?? new();
    private readonly GoFieldStack _go = new();

    public void Object(JsonElement json, SchemaType type, JsonObject target)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw _go.Wrong(GoError.Describe(json), type.GoName);
        }

        var seen = strict is null ? null : new HashSet<string>(StringComparer.Ordinal);
        Span<char> buffer = stackalloc char[LongestName];
        foreach (var property in json.EnumerateObject())
        {
            var name = Name(property, buffer);
            if (type.IsKind && name is "apiVersion" or "kind")
            {
                TypeMeta(property, type, name.ToString(), seen, target);
            }
            else if (type.TryGetField(name, out var field))
            {
                CheckDuplicate(seen, field.Name);
                Field(property.Value, type, field, target);
            }
            else if (type.PreservesUnknownFields)
            {
                var key = name.ToString();
                CheckDuplicate(seen, key);
                target[key] = strict is null ? Any(property.Value) : Checked(property.Value, key);
            }
            else
            {
                strict?.Unknown(_path.With(name.ToString()));
            }
        }
    }

    private void TypeMeta(JsonProperty property, SchemaType type, string name, HashSet<string>? seen, JsonObject target)
    {
        CheckDuplicate(seen, name);
        _go.Push(type.Name, name);
        if (property.Value.ValueKind != JsonValueKind.Null)
        {
            target[name] = Text(property.Value, "string");
        }

        _go.Pop();
    }

    private void Field(JsonElement json, SchemaType parent, SchemaField field, JsonObject target)
    {
        if (json.ValueKind == JsonValueKind.Null)
        {
            // Go leaves scalars and structs as they are, and sets pointers, lists and maps to nil.
            if (field.IsPointer || field.Type.Shape is SchemaShape.List or SchemaShape.Map or SchemaShape.Bytes or SchemaShape.Raw)
            {
                target.Remove(field.Name);
            }

            return;
        }

        _path.Push(field.Name);
        _go.Push(parent.Name, field.Name);
        target.TryGetPropertyValue(field.Name, out var known);
        var value = Value(json, field.Type, field.GoTypeName, known as JsonObject);
        if (!ReferenceEquals(value, known))
        {
            target[field.Name] = value;
        }

        _go.Pop();
        _path.Pop();
    }

    private JsonNode? Value(JsonElement json, SchemaType type, string goTypeName, JsonObject? known)
    {
        switch (type.Shape)
        {
            case SchemaShape.Object:
                var target = known ?? new JsonObject();
                Object(json, type, target);
                return target;
            case SchemaShape.Map: return Map(json, type, known ?? new JsonObject());
            case SchemaShape.List: return List(json, type);
            case SchemaShape.Union: return Union(json, type);
            case SchemaShape.Any or SchemaShape.Raw: return Any(json);
            case SchemaShape.String: return Text(json, goTypeName.Length > 0 ? goTypeName : type.GoName);
            default: return ScalarDecoder.Read(json, type, _go);
        }
    }

    private JsonObject Map(JsonElement json, SchemaType type, JsonObject target)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw _go.Wrong(GoError.Describe(json), type.GoName);
        }

        var element = type.Element;
        var seen = strict is null ? null : new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in json.EnumerateObject())
        {
            var key = property.Name;
            CheckDuplicate(seen, key);
            _path.Push(key);
            target[key] = Element(property.Value, element) ?? (element.Shape == SchemaShape.Bytes ? JsonValue.Create("") : null); // protobuf has bytes of no length, but no null
            _path.Pop();
        }

        return target;
    }

    private JsonArray List(JsonElement json, SchemaType type)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            throw _go.Wrong(GoError.Describe(json), type.GoName);
        }

        var element = type.Element;
        var list = new JsonArray();
        var index = 0;
        foreach (var item in json.EnumerateArray())
        {
            _path.Push(index++);
            list.Add(Element(item, element));
            _path.Pop();
        }

        return list;
    }

    /// <summary>A null item is the zero value of its type.</summary>
    private JsonNode? Element(JsonElement json, SchemaType type) => json.ValueKind == JsonValueKind.Null ? Zero.Of(type) : Value(json, type, "", null);

    private JsonNode? Union(JsonElement json, SchemaType type)
    {
        var member = UnionMember.Choose(type, json.ValueKind);
        return member is null ? throw _go.Wrong(GoError.Describe(json), type.GoName) : Value(json, member.Type, "", null);
    }

    private JsonValue Text(JsonElement json, string goName) =>
        json.ValueKind == JsonValueKind.String ? JsonValue.Create(ScalarDecoder.Text(json)) : throw _go.Wrong(GoError.Describe(json), goName);

    /// <summary>Free-form JSON whose duplicate keys are told.</summary>
    private JsonNode? Checked(JsonElement json, string name)
    {
        _path.Push(name);
        var value = Checked(json);
        _path.Pop();
        return value;
    }

    private JsonNode? Checked(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                var target = new JsonObject();
                var seen = new HashSet<string>(StringComparer.Ordinal);
                foreach (var property in json.EnumerateObject())
                {
                    CheckDuplicate(seen, property.Name);
                    target[property.Name] = Checked(property.Value, property.Name);
                }

                return target;
            case JsonValueKind.Array:
                var list = new JsonArray();
                var index = 0;
                foreach (var item in json.EnumerateArray())
                {
                    _path.Push(index++);
                    list.Add(Checked(item));
                    _path.Pop();
                }

                return list;
            default:
                return Any(json);
        }
    }

    /// <summary>Free-form JSON; of duplicate keys the last one counts.</summary>
    internal static JsonNode? Any(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                var target = new JsonObject();
                foreach (var property in json.EnumerateObject())
                {
                    target[property.Name] = Any(property.Value);
                }

                return target;
            case JsonValueKind.Array:
                var list = new JsonArray();
                foreach (var item in json.EnumerateArray())
                {
                    list.Add(Any(item));
                }

                return list;
            case JsonValueKind.String: return JsonValue.Create(ScalarDecoder.Text(json));
            case JsonValueKind.Number: return JsonValue.Create(json);
            case JsonValueKind.True: return JsonValue.Create(true);
            case JsonValueKind.False: return JsonValue.Create(false);
            default: return null;
        }
    }

    private void CheckDuplicate(HashSet<string>? seen, string name)
    {
        if (seen is not null && !seen.Add(name))
        {
            strict!.Duplicate(_path.With(name));
        }
    }

    private static ReadOnlySpan<char> Name(JsonProperty property, Span<char> buffer)
    {
        var raw = JsonMarshal.GetRawUtf8PropertyName(property);
        return raw.Length > buffer.Length || raw.Contains((byte)'\\') ? property.Name : buffer[..Encoding.UTF8.GetChars(raw, buffer)];
    }
}
