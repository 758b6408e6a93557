using System.Text.Json.Nodes;

namespace Kobune.Api.Schema.Protobuf;

/// <summary>Reads the protobuf message of a type as a JSON tree. Safe on hostile input: lengths are checked, depth is bounded, unknown fields are passed over.</summary>
internal static class ProtobufDecoder
{
    private const int MaxDepth = 500;

    public static void Message(ReadOnlySpan<byte> message, SchemaType type, JsonObject target, int depth = 0)
    {
        if (depth > MaxDepth)
        {
            throw ProtobufReader.Bad("message nested too deeply");
        }

        var reader = new ProtobufReader(message);
        while (reader.Next(out var number, out var wire))
        {
            if (!type.TryGetField(number, out var field))
            {
                reader.Skip(wire);
            }
            else if (field.IsInline)
            {
                Message(reader.Bytes(wire), field.Type, target, depth + 1);
            }
            else
            {
                Field(ref reader, wire, field, target, depth);
            }
        }
    }

    private static void Field(ref ProtobufReader reader, WireType wire, SchemaField field, JsonObject target, int depth)
    {
        switch (field.Type.Shape)
        {
            case SchemaShape.List when field.Type.IsWrapped:
                target[field.Name] = Wrapped(reader.Bytes(wire), field.Type, depth);
                break;
            case SchemaShape.List:
                if (target[field.Name] is not JsonArray list)
                {
                    target[field.Name] = list = [];
                }

                list.Add(Element(ref reader, wire, field.Type.Element, depth));
                break;
            case SchemaShape.Map:
                if (target[field.Name] is not JsonObject map)
                {
                    target[field.Name] = map = [];
                }

                Entry(reader.Bytes(wire), field.Type.Element, map, depth);
                break;
            case SchemaShape.Object when target[field.Name] is JsonObject known:
                Message(reader.Bytes(wire), field.Type, known, depth + 1); // a struct that comes twice is merged, as protobuf says
                break;
            default:
                target[field.Name] = Element(ref reader, wire, field.Type, depth);
                break;
        }
    }

    private static void Entry(ReadOnlySpan<byte> message, SchemaType element, JsonObject map, int depth)
    {
        var reader = new ProtobufReader(message);
        var key = "";
        var value = Zero.Of(element);
        while (reader.Next(out var number, out var wire))
        {
            if (number == 1)
            {
                key = wire == WireType.Bytes ? reader.Text() : throw ProtobufReader.Bad("wrong wireType");
            }
            else if (number == 2)
            {
                value = element.IsWrapped ? Wrapped(reader.Bytes(wire), element, depth) : Element(ref reader, wire, element, depth);
            }
            else
            {
                reader.Skip(wire);
            }
        }

        map[key] = value;
    }

    private static JsonArray Wrapped(ReadOnlySpan<byte> message, SchemaType type, int depth)
    {
        var reader = new ProtobufReader(message);
        var list = new JsonArray();
        while (reader.Next(out var number, out var wire))
        {
            if (number == 1)
            {
                list.Add(Element(ref reader, wire, type.Element, depth));
            }
            else
            {
                reader.Skip(wire);
            }
        }

        return list;
    }

    private static JsonNode? Element(ref ProtobufReader reader, WireType wire, SchemaType type, int depth)
    {
        switch (type.Shape)
        {
            case SchemaShape.Boolean: return JsonValue.Create(reader.Int64(wire) != 0);
            case SchemaShape.Int32: return Number(unchecked((int)reader.Int64(wire)));
            case SchemaShape.Int64: return Number(reader.Int64(wire));
            case SchemaShape.Double: return JsonValue.Create(reader.Double(wire));
            case SchemaShape.String: return wire == WireType.Bytes ? JsonValue.Create(reader.Text()) : throw ProtobufReader.Bad("wrong wireType");
            case SchemaShape.Bytes: return JsonValue.Create(Convert.ToBase64String(reader.Bytes(wire)));
            case SchemaShape.Raw: return Raw(reader.Bytes(wire), depth);
            case SchemaShape.Union: return Union(reader.Bytes(wire), type, depth);
            case SchemaShape.Object:
                var target = new JsonObject();
                Message(reader.Bytes(wire), type, target, depth + 1);
                return target;
            default: return ProtobufScalars.Read(type.Shape, new ProtobufReader(reader.Bytes(wire)));
        }
    }

    /// <summary>A number that can be asked for as int and as long alike.</summary>
    private static JsonValue Number(long value)
    {
        Span<byte> text = stackalloc byte[24];
        System.Buffers.Text.Utf8Formatter.TryFormat(value, text, out var length);
        return JsonValue.Create(ObjectReader.Parse(text[..length]))!;
    }

    /// <summary>Raw JSON, or an object that is itself in the protobuf envelope.</summary>
    private static JsonNode? Raw(ReadOnlySpan<byte> message, int depth)
    {
        var reader = new ProtobufReader(message);
        JsonNode? value = null;
        while (reader.Next(out var number, out var wire))
        {
            if (number == 1)
            {
                var bytes = reader.Bytes(wire);
                value = bytes.IsEmpty ? null : ProtobufEnvelope.IsEnvelope(bytes) ? ProtobufEnvelope.Decode(bytes, ApiSchema.BuiltIn, depth + 1) : ObjectDecoder.Any(ObjectReader.Parse(bytes));
            }
            else
            {
                reader.Skip(wire);
            }
        }

        return value;
    }

    private static JsonNode? Union(ReadOnlySpan<byte> message, SchemaType type, int depth)
    {
        var fields = new JsonObject();
        Message(message, type, fields, depth + 1);
        foreach (var field in type.Fields)
        {
            // The member that is not the boolean wins; a list before the schema.
            if (field.Type.Shape is SchemaShape.List && fields[field.Name] is JsonArray { Count: > 0 } list)
            {
                fields.Remove(field.Name);
                return list;
            }
        }

        var chosen = type.Fields.FirstOrDefault(f => f.Type.Shape == SchemaShape.Object && fields[f.Name] is not null) ?? type.Fields.FirstOrDefault(f => fields[f.Name] is not null);
        var value = chosen is null ? null : fields[chosen.Name];
        if (chosen is not null)
        {
            fields.Remove(chosen.Name);
        }

        return value;
    }
}
