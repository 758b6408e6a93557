using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kobune.Api.Schema.Protobuf;

/// <summary>Objects in upstream's protobuf form: the bytes "k8s\0", then runtime.Unknown with apiVersion, kind and the message. Source: runtime/serializer/protobuf of k8s.io/apimachinery.</summary>
public static class ProtobufEnvelope
{
    /// <summary>Media type of objects.</summary>
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    /// <summary>Media type of watch streams.</summary>
    public const string WatchMediaType = "application/vnd.kubernetes.protobuf;stream=watch";

    /// <summary>What follows the message: empty contentEncoding and contentType.</summary>
    internal static readonly byte[] Tail = [0x1A, 0, 0x22, 0];

    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    /// <summary>Whether bytes start as the envelope does.</summary>
    public static bool IsEnvelope(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Magic);

    /// <summary>Encodes canonical JSON.</summary>
    /// <param name="json">One object with apiVersion and kind, as <see cref="ObjectWriter"/> writes it.</param>
    /// <param name="type">Its type.</param>
    public static byte[] Encode(ReadOnlySpan<byte> json, SchemaType type) => Encode(ObjectReader.Parse(json), type);

    /// <summary>Encodes a tree.</summary>
    public static byte[] Encode(JsonObject obj, SchemaType type) => Encode(ObjectWriter.Write(obj, type), type);

    /// <summary>Encodes a parsed object.</summary>
    public static byte[] Encode(JsonElement json, SchemaType type)
    {
        using var buffer = new ReverseBuffer();
        buffer.Bytes(Tail);
        var raw = buffer.Length;
        ProtobufEncoder.Message(buffer, type, json);
        buffer.Close(2, raw);
        TypeMeta(buffer, Property(json, "apiVersion") ?? type.ApiVersion, Property(json, "kind") ?? (type.IsKind ? type.Name : ""));
        return buffer.ToArray();
    }

    /// <summary>apiVersion and kind of an envelope, and the message in it.</summary>
    /// <exception cref="ObjectDecodeException">Not the envelope.</exception>
    public static (string ApiVersion, string Kind) ReadTypeMeta(ReadOnlySpan<byte> bytes) => Open(bytes, out _);

    /// <summary>Decodes an envelope of a known type into a tree with apiVersion and kind; unknown fields are dropped.</summary>
    /// <exception cref="ObjectDecodeException">Not protobuf of this type.</exception>
    public static JsonObject Decode(ReadOnlySpan<byte> bytes, SchemaType type) => Decode(bytes, type, 0);

    /// <summary>Decodes an envelope of any kind of a schema.</summary>
    /// <exception cref="ObjectDecodeException">Not protobuf, or no such kind.</exception>
    public static JsonObject Decode(ReadOnlySpan<byte> bytes, ApiSchema schema) => Decode(bytes, schema, 0);

    internal static JsonObject Decode(ReadOnlySpan<byte> bytes, ApiSchema schema, int depth)
    {
        var (apiVersion, kind) = Open(bytes, out _);
        return Decode(bytes, schema.FindKind(apiVersion, kind) ?? throw new ObjectDecodeException($"no kind \"{kind}\" is registered for version \"{apiVersion}\""), depth);
    }

    private static JsonObject Decode(ReadOnlySpan<byte> bytes, SchemaType type, int depth)
    {
        var (apiVersion, kind) = Open(bytes, out var message);
        var obj = new JsonObject();
        if (kind.Length > 0)
        {
            obj["kind"] = kind;
            obj["apiVersion"] = apiVersion;
        }

        ProtobufDecoder.Message(message, type, obj, depth);
        return obj;
    }

    /// <summary>One frame of a watch stream: four bytes of length (big endian) and a WatchEvent that holds the object's envelope.</summary>
    public static byte[] WatchFrame(string eventType, ReadOnlySpan<byte> envelope)
    {
        using var buffer = new ReverseBuffer();
        var outer = buffer.Length;
        var inner = buffer.Length;
        buffer.Bytes(envelope);
        buffer.Close(1, inner);
        buffer.Close(2, outer);
        Text(buffer, 1, eventType);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, buffer.Length);
        buffer.Bytes(length);
        return buffer.ToArray();
    }

    /// <summary>The message in an envelope, not copied.</summary>
    internal static ReadOnlyMemory<byte> Message(ReadOnlyMemory<byte> envelope)
    {
        Open(envelope.Span, out var message);
        return envelope.Span.Overlaps(message, out var offset) ? envelope.Slice(offset, message.Length) : default;
    }

    /// <summary>What goes before a message of a known length.</summary>
    internal static byte[] Head(string apiVersion, string kind, long length)
    {
        using var buffer = new ReverseBuffer();
        buffer.Varint((ulong)length);
        buffer.Tag(2, WireType.Bytes);
        TypeMeta(buffer, apiVersion, kind);
        return buffer.ToArray();
    }

    /// <summary>Writes the prefix and the type; they come first on the wire, so last here.</summary>
    private static void TypeMeta(ReverseBuffer buffer, string apiVersion, string kind)
    {
        var meta = buffer.Length;
        Text(buffer, 2, kind);
        Text(buffer, 1, apiVersion);
        buffer.Close(1, meta);
        buffer.Bytes(Magic);
    }

    private static (string ApiVersion, string Kind) Open(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> message)
    {
        if (!IsEnvelope(bytes))
        {
            throw new ObjectDecodeException("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        }

        var apiVersion = "";
        var kind = "";
        message = default;
        var reader = new ProtobufReader(bytes[Magic.Length..]);
        while (reader.Next(out var number, out var wire))
        {
            if (number == 1)
            {
                (apiVersion, kind) = TypeMeta(reader.Bytes(wire));
            }
            else if (number == 2)
            {
                message = reader.Bytes(wire);
            }
            else
            {
                reader.Skip(wire);
            }
        }

        return (apiVersion, kind);
    }

    private static (string ApiVersion, string Kind) TypeMeta(ReadOnlySpan<byte> message)
    {
        var texts = new string[] { "", "" };
        var reader = new ProtobufReader(message);
        while (reader.Next(out var number, out var wire))
        {
            if (number is 1 or 2)
            {
                texts[number - 1] = Encoding.UTF8.GetString(reader.Bytes(wire));
            }
            else
            {
                reader.Skip(wire);
            }
        }

        return (texts[0], texts[1]);
    }

    private static void Text(ReverseBuffer buffer, int number, string text)
    {
        var mark = buffer.Length;
        buffer.Text(text);
        buffer.Close(number, mark);
    }

    private static string? Property(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
