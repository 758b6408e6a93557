using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api.Json;

namespace Kobune.ApiServer.Fields;

/// <summary>Plain JSON text of a node.</summary>
internal static class FieldJson
{
    public static byte[] Write(JsonNode node)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            node.WriteTo(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>As Go's encoder writes it by default: safe to stand in HTML.</summary>
    public static string GoText(this JsonNode node) => Encoding.UTF8.GetString(Write(node))
        .Replace("<", "\\u003c", StringComparison.Ordinal)
        .Replace(">", "\\u003e", StringComparison.Ordinal)
        .Replace("&", "\\u0026", StringComparison.Ordinal);
}
