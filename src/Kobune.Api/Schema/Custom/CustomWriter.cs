using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kobune.Api.Schema.Custom;

/// <summary>Writes custom objects: type and metadata first, then all that is there with keys sorted, so that equal objects have equal bytes.</summary>
internal static class CustomWriter
{
    private static readonly string[] First = ["apiVersion", "kind", "metadata"];

    public static void Properties(Utf8JsonWriter writer, JsonObject obj, SchemaType type)
    {
        foreach (var name in First)
        {
            if (obj.TryGetPropertyValue(name, out var value))
            {
                Property(writer, name, value, type);
            }
        }

        foreach (var name in ObjectWriter.SortedKeys(obj))
        {
            if (Array.IndexOf(First, name) < 0)
            {
                Property(writer, name, obj[name], type);
            }
        }
    }

    /// <summary>JSON without a schema, keys sorted.</summary>
    public static void Any(Utf8JsonWriter writer, JsonNode? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case JsonObject map:
                writer.WriteStartObject();
                foreach (var name in ObjectWriter.SortedKeys(map))
                {
                    writer.WritePropertyName(name);
                    Any(writer, map[name]);
                }

                writer.WriteEndObject();
                break;
            case JsonArray list:
                writer.WriteStartArray();
                foreach (var item in list)
                {
                    Any(writer, item);
                }

                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static void Property(Utf8JsonWriter writer, string name, JsonNode? value, SchemaType type)
    {
        writer.WritePropertyName(name);
        if (type.TryGetField(name, out var field))
        {
            ObjectWriter.Value(writer, field.Type, value);
        }
        else
        {
            Any(writer, value);
        }
    }
}
