using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.Api.Schema.OpenApi;
using Kobune.ApiServer.Aggregation;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Handlers;

/// <summary>/openapi/v2 (JSON and protobuf) and /openapi/v3. Documents are made when first asked for, and anew when custom resources changed; those of version 3 only where they did.
/// Those of aggregated servers are merged into version 2 and handed on as they are in version 3; where a server has none of version 3, its other one is made into one.</summary>
internal sealed class OpenApiEndpoint(LiveSchema live, AggregatedApis aggregated, AggregatedEndpoint forward, AggregatedOpenApi others, string gitVersion) : IPathEndpoint
{
    private Documents? _documents;
    private MergedOpenApi? _merged;

    public bool Serves(string path) => path is "/openapi/v2" or "/openapi/v3" || path.StartsWith("/openapi/v3/", StringComparison.Ordinal);

    public async ValueTask<ApiResult> ServeAsync(ApiCall call, CancellationToken ct)
    {
        if (AggregatedPath(call.Path) is var (api, path))
        {
            return !IsOld(api) ? await forward.ServeDocumentAsync(api, path, call, ct)
                : await others.UpgradedAsync([api], ct) is [var (_, upgraded)] ? Document("application/json", upgraded)
                : throw StatusErrors.NoSuchPath();
        }

        var documents = Current();
        return call.Path switch
        {
            "/openapi/v2" => V2(await MergedAsync(documents.V2, ct), call.Accept ?? ""),
            "/openapi/v3" => Document("application/json", await IndexAsync(documents.V3, ct)),
            _ => V3(documents.V3, call.Path["/openapi/v3/".Length..].TrimEnd('/'), call.Accept ?? ""),
        };
    }

    private async ValueTask<MergedOpenApi> MergedAsync(OpenApiV2Builder own, CancellationToken ct)
    {
        var documents = await others.CurrentAsync(ct);
        return _merged is { } known && known.IsOf(own, documents) ? known : _merged = new(own, documents);
    }

    /// <summary>Documents of version 3 are the aggregated server's own.</summary>
    private (AggregatedApi Api, string Path)? AggregatedPath(string path) =>
        path.Split('/') is ["", "openapi", "v3", "apis", var group, var version] && aggregated.Find(group, version) is { } api ? (api, path) : null;

    /// <summary>Whether a server has told that it has no document of version 3.</summary>
    private bool IsOld(AggregatedApi api) => api.IsAvailable && aggregated.DocumentsOf(api) is { OpenApiUrl: null };

    /// <summary>The index, with the documents that aggregated servers told of, and those that are made for them.</summary>
    private async ValueTask<byte[]> IndexAsync(OpenApiV3Builder builder, CancellationToken ct)
    {
        var own = builder.Index();
        var upgraded = await others.UpgradedAsync([.. aggregated.All.Where(IsOld)], ct);
        (string Path, string? Url)[] all =
        [
            .. aggregated.All.Where(a => a.IsAvailable).Select(a => (a.Path[1..], aggregated.DocumentsOf(a)?.OpenApiUrl)).Where(a => a.OpenApiUrl is not null),
            .. upgraded.Select(u => (u.Api.Path[1..], (string?)$"/openapi/v3{u.Api.Path}?hash={Convert.ToHexString(SHA512.HashData(u.Document))}")),
        ];
        if (all.Length == 0)
        {
            return own;
        }

        var index = (JsonObject)JsonNode.Parse(own)!;
        var paths = (JsonObject)index["paths"]!;
        foreach (var (path, url) in all)
        {
            paths[path] = new JsonObject { ["serverRelativeURL"] = url };
        }

        index["paths"] = new JsonObject(paths.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));
        return Encoding.UTF8.GetBytes(index.ToJsonString());
    }

    private Documents Current()
    {
        var (schema, known) = (live.Current, _documents);
        if (known?.Schema != schema)
        {
            _documents = known = new(schema, new(schema, gitVersion), new(schema, gitVersion, previous: known?.V3));
        }

        return known;
    }

    private static BytesResult V2(MergedOpenApi builder, string accept) =>
        accept.Contains(OpenApiV2Builder.ProtobufAccept, StringComparison.Ordinal) || accept.Contains(OpenApiV2Builder.ProtobufContentType, StringComparison.Ordinal)
            ? Document(OpenApiV2Builder.ProtobufContentType, builder.Protobuf())
            : TakesJson(accept) ? Document("application/json", builder.Json()) : NotAcceptable;

    private static BytesResult V3(OpenApiV3Builder builder, string path, string accept)
    {
        var document = path.Split('/') switch
        {
            ["api", var version] => builder.Document("", version),
            ["apis", var group, var version] => builder.Document(group, version),
            _ => null,
        };
        return document is null ? throw StatusErrors.NoSuchPath() : TakesJson(accept) ? Document("application/json", document) : NotAcceptable;
    }

    /// <summary>As upstream's handlers of documents answer: without words (k8s.io/kube-openapi, handler and handler3).</summary>
    private static BytesResult NotAcceptable => new("", ReadOnlyMemory<byte>.Empty, 406) { Vary = "Accept" };

    private static bool TakesJson(string accept) =>
        accept.Length == 0 || accept.Split(',').Any(clause => clause.Split(';')[0].Trim() is "*/*" or "application/*" or "application/json");

    private static BytesResult Document(string type, byte[] body) =>
        new(type, body, ETag: $"\"{Convert.ToHexString(SHA512.HashData(body))}\"") { Vary = "Accept" };

    private sealed record Documents(ApiSchema Schema, OpenApiV2Builder V2, OpenApiV3Builder V3);
}
