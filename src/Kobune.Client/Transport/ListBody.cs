using System.Text.Json;
using Kobune.Api;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;

namespace Kobune.Client.Transport;

/// <summary>A list's JSON cut into its items, without decoding them.</summary>
internal static class ListBody
{
    /// <exception cref="HttpRequestException">The bytes are no list.</exception>
    public static ApiList Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            var reader = JsonText.Reader(body.Span);
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new JsonException("not an object");
            }

            var items = new List<EncodedObject>();
            var metadata = ListMeta.Empty;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("metadata"u8))
                {
                    reader.Read();
                    metadata = ListMeta.ReadJson(ref reader);
                }
                else if (reader.ValueTextEquals("items"u8))
                {
                    reader.Read();
                    Items(ref reader, body, items);
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }

            return new(items, metadata.ResourceVersion, metadata.Continue.Length == 0 ? null : metadata.Continue);
        }
        catch (JsonException e)
        {
            throw new HttpRequestException("the server's answer is not a list: " + e.Message, e);
        }
    }

    private static void Items(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, List<EncodedObject> items)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return; // null: Go writes a nil slice so
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            items.Add(new(body[start..(int)reader.BytesConsumed]));
        }
    }
}
