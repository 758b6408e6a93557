using System.Buffers;
using System.Text.Json;
using Kobune.Api.Json;

namespace Kobune.Api.Schema.OpenApi;

/// <summary>OpenAPI v2: one document of all that is served, as JSON and in the protobuf form that older kubectl asks for alone. Each is made on first request and kept as bytes.</summary>
/// <param name="schema">What is served.</param>
/// <param name="kubernetesVersion">info.version, "v1.36.0".</param>
/// <param name="isServed">Which resources; null for those that are served by default.</param>
public sealed class OpenApiV2Builder(ApiSchema schema, string kubernetesVersion, Func<ResourceSchema, bool>? isServed = null)
{
    /// <summary>How older clients ask for <see cref="Protobuf"/>. It is no valid media type, so the answer never carries it.</summary>
    public const string ProtobufAccept = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

    /// <summary>How newer clients ask for <see cref="Protobuf"/>, and the Content-Type of the answer to both.</summary>
    public const string ProtobufContentType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    private readonly ResourceSchema[] _served = [.. schema.Resources.Where(isServed ?? (r => r.IsServed))];
    private byte[]? _json;
    private byte[]? _protobuf;

    /// <summary>The document as JSON.</summary>
    public byte[] Json() => LazyInitializer.EnsureInitialized(ref _json, Make);

    /// <summary>The document as gnostic's openapi.v2.Document message.</summary>
    public byte[] Protobuf() => LazyInitializer.EnsureInitialized(ref _protobuf, () => ProtobufOf(_json ?? Make()));

    /// <summary>Any document of version 2 in the protobuf form.</summary>
    public static byte[] ProtobufOf(ReadOnlyMemory<byte> json) => OpenApiV2Protobuf.Encode(json);

    private byte[] Make()
    {
        var operations = _served.SelectMany(r => OpenApiOperations.Of(schema, r)).ToArray();
        var buffer = new ArrayBufferWriter<byte>(1 << 20);
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            var schemas = new SchemaJson(writer, false, new KindIndex(schema, _served));
            writer.WriteStartObject();
            writer.WriteStartObject("definitions");
            schemas.Definitions(OpenApiText.Roots(schema, operations, _served));
            writer.WriteEndObject();
            OpenApiText.Info(writer, kubernetesVersion);
            new OpenApiV2Paths(writer, schemas).Write(operations);
            writer.WriteStartArray("security");
            writer.WriteStartObject();
            OpenApiText.Strings(writer, "BearerToken", []);
            writer.WriteEndObject();
            writer.WriteEndArray();
            OpenApiText.Security(writer, "securityDefinitions");
            writer.WriteString("swagger", "2.0");
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
