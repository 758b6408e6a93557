using Kobune.Api.Schema.OpenApi;

namespace Kobune.ApiServer.Aggregation;

/// <summary>The OpenAPI v2 document of this server and of those behind it. Each form is made when it is first asked for.</summary>
internal sealed class MergedOpenApi(OpenApiV2Builder own, IReadOnlyList<byte[]> others)
{
    private byte[]? _json;
    private byte[]? _protobuf;

    /// <summary>Whether it is made of the same documents.</summary>
    public bool IsOf(OpenApiV2Builder builder, IReadOnlyList<byte[]> documents) => ReferenceEquals(own, builder) && others.SequenceEqual(documents);

    public byte[] Json() => others.Count == 0 ? own.Json() : LazyInitializer.EnsureInitialized(ref _json, () => OpenApiMerge.Merge(own.Json(), [.. others]));

    public byte[] Protobuf() => others.Count == 0 ? own.Protobuf() : LazyInitializer.EnsureInitialized(ref _protobuf, () => OpenApiV2Builder.ProtobufOf(Json()));
}
