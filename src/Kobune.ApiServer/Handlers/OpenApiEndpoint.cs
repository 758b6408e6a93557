using System.Security.Cryptography;
using Kobune.Api.Schema;
using Kobune.Api.Schema.OpenApi;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Handlers;

/// <summary>/openapi/v2 (JSON and protobuf) and /openapi/v3. Documents are made when first asked for.</summary>
internal sealed class OpenApiEndpoint(ApiSchema schema) : IPathEndpoint
{
    private readonly OpenApiV2Builder _v2 = new(schema, VersionEndpoint.GitVersion);
    private readonly OpenApiV3Builder _v3 = new(schema, VersionEndpoint.GitVersion);

    public bool Serves(string path) => path is "/openapi/v2" or "/openapi/v3" || path.StartsWith("/openapi/v3/", StringComparison.Ordinal);

    public ValueTask<ApiResult> ServeAsync(ApiCall call, CancellationToken ct) => new(call.Path switch
    {
        "/openapi/v2" => V2(call.Accept ?? ""),
        "/openapi/v3" => Document("application/json", _v3.Index()),
        _ => V3(call.Path["/openapi/v3/".Length..].TrimEnd('/')),
    });

    private BytesResult V2(string accept) =>
        accept.Contains(OpenApiV2Builder.ProtobufAccept, StringComparison.Ordinal) || accept.Contains(OpenApiV2Builder.ProtobufContentType, StringComparison.Ordinal)
            ? Document(OpenApiV2Builder.ProtobufContentType, _v2.Protobuf())
            : Document("application/json", _v2.Json());

    private BytesResult V3(string path)
    {
        var document = path.Split('/') switch
        {
            ["api", var version] => _v3.Document("", version),
            ["apis", var group, var version] => _v3.Document(group, version),
            _ => null,
        };
        return document is null ? throw StatusErrors.NoSuchPath() : Document("application/json", document);
    }

    private static BytesResult Document(string type, byte[] body) =>
        new(type, body, ETag: $"\"{Convert.ToHexString(SHA512.HashData(body))}\"") { Vary = "Accept" };
}
