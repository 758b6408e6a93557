using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api.Json;
using Kobune.Api.Schema.Custom;

namespace Kobune.Api.Schema;

/// <summary>
/// Writes a tree in upstream's canonical form: kind and apiVersion first, fields in schema order, map keys sorted, zero values of omitempty fields left out,
/// structs and other always-present fields written even when absent, quantities and times normalised. Fields that the type does not know are dropped.
/// Custom objects (<see cref="SchemaType.IsCustom"/>) are written with all they hold, keys sorted.
/// </summary>
public static class ObjectWriter
{
    /// <summary>The canonical bytes.</summary>
    public static byte[] Write(JsonObject obj, SchemaType type)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            Write(writer, obj, type);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>One field of an object in canonical form; false when it is left out.</summary>
    public static bool TryCanonical(SchemaField field, JsonNode? value, out JsonNode? canonical)
    {
        canonical = null;
        if (!IsWritten(field, value))
        {
            return false;
        }

        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            writer.WriteStartObject();
            Field(writer, field, value);
            writer.WriteEndObject();
        }

        return JsonNode.Parse(buffer.WrittenSpan)!.AsObject().TryGetPropertyValue(field.Name, out canonical);
    }

    /// <summary>Writes the canonical form as one value.</summary>
    public static void Write(Utf8JsonWriter writer, JsonObject? obj, SchemaType type)
    {
        writer.WriteStartObject();
        if (type.IsCustom)
        {
            CustomWriter.Properties(writer, obj!, type);
        }
        else
        {
            if (type.IsKind && obj is not null)
            {
                TypeMeta(writer, obj, "kind");
                TypeMeta(writer, obj, "apiVersion");
            }

            foreach (var field in type.Fields)
            {
                JsonNode? value = null;
                obj?.TryGetPropertyValue(field.Name, out value);
                Field(writer, field, value);
            }
        }

        writer.WriteEndObject();
    }

    private static void TypeMeta(Utf8JsonWriter writer, JsonObject obj, string name)
    {
        if (obj.TryGetPropertyValue(name, out var value) && value is JsonValue text && text.TryGetValue<string>(out var some) && some.Length > 0)
        {
            writer.WriteString(name, some);
        }
    }

    private static bool IsWritten(SchemaField field, JsonNode? value) =>
        value is null ? field is { IsAlwaysWritten: true, IsOff: false } : field.IsAlwaysWritten || field.IsPointer || !IsEmpty(field.Type, value);

    private static void Field(Utf8JsonWriter writer, SchemaField field, JsonNode? value)
    {
        if (!IsWritten(field, value))
        {
            return;
        }

        writer.WritePropertyName(field.Utf8Name);
        if (value is not null && !(field.IsNullWhenEmpty && value is JsonArray { Count: 0 }))
        {
            Value(writer, field.Type, value);
        }
        else if (field.IsPointer || Zero.Of(field.Type) is not { } zero)
        {
            writer.WriteNullValue();
        }
        else
        {
            Value(writer, field.Type, zero);
        }
    }

    internal static void Value(Utf8JsonWriter writer, SchemaType type, JsonNode? value)
    {
        switch (value)
        {
            case null: writer.WriteNullValue(); break;
            case JsonObject or JsonArray when type is { IsCustom: true, Shape: not (SchemaShape.Object or SchemaShape.Map or SchemaShape.List) }: CustomWriter.Any(writer, value); break;
            case JsonObject obj when type.Shape == SchemaShape.Object: Write(writer, obj, type); break;
            case JsonObject obj when type.Shape == SchemaShape.Map: Map(writer, obj, type.Element); break;
            case JsonArray list when type.Shape == SchemaShape.List: List(writer, list, type.Element); break;
            case not JsonValue when type.Shape == SchemaShape.Union: Value(writer, UnionMember.Choose(type, value.GetValueKind())!.Type, value); break;
            case JsonValue scalar: Scalar(writer, type.Shape, scalar); break;
            default: Any(writer, value); break;
        }
    }

    private static void Map(Utf8JsonWriter writer, JsonObject map, SchemaType element)
    {
        writer.WriteStartObject();
        if (map.Count == 1)
        {
            foreach (var (key, value) in map)
            {
                writer.WritePropertyName(key);
                Value(writer, element, value);
            }
        }
        else if (map.Count > 1)
        {
            foreach (var key in SortedKeys(map))
            {
                writer.WritePropertyName(key);
                Value(writer, element, map[key]);
            }
        }

        writer.WriteEndObject();
    }

    internal static string[] SortedKeys(JsonObject obj)
    {
        var keys = new string[obj.Count];
        var count = 0;
        foreach (var (key, _) in obj)
        {
            keys[count++] = key;
        }

        Array.Sort(keys, StringComparer.Ordinal);
        return keys;
    }

    private static void List(Utf8JsonWriter writer, JsonArray list, SchemaType element)
    {
        writer.WriteStartArray();
        foreach (var item in list)
        {
            Value(writer, element, item);
        }

        writer.WriteEndArray();
    }

    private static void Scalar(Utf8JsonWriter writer, SchemaShape shape, JsonValue value)
    {
        if (value.GetValueKind() is not (JsonValueKind.String or JsonValueKind.Number))
        {
            value.WriteTo(writer);
            return;
        }

        switch (shape)
        {
            case SchemaShape.Quantity when Quantity.TryParse(value.ToString().Trim(), out var quantity): writer.WriteStringValue(quantity.ToString()); break;
            case SchemaShape.Time when GoTime.TryParse(value.ToString(), out var time): writer.WriteStringValue(TimeText.Format(time)); break;
            case SchemaShape.MicroTime when GoTime.TryParse(value.ToString(), out var time): writer.WriteStringValue(TimeText.FormatMicro(time)); break;
            default: value.WriteTo(writer); break;
        }
    }

    /// <summary>Free-form JSON as it is.</summary>
    private static void Any(Utf8JsonWriter writer, JsonNode? value)
    {
        if (value is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            value.WriteTo(writer);
        }
    }

    private static bool IsEmpty(SchemaType type, JsonNode value) => value switch
    {
        JsonArray list => list.Count == 0,
        JsonObject map => type.Shape == SchemaShape.Map && map.Count == 0,
        JsonValue scalar => scalar.GetValueKind() switch
        {
            JsonValueKind.String => type.Shape is SchemaShape.String or SchemaShape.Bytes && scalar.TryGetValue<string>(out var text) && text.Length == 0,
            JsonValueKind.False => type.Shape == SchemaShape.Boolean,
            JsonValueKind.Number => type.Shape is SchemaShape.Int32 or SchemaShape.Int64 or SchemaShape.Double && scalar.ToString() == "0",
            _ => false,
        },
        _ => false,
    };
}
