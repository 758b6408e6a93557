using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api.Json;
using Kobune.Api.Schema.Custom;

namespace Kobune.Api.Schema;

/// <summary>JSON as Go's encoder writes free maps: keys in the order of their bytes.</summary>
public static class SortedJson
{
    /// <summary>The JSON in UTF-8.</summary>
    public static byte[] Bytes(JsonNode? node)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            CustomWriter.Any(writer, node);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The JSON as a text, for messages.</summary>
    public static string Text(JsonNode? node) => Encoding.UTF8.GetString(Bytes(node));
}
