using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Kobune.Api.Json;

/// <summary>Records to and from UTF-8 JSON.</summary>
public static class JsonText
{
    /// <summary>Levels of nesting that are read; deeper input is refused (upstream refuses from 10,000 on).</summary>
    public const int MaxDepth = 1_000;

    /// <summary>Writes as Go's encoder does: not indented, with its escapes.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = GoJsonEncoder.Instance, SkipValidation = true, MaxDepth = MaxDepth };

    /// <summary>A reader at the first token of a document.</summary>
    public static Utf8JsonReader Reader(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        return reader;
    }

    /// <summary>Decodes a record; unknown fields are skipped.</summary>
    /// <exception cref="JsonException">The bytes are not JSON or not of this type.</exception>
    public static T Read<T>(ReadOnlySpan<byte> json)
        where T : IJsonRecord<T>
    {
        var reader = Reader(json);
        return T.ReadJson(ref reader);
    }

    /// <summary>The canonical JSON of a record.</summary>
    public static byte[] Bytes(IJsonWritable value)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            value.WriteJson(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The canonical JSON of a record as text, for logs and messages.</summary>
    public static string Of(IJsonWritable value) => Encoding.UTF8.GetString(Bytes(value));

    /// <summary>A record as a JSON element, for fields that hold any object.</summary>
    public static JsonElement Element(IJsonWritable value)
    {
        var reader = Reader(Bytes(value));
        return JsonElement.ParseValue(ref reader);
    }
}
