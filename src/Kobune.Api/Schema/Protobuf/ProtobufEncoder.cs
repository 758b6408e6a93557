using System.Runtime.InteropServices;
using System.Text.Json;

namespace Kobune.Api.Schema.Protobuf;

/// <summary>Writes a JSON object as the protobuf message of its type, byte for byte as upstream's generated code: fields by number, every scalar, string and struct that is
/// not a pointer even when zero, pointers, lists, maps and bytes when set.</summary>
internal static class ProtobufEncoder
{
    public static void Message(ReverseBuffer buffer, SchemaType type, JsonElement json)
    {
        if (type.Shape == SchemaShape.Union)
        {
            Union(buffer, type, json);
            return;
        }

        foreach (var field in type.ProtobufFields)
        {
            if (field.IsInline)
            {
                var mark = buffer.Length;
                Message(buffer, field.Type, json);
                buffer.Close(field.Number, mark);
                continue;
            }

            var value = json.ValueKind == JsonValueKind.Object && json.TryGetProperty(field.Utf8Name, out var some) ? some : default;
            Field(buffer, field, value);
        }
    }

    private static void Union(ReverseBuffer buffer, SchemaType type, JsonElement json)
    {
        var chosen = UnionMember.Choose(type, json.ValueKind);
        foreach (var field in type.ProtobufFields)
        {
            if (field == chosen)
            {
                Field(buffer, field, json);
            }
            else if (field.Type.Shape == SchemaShape.Boolean)
            {
                // JSONSchemaPropsOrBool allows when it has a schema.
                buffer.Varint(json.ValueKind == JsonValueKind.Object ? 1u : 0u);
                buffer.Tag(field.Number, WireType.Varint);
            }
        }
    }

    private static void Field(ReverseBuffer buffer, SchemaField field, JsonElement value)
    {
        var type = field.Type;
        var isNull = value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;
        switch (type.Shape)
        {
            case SchemaShape.List when type.IsWrapped:
                var wrapped = buffer.Length;
                Repeated(buffer, 1, type.Element, value);
                buffer.Close(field.Number, wrapped);
                break;
            case SchemaShape.List: Repeated(buffer, field.Number, type.Element, value); break;
            case SchemaShape.Map: Map(buffer, field.Number, type.Element, value); break;
            case SchemaShape.Bytes or SchemaShape.Any when isNull: break;
            default:
                if (!isNull || !field.IsPointer)
                {
                    Element(buffer, field.Number, type, value);
                }

                break;
        }
    }

    private static void Repeated(ReverseBuffer buffer, int number, SchemaType element, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return;
        }

        for (var i = value.GetArrayLength() - 1; i >= 0; i--)
        {
            Element(buffer, number, element, value[i]);
        }
    }

    private static void Map(ReverseBuffer buffer, int number, SchemaType element, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var property in value.EnumerateObject().OrderByDescending(p => p.Name, StringComparer.Ordinal))
        {
            var entry = buffer.Length;
            if (element.IsWrapped)
            {
                var wrapped = buffer.Length;
                Repeated(buffer, 1, element.Element, property.Value);
                buffer.Close(2, wrapped);
            }
            else
            {
                Element(buffer, 2, element, property.Value);
            }

            var mark = buffer.Length;
            buffer.Text(property.Name);
            buffer.Close(1, mark);
            buffer.Close(number, entry);
        }
    }

    private static void Element(ReverseBuffer buffer, int number, SchemaType type, JsonElement value)
    {
        switch (type.Shape)
        {
            case SchemaShape.Boolean:
                buffer.Varint(value.ValueKind == JsonValueKind.True ? 1u : 0u);
                buffer.Tag(number, WireType.Varint);
                break;
            case SchemaShape.Int32 or SchemaShape.Int64:
                buffer.Varint(value.ValueKind == JsonValueKind.Number ? unchecked((ulong)value.GetInt64()) : 0);
                buffer.Tag(number, WireType.Varint);
                break;
            case SchemaShape.Double:
                buffer.Fixed64(BitConverter.DoubleToInt64Bits(value.ValueKind == JsonValueKind.Number ? value.GetDouble() : 0));
                buffer.Tag(number, WireType.Fixed64);
                break;
            default:
                var mark = buffer.Length;
                Content(buffer, type, value);
                buffer.Close(number, mark);
                break;
        }
    }

    private static void Content(ReverseBuffer buffer, SchemaType type, JsonElement value)
    {
        var isNull = value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;
        switch (type.Shape)
        {
            case SchemaShape.String:
                if (!isNull)
                {
                    Text(buffer, value);
                }

                break;
            case SchemaShape.Bytes when !isNull: buffer.Bytes(value.GetBytesFromBase64()); break;
            case SchemaShape.Object or SchemaShape.Union: Message(buffer, type, value); break;
            case SchemaShape.Raw when !isNull:
                var raw = buffer.Length;
                buffer.Bytes(JsonMarshal.GetRawUtf8Value(value));
                buffer.Close(1, raw);
                break;
            case SchemaShape.Quantity or SchemaShape.IntOrString or SchemaShape.Time or SchemaShape.MicroTime or SchemaShape.Duration:
                ProtobufScalars.Write(buffer, type.Shape, value);
                break;
        }
    }

    /// <summary>Text without escapes is copied as it stands.</summary>
    private static void Text(ReverseBuffer buffer, JsonElement value)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value);
        if (raw.Contains((byte)'\\'))
        {
            buffer.Text(value.GetString());
        }
        else
        {
            buffer.Bytes(raw[1..^1]);
        }
    }
}
