using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.Api.Schema.Protobuf;
using Kobune.Api.Tests.Records;

namespace Kobune.Api.Tests.Generated;

/// <summary>JSON, protobuf and records hold the same: generated objects of every kind that is served lose nothing on the way.</summary>
public class RoundTripTests
{
    private const int Cases = 4;

    public static TheoryData<string, string> Kinds => [.. ApiSchema.BuiltIn.Resources.Select(r => (r.Type.ApiVersion, r.Type.Name)).Distinct().Where(k => ApiSchema.BuiltIn.FindKind(k.ApiVersion, k.Name) is not null)];

    [Theory, MemberData(nameof(Kinds))]
    public void Json_to_protobuf_and_back(string apiVersion, string kind)
    {
        var type = ApiSchema.BuiltIn.FindKind(apiVersion, kind)!;
        Assert.SkipUnless(type.HasProtobuf, "not in protobuf");
        Property.Holds(SchemaObjects.Of(type), Cases, obj =>
        {
            var canonical = Canonical(obj, type);
            var back = ObjectWriter.Write(ProtobufEnvelope.Decode(ProtobufEnvelope.Encode(canonical, type), type), type);
            return canonical.AsSpan().SequenceEqual(back) ? null : RecordGoldenTests.Difference(canonical, back);
        });
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Json_to_record_and_back(string apiVersion, string kind)
    {
        var type = ApiSchema.BuiltIn.FindKind(apiVersion, kind)!;
        Property.Holds(SchemaObjects.Of(type), Cases, obj =>
        {
            var sent = Canonical(obj, type);
            var canonical = EmptyForNone(sent);
            var back = EmptyForNone(RecordGoldenTests.RoundTrip(sent, apiVersion, kind));
            return canonical.AsSpan().SequenceEqual(back) ? null : RecordGoldenTests.Difference(canonical, back);
        });
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Canonical_form_of_the_canonical_form_is_itself(string apiVersion, string kind)
    {
        var type = ApiSchema.BuiltIn.FindKind(apiVersion, kind)!;
        Property.Holds(SchemaObjects.Of(type), Cases, obj =>
        {
            var canonical = Canonical(obj, type);
            var again = Canonical((JsonObject)JsonNode.Parse(canonical)!, type);
            return canonical.AsSpan().SequenceEqual(again) ? null : RecordGoldenTests.Difference(canonical, again);
        });
    }

    /// <summary>A record has no lists that are null: a required list that nobody gave is empty in it.</summary>
    private static byte[] EmptyForNone(byte[] json) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json).Replace("\":null", "\":[]", StringComparison.Ordinal));

    private static byte[] Canonical(JsonObject obj, SchemaType type)
    {
        var read = ObjectReader.Read(Encoding.UTF8.GetBytes(obj.ToJsonString()), type);
        (read["apiVersion"], read["kind"]) = (type.ApiVersion, type.Name);
        return ObjectWriter.Write(read, type);
    }
}
