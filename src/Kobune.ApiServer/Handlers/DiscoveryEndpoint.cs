using System.Security.Cryptography;
using Kobune.Api;
using Kobune.Api.Json;
using Kobune.Api.Schema;
using Kobune.ApiServer.Aggregation;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Handlers;

/// <summary>/api, /apis and what lies under them: plain, and aggregated for clients that ask for it.</summary>
internal sealed class DiscoveryEndpoint(LiveSchema live, AggregatedApis aggregated, Func<string> serverAddress) : IPathEndpoint
{
    private Documents? _documents;

    /// <summary>All paths that are served.</summary>
    public IEnumerable<string> Paths => Current().Plain.Keys;

    public bool Serves(string path) => path is "/api" or "/apis" || path.StartsWith("/api/", StringComparison.Ordinal) || path.StartsWith("/apis/", StringComparison.Ordinal);

    public ValueTask<ApiResult> ServeAsync(ApiCall call, CancellationToken ct)
    {
        if (call.Method is not ("GET" or "HEAD"))
        {
            throw StatusErrors.MethodNotAllowed();
        }

        var documents = Current();
        var path = call.Path.TrimEnd('/');
        if (path is "/api" or "/apis" && WantsAggregated(call.Accept))
        {
            return new(path == "/api" ? documents.Core : documents.Groups);
        }

        return documents.Plain.TryGetValue(path, out var document)
            ? new(new DocumentResult(new EncodedObject(JsonText.Bytes(document))))
            : throw StatusErrors.NoSuchPath();
    }

    /// <summary>Whether the first acceptable clause asks for the aggregated form.</summary>
    private static bool WantsAggregated(string? accept)
    {
        foreach (var clause in (accept ?? "").Split(','))
        {
            var parts = clause.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0] is "application/json" && parts.Contains("as=APIGroupDiscoveryList") && parts.Contains("g=apidiscovery.k8s.io"))
            {
                if (parts.Contains("v=v2"))
                {
                    return true;
                }
            }
            else if (parts[0] is "application/json" or "*/*" && !parts.Any(p => p.StartsWith("as=", StringComparison.Ordinal)))
            {
                return false;
            }
        }

        return false;
    }

    private Documents Current()
    {
        var (schema, stamp, known) = (live.Current, aggregated.Stamp, _documents);
        return known?.Schema == schema && known.Stamp == stamp ? known : _documents = new(schema, aggregated, stamp, serverAddress());
    }

    private static BytesResult Aggregated(IJsonWritable document)
    {
        var bytes = JsonText.Bytes(document);
        var tag = $"\"{Convert.ToHexString(SHA512.HashData(bytes))}\"";
        return new(DiscoveryBuilder.AggregatedMediaType, bytes, ETag: tag) { Vary = "Accept" };
    }

    /// <summary>The documents of one schema and of what other servers serve.</summary>
    private sealed class Documents
    {
        public Documents(ApiSchema schema, AggregatedApis aggregated, object stamp, string serverAddress)
        {
            (Schema, Stamp) = (schema, stamp);
            var apis = aggregated.All;
            var builder = new DiscoveryBuilder(schema);
            Core = Aggregated(builder.AggregatedCore());
            Groups = Aggregated(DiscoveryMerge.Groups(builder.AggregatedGroups(), apis, aggregated.DocumentsOf));
            Plain["/api"] = builder.CoreVersions(serverAddress);
            Plain["/apis"] = DiscoveryMerge.Groups(builder.Groups(), apis);
            foreach (var group in schema.Groups)
            {
                var root = group.Name.Length == 0 ? "/api" : "/apis/" + group.Name;
                if (group.Name.Length > 0 && builder.Group(group.Name) is { } document)
                {
                    Plain[root] = document;
                }

                foreach (var version in group.Versions)
                {
                    if (builder.Resources(group.Name, version) is { } resources)
                    {
                        Plain[$"{root}/{version}"] = resources;
                    }
                }
            }

            foreach (var group in apis.GroupBy(a => a.Group))
            {
                Plain["/apis/" + group.Key] = DiscoveryMerge.Group(builder.Group(group.Key), [.. group]);
            }
        }

        public ApiSchema Schema { get; }

        public object Stamp { get; }

        public BytesResult Core { get; }

        public BytesResult Groups { get; }

        public Dictionary<string, IJsonWritable> Plain { get; } = new(StringComparer.Ordinal);
    }
}
