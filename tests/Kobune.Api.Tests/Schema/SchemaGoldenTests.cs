using System.Text;
using System.Text.Json;
using Kobune.Api.Schema;
using Kobune.Api.Schema.Protobuf;
using Kobune.Api.Tests.Records;

namespace Kobune.Api.Tests.Schema;

/// <summary>Upstream's encodings of every kind, through the run-time schema.</summary>
public class SchemaGoldenTests
{
    [Fact]
    public void Json_is_read_without_strict_errors_and_written_byte_for_byte() => ForAll((golden, _, type) =>
    {
        var strict = new StrictErrors();
        var tree = ObjectReader.Read(golden, type, strict);
        return strict.Message ?? Compare(golden, ObjectWriter.Write(tree, type));
    });

    [Fact]
    public void Json_becomes_upstreams_protobuf() => ForAll((golden, protobuf, type) =>
    {
        var encoded = ProtobufEnvelope.Encode(golden, type);
        return encoded.AsSpan().SequenceEqual(protobuf) ? null : $"at byte {encoded.AsSpan().CommonPrefixLength(protobuf)} of {protobuf.Length} (got {encoded.Length}): {Encoding.Latin1.GetString(protobuf[Math.Max(0, encoded.AsSpan().CommonPrefixLength(protobuf) - 40)..Math.Min(protobuf.Length, encoded.AsSpan().CommonPrefixLength(protobuf) + 40)])}";
    });

    [Fact]
    public void Protobuf_becomes_upstreams_json() => ForAll((golden, protobuf, type) => Compare(golden, ObjectWriter.Write(ProtobufEnvelope.Decode(protobuf, type), type)));

    [Fact]
    public void Protobuf_cut_at_any_byte_is_refused_or_read() => ForAll((_, protobuf, type) =>
    {
        for (var length = 0; length < Math.Min(protobuf.Length, 1500); length++)
        {
            try
            {
                ProtobufEnvelope.Decode(protobuf.AsSpan(0, length), type);
            }
            catch (ObjectDecodeException)
            {
            }
        }

        return null;
    });

    private static void ForAll(Func<byte[], byte[], SchemaType, string?> check)
    {
        var wrong = new List<string>();
        foreach (var name in Golden.Names)
        {
            var golden = Golden.Json(name);
            var type = TypeOf(golden);
            try
            {
                if (check(golden, Golden.Protobuf(name), type) is { } problem)
                {
                    wrong.Add($"{name}: {problem}");
                }
            }
            catch (Exception e) when (e is ObjectDecodeException or InvalidOperationException)
            {
                wrong.Add($"{name}: {e}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static SchemaType TypeOf(byte[] golden)
    {
        using var document = JsonDocument.Parse(golden);
        var (apiVersion, kind) = ObjectReader.ReadTypeMeta(document.RootElement);
        return ApiSchema.BuiltIn.FindKind(kind.Length == 0 ? "v1" : apiVersion, kind.Length == 0 ? "WatchEvent" : kind) ?? throw new InvalidOperationException($"no kind {apiVersion} {kind}");
    }

    private static string? Compare(byte[] expected, byte[] actual) => expected.AsSpan().SequenceEqual(actual) ? null : RecordGoldenTests.Difference(expected, actual);
}
