using System.Text.Json;

namespace Kobune.Api.Schema.Protobuf;

/// <summary>Puts a list together from items that are already encoded: a server encodes each object once per revision, whoever lists it.</summary>
public static class ProtobufList
{
    /// <summary>The pieces of a list in its envelope, in the order in which they are sent.</summary>
    /// <param name="type">The list kind, with fields "metadata" and "items".</param>
    /// <param name="apiVersion">apiVersion of the list.</param>
    /// <param name="metadata">ListMeta as JSON.</param>
    /// <param name="items">Envelopes of the items.</param>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Pieces(SchemaType type, string apiVersion, JsonElement metadata, IReadOnlyList<ReadOnlyMemory<byte>> items)
    {
        if (!type.TryGetField("metadata", out var metadataField) || !type.TryGetField("items", out var itemsField))
        {
            throw new ArgumentException($"{type} is not a list", nameof(type));
        }

        var body = new List<ReadOnlyMemory<byte>>((items.Count * 2) + 2);
        long length = 0;
        foreach (var item in items)
        {
            var message = ProtobufEnvelope.Message(item);
            var head = Head(itemsField.Number, message.Length);
            body.Add(head);
            body.Add(message);
            length += head.Length + message.Length;
        }

        using var buffer = new ReverseBuffer();
        var mark = buffer.Length;
        ProtobufEncoder.Message(buffer, metadataField.Type, metadata);
        buffer.Close(metadataField.Number, mark);
        var meta = buffer.ToArray();
        body.Insert(metadataField.Number < itemsField.Number ? 0 : body.Count, meta);

        body.Insert(0, ProtobufEnvelope.Head(apiVersion, type.Name, length + meta.Length));
        body.Add(ProtobufEnvelope.Tail);
        return body;
    }

    private static byte[] Head(int number, int length)
    {
        using var buffer = new ReverseBuffer();
        buffer.Varint((ulong)length);
        buffer.Tag(number, WireType.Bytes);
        return buffer.ToArray();
    }
}
