using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api.Json;

namespace Kobune.Api.Schema.Protobuf;

/// <summary>The messages of quantities, times, durations and int-or-strings.</summary>
internal static class ProtobufScalars
{
    public static void Write(ReverseBuffer buffer, SchemaShape shape, JsonElement value)
    {
        var isNull = value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;
        switch (shape)
        {
            case SchemaShape.Quantity:
                var mark = buffer.Length;
                buffer.Text(isNull ? "0" : value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText());
                buffer.Close(1, mark);
                break;
            case SchemaShape.IntOrString: IntOrString(buffer, value); break;
            case SchemaShape.Duration:
                buffer.Varint(unchecked((ulong)(isNull ? 0 : GoDuration.TryParse(value.GetString()!) ?? 0)));
                buffer.Tag(1, WireType.Varint);
                break;
            default:
                if (!isNull && GoTime.TryParse(value.GetString()!, out var time))
                {
                    Time(buffer, time, shape == SchemaShape.MicroTime);
                }

                break;
        }
    }

    /// <summary>Reads a message of such a type; null when it is the zero time, an empty message.</summary>
    public static JsonNode? Read(SchemaShape shape, ProtobufReader reader)
    {
        var text = "";
        long first = 0;
        long second = 0;
        var isEmpty = true;
        while (reader.Next(out var number, out var wire))
        {
            isEmpty = false;
            if (wire == WireType.Bytes)
            {
                text = number is 1 or 3 ? reader.Text() : throw ProtobufReader.Bad("scalar message");
            }
            else if (number == 1)
            {
                first = reader.Int64(wire);
            }
            else
            {
                second = reader.Int64(wire);
            }
        }

        return shape switch
        {
            SchemaShape.Quantity => Quantity.TryParse(text.Length == 0 ? "0" : text, out var quantity, out var error) ? JsonValue.Create(quantity.ToString()) : throw new ObjectDecodeException(error),
            SchemaShape.IntOrString => first == 0 ? JsonValue.Create((int)second) : JsonValue.Create(text),
            SchemaShape.Duration => JsonValue.Create(GoDuration.Format(first)),
            _ => isEmpty ? null : TimeNode(shape, first, second),
        };
    }

    private static void IntOrString(ReverseBuffer buffer, JsonElement value)
    {
        var isText = value.ValueKind == JsonValueKind.String;
        var mark = buffer.Length;
        buffer.Text(isText ? value.GetString() : "");
        buffer.Close(3, mark);
        buffer.Varint(value.ValueKind == JsonValueKind.Number ? unchecked((ulong)value.GetInt64()) : 0);
        buffer.Tag(2, WireType.Varint);
        buffer.Varint(isText ? 1u : 0u);
        buffer.Tag(1, WireType.Varint);
    }

    private static void Time(ReverseBuffer buffer, DateTimeOffset time, bool micro)
    {
        var seconds = time.ToUnixTimeSeconds();
        var nanos = micro ? (time.UtcTicks - DateTimeOffset.FromUnixTimeSeconds(seconds).UtcTicks) / TimeSpan.TicksPerMicrosecond * 1000 : 0;
        buffer.Varint((ulong)nanos);
        buffer.Tag(2, WireType.Varint);
        buffer.Varint(unchecked((ulong)seconds));
        buffer.Tag(1, WireType.Varint);
    }

    private static JsonValue? TimeNode(SchemaShape shape, long seconds, long nanos)
    {
        // Go's zero value is the first second of year 1.
        if (seconds <= -62135596800 || seconds > 253402300799 || nanos is < 0 or > 999_999_999)
        {
            return null;
        }

        var time = DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanos / 100);
        return JsonValue.Create(shape == SchemaShape.MicroTime ? TimeText.FormatMicro(time) : TimeText.Format(time));
    }
}
