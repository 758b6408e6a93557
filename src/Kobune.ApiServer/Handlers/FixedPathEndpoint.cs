using System.Text;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Handlers;

/// <summary>The root's list of paths, and documents of fixed paths (OpenID discovery).</summary>
internal sealed class FixedPathEndpoint(IReadOnlyDictionary<string, Func<ReadOnlyMemory<byte>>> documents, Func<IEnumerable<string>> paths) : IPathEndpoint
{
    public bool Serves(string path) => path is "/" or "" or "/index.html" || documents.ContainsKey(path);

    public ValueTask<ApiResult> ServeAsync(ApiCall call, CancellationToken ct)
    {
        if (documents.TryGetValue(call.Path, out var document))
        {
            var type = call.Path.EndsWith("/jwks", StringComparison.Ordinal) ? "application/jwk-set+json" : "application/json";
            return new(new BytesResult(type, document()));
        }

        var list = new JsonObject { ["paths"] = new JsonArray([.. paths().Distinct().Order(StringComparer.Ordinal).Select(p => (JsonNode)JsonValue.Create(p))]) };
        return new(new BytesResult("application/json", Encoding.UTF8.GetBytes(list.ToJsonString(Indented))));
    }

    private static readonly System.Text.Json.JsonSerializerOptions Indented = new() { WriteIndented = true };
}
