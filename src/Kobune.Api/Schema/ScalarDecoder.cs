using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kobune.Api.Schema;

/// <summary>Reads scalars; quantities, times and durations become canonical. Types with a decoder of their own in Go have errors of their own.</summary>
internal static class ScalarDecoder
{
    public static JsonValue? Read(JsonElement json, SchemaType type, GoFieldStack go)
    {
        switch (type.Shape)
        {
            case SchemaShape.Boolean:
                return json.ValueKind is JsonValueKind.True or JsonValueKind.False ? JsonValue.Create(json.GetBoolean()) : throw go.Wrong(GoError.Describe(json), type.GoName);
            case SchemaShape.Int32:
                return json.ValueKind == JsonValueKind.Number && json.TryGetInt32(out _) ? JsonValue.Create(json) : throw go.Wrong(GoError.DescribeNumber(json), type.GoName);
            case SchemaShape.Int64:
                return json.ValueKind == JsonValueKind.Number && json.TryGetInt64(out _) ? JsonValue.Create(json) : throw go.Wrong(GoError.DescribeNumber(json), type.GoName);
            case SchemaShape.Double:
                return json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out _) ? JsonValue.Create(json) : throw go.Wrong(GoError.DescribeNumber(json), type.GoName);
            case SchemaShape.Bytes: return Bytes(json, type, go);
            case SchemaShape.Quantity: return Quantity(json);
            case SchemaShape.IntOrString: return IntOrString(json);
            case SchemaShape.Time: return JsonValue.Create(GoTime.Normalize(OwnText(json), false));
            case SchemaShape.MicroTime: return JsonValue.Create(GoTime.Normalize(OwnText(json), true));
            case SchemaShape.Duration: return JsonValue.Create(GoDuration.Normalize(OwnText(json)));
            default: throw new InvalidOperationException($"{type.Shape} is not a scalar");
        }
    }

    /// <summary>A string; half a character in JSON that was parsed elsewhere than by ObjectReader.Parse is refused.</summary>
    public static string Text(JsonElement json)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDecodeException("invalid surrogate pair in string literal");
        }
    }

    private static JsonValue Bytes(JsonElement json, SchemaType type, GoFieldStack go)
    {
        if (json.ValueKind != JsonValueKind.String)
        {
            throw go.Wrong(GoError.Describe(json), type.GoName);
        }

        if (json.TryGetBytesFromBase64(out var value))
        {
            return JsonValue.Create(Convert.ToBase64String(value));
        }

        // Go skips line breaks in base64.
        var text = Text(json).Replace("\n", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal);
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length)
            ? JsonValue.Create(Convert.ToBase64String(bytes, 0, length))
            : throw new ObjectDecodeException($"illegal base64 data at input byte {IllegalByte(text)}");
    }

    private static int IllegalByte(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(text[i]) && text[i] is not ('+' or '/'))
            {
                return i;
            }
        }

        return text.Length / 4 * 4;
    }

    private static JsonValue Quantity(JsonElement json)
    {
        var text = json.ValueKind == JsonValueKind.String ? Text(json) : json.GetRawText();
        return Api.Quantity.TryParse(text.Trim(), out var value, out var error) ? JsonValue.Create(value.ToString()) : throw new ObjectDecodeException(error);
    }

    private static JsonValue IntOrString(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => JsonValue.Create(Text(json)),
        JsonValueKind.Number when json.TryGetInt32(out _) => JsonValue.Create(json)!,
        _ => throw new ObjectDecodeException($"json: cannot unmarshal {GoError.DescribeNumber(json)} into Go value of type int32"),
    };

    private static string OwnText(JsonElement json) => json.ValueKind == JsonValueKind.String
        ? Text(json)
        : throw new ObjectDecodeException($"json: cannot unmarshal {GoError.Describe(json)} into Go value of type string");
}
