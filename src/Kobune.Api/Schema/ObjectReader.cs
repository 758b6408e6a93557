using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Kobune.Api.Json;
using Kobune.Api.Schema.Custom;

namespace Kobune.Api.Schema;

/// <summary>
/// Decodes a JSON body as upstream decodes it into Go structs: field names are case-sensitive, unknown fields are dropped, of duplicates the last one counts,
/// null is absent, values of the wrong type are refused in upstream's words, quantities and times become canonical. The result is a tree that nobody else holds.
/// </summary>
public static class ObjectReader
{
    /// <summary>Decodes a body.</summary>
    /// <param name="json">UTF-8. Invalid sequences are replaced, as Go does.</param>
    /// <param name="type">The kind.</param>
    /// <param name="strict">Takes unknown and duplicate fields (modes Warn and Strict); null to ignore them.</param>
    /// <param name="keepsNulls">Of a custom kind: whether nulls stay that are no value of their field, as an apply leaves them.</param>
    /// <exception cref="ObjectDecodeException">Not JSON, too deep, or a value of the wrong type.</exception>
    public static JsonObject Read(ReadOnlySpan<byte> json, SchemaType type, StrictErrors? strict = null, bool keepsNulls = false) => Read(Parse(json), type, strict, keepsNulls);

    /// <summary>Decodes a parsed body.</summary>
    /// <exception cref="ObjectDecodeException">A value has the wrong type.</exception>
    public static JsonObject Read(JsonElement json, SchemaType type, StrictErrors? strict = null, bool keepsNulls = false)
    {
        var target = new JsonObject();
        if (json.ValueKind != JsonValueKind.Null)
        {
            new ObjectDecoder(strict).Object(json, type.Wire ?? type, target);
        }

        if (type.IsCustom)
        {
            CustomCoercion.Apply(target, type, strict, keepsNulls);
        }

        return target;
    }

    /// <summary>A parsed body as a tree without a schema; of duplicate keys the last one counts.</summary>
    public static JsonNode? ReadAny(JsonElement json) => ObjectDecoder.Any(json);

    /// <summary>apiVersion and kind of a body; empty when it has none, or is null.</summary>
    /// <exception cref="ObjectDecodeException">Neither an object nor null.</exception>
    public static (string ApiVersion, string Kind) ReadTypeMeta(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Null)
        {
            return ("", ""); // Go leaves what it reads into as it is
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new ObjectDecodeException($"json: cannot unmarshal {GoError.Describe(json)} into Go value of type struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}");
        }

        return (Text(json, "apiVersion"), Text(json, "kind"));
    }

    /// <summary>Parses bytes; the element owns a copy of them.</summary>
    /// <exception cref="ObjectDecodeException">Not JSON, or deeper than <see cref="JsonText.MaxDepth"/>; the text is that of Go's decoder.</exception>
    public static JsonElement Parse(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            json = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json));
        }

        json = LoneSurrogates.Replace(json);
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = JsonText.MaxDepth });
            var element = JsonElement.ParseValue(ref reader);
            if (!json[(int)reader.BytesConsumed..].TrimStart(" \t\r\n"u8).IsEmpty)
            {
                throw new ObjectDecodeException(GoJsonSyntax.Explain(json));
            }

            return element;
        }
        catch (JsonException)
        {
            throw new ObjectDecodeException(GoJsonSyntax.Explain(json));
        }
    }

    private static string Text(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return "";
        }

        return value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new ObjectDecodeException($"json: cannot unmarshal {GoError.Describe(value)} into Go struct field .{name} of type string");
    }
}
