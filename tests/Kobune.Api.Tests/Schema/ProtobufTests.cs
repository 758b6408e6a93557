using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.Api.Schema.Protobuf;

namespace Kobune.Api.Tests.Schema;

public class ProtobufTests
{
    private static readonly SchemaType ConfigMap = ApiSchema.BuiltIn.FindKind("v1", "ConfigMap")!;

    /// <summary>Every scalar of ObjectMeta that is not a pointer is on the wire, the zero time as an empty message.</summary>
    private const string Meta = "0a0161" + "1200" + "1a00" + "2200" + "2a00" + "3200" + "3800" + "4200";

    [Fact]
    public void Encoding_is_upstreams_byte_for_byte()
    {
        var message = "0a" + Length(Meta) + Meta + "1206" + "0a016b" + "120176" + "1a060a01621201" + "ff";
        var expected = "6b387300" + "0a0f" + "0a027631" + "1209" + Convert.ToHexStringLower("ConfigMap"u8) + "12" + Length(message) + message + "1a00" + "2200";
        var json = """{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":{"k":"v"},"binaryData":{"b":"/w=="}}""";
        var encoded = ProtobufEnvelope.Encode(Encoding.UTF8.GetBytes(json), ConfigMap);
        Assert.Equal(expected, Convert.ToHexStringLower(encoded));
        Assert.Equal(json, Encoding.UTF8.GetString(ObjectWriter.Write(ProtobufEnvelope.Decode(encoded, ApiSchema.BuiltIn), ConfigMap)));
        Assert.Equal(("v1", "ConfigMap"), ProtobufEnvelope.ReadTypeMeta(encoded));
    }

    [Fact]
    public void Lists_carry_their_items()
    {
        var type = ApiSchema.BuiltIn.FindKind("v1", "ConfigMapList")!;
        var json = """{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"a"},"immutable":false},{"metadata":{"name":"b"}}]}""";
        Assert.Equal(json, Encoding.UTF8.GetString(ObjectWriter.Write(ProtobufEnvelope.Decode(ProtobufEnvelope.Encode(Encoding.UTF8.GetBytes(json), type), type), type)));
    }

    [Theory]
    [InlineData("ConfigMapList", "ConfigMap", "v1")]
    [InlineData("PartialObjectMetadataList", "PartialObjectMetadata", "meta.k8s.io/v1")]
    [InlineData("PartialObjectMetadataList", "PartialObjectMetadata", "meta.k8s.io/v1beta1")]
    public void A_list_of_encoded_items_is_the_encoded_list(string listKind, string kind, string apiVersion)
    {
        var type = ApiSchema.BuiltIn.FindKind(apiVersion, listKind)!;
        var item = ApiSchema.BuiltIn.FindKind(apiVersion, kind)!;
        var names = Enumerable.Range(0, 200).Select(i => $$$"""{"metadata":{"name":"item-{{{i}}}"}}""").ToArray();
        var whole = ProtobufEnvelope.Encode(Encoding.UTF8.GetBytes($$$"""{"kind":"{{{listKind}}}","apiVersion":"{{{apiVersion}}}","metadata":{"resourceVersion":"7"},"items":[{{{string.Join(',', names)}}}]}"""), type);
        var pieces = ProtobufList.Pieces(type, apiVersion, ObjectReader.Parse("""{"resourceVersion":"7"}"""u8), [.. names.Select(n => (ReadOnlyMemory<byte>)ProtobufEnvelope.Encode(Encoding.UTF8.GetBytes(n), item))]);
        Assert.Equal(Convert.ToHexStringLower(whole), Convert.ToHexStringLower([.. pieces.SelectMany(p => p.ToArray())]));
    }

    [Fact]
    public void A_watch_frame_has_its_length_in_front()
    {
        var envelope = ProtobufEnvelope.Encode(new JsonObject { ["kind"] = "ConfigMap", ["apiVersion"] = "v1" }, ConfigMap);
        var frame = ProtobufEnvelope.WatchFrame("ADDED", envelope);
        Assert.Equal(frame.Length - 4, (frame[2] << 8) | frame[3]);
        Assert.Equal("0a05" + Convert.ToHexStringLower("ADDED"u8), Convert.ToHexStringLower(frame.AsSpan(4, 7)));
        Assert.True(frame.AsSpan().IndexOf(envelope) > 0);
    }

    [Fact]
    public void Hostile_bytes_are_refused()
    {
        byte[][] bad = [[], [1, 2, 3], [.. "k8s\0"u8, 0xFF, 0xFF, 0xFF], [.. "k8s\0"u8, 0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [.. "k8s\0"u8, 0x12, 0x02, 0x0A, 0x7F]];
        foreach (var bytes in bad)
        {
            Assert.Throws<ObjectDecodeException>(() => ProtobufEnvelope.Decode(bytes, ConfigMap));
        }

        byte[] nested = [];
        for (var i = 0; i < 2000; i++)
        {
            nested = Wrap(nested); // JSONSchemaProps.not, again and again
        }

        var schema = ApiSchema.BuiltIn.FindType("apiextensions.k8s.io/v1.JSONSchemaProps")!;
        Assert.Throws<ObjectDecodeException>(() => ProtobufDecoder.Message(nested, schema, []));
    }

    private static byte[] Wrap(byte[] message)
    {
        using var buffer = new ReverseBuffer();
        buffer.Bytes(message);
        Assert.True(ApiSchema.BuiltIn.FindType("apiextensions.k8s.io/v1.JSONSchemaProps")!.TryGetField("not", out var field));
        buffer.Close(field.Number, 0);
        return buffer.ToArray();
    }

    private static string Length(string hex) => (hex.Length / 2).ToString("x2", System.Globalization.CultureInfo.InvariantCulture);
}
