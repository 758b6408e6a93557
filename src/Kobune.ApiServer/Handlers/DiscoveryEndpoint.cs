using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Kobune.Api;
using Kobune.Api.Json;
using Kobune.Api.Schema;
using Kobune.Api.Schema.Protobuf;
using Kobune.ApiServer.Aggregation;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Handlers;

/// <summary>/api, /apis and what lies under them: plain, and aggregated for clients that ask for it.</summary>
internal sealed class DiscoveryEndpoint(LiveSchema live, ResourceRegistry registry, AggregatedApis aggregated, Func<string> serverAddress) : IPathEndpoint
{
    private Documents? _documents;

    /// <summary>All paths that are served.</summary>
    public IEnumerable<string> Paths => Current().Plain.Keys;

    public bool Serves(string path) => path is "/api" or "/apis" || path.StartsWith("/api/", StringComparison.Ordinal) || path.StartsWith("/apis/", StringComparison.Ordinal);

    public ValueTask<ApiResult> ServeAsync(ApiCall call, CancellationToken ct)
    {
        var documents = Current();
        var path = call.Path.TrimEnd('/');
        var isRouted = IsRouted(path);
        if (call.Method != "GET" && (isRouted || call.Method != "HEAD"))
        {
            throw StatusErrors.MethodNotAllowed();
        }

        if (isRouted)
        {
            AcceptHeader.Route(call.Accept);
        }

        if (path is "/api" or "/apis" && AggregatedForm(call.Accept) is { } mediaType)
        {
            return new((path == "/api" ? documents.Core : documents.Groups).In(mediaType));
        }

        return documents.Plain.TryGetValue(path, out var document)
            ? new(new DocumentResult(new EncodedObject(JsonText.Bytes(document))))
            : throw (isRouted ? StatusErrors.NoSuchPath() : StatusErrors.NoHandler());
    }

    /// <summary>Whether upstream's router has the path, or one above it: what is told of other groups, handlers of their own tell.</summary>
    private bool IsRouted(string path) => !path.StartsWith("/apis/", StringComparison.Ordinal) || registry.HasBuiltIn(path.Split('/')[2]);

    /// <summary>The media type of the aggregated form that a client likes best; null when it likes the plain form better, or cannot be given the other.</summary>
    private static string? AggregatedForm(string? accept)
    {
        foreach (var clause in (accept ?? "").Split(',').Select(c => c.Split(';', StringSplitOptions.TrimEntries)).OrderByDescending(Quality))
        {
            var mediaType = clause[0] switch
            {
                MediaTypes.Json or "*/*" or "application/*" => MediaTypes.Json,
                MediaTypes.Yaml or MediaTypes.Protobuf => clause[0],
                _ => null,
            };
            if (mediaType is null)
            {
                continue;
            }

            if (!clause.Any(p => p.StartsWith("as=", StringComparison.Ordinal)))
            {
                return null;
            }

            if (clause.Contains("as=APIGroupDiscoveryList") && clause.Contains("g=apidiscovery.k8s.io") && clause.Contains("v=v2"))
            {
                return mediaType;
            }
        }

        return null;
    }

    private static double Quality(string[] clause) =>
        clause.FirstOrDefault(p => p.StartsWith("q=", StringComparison.Ordinal)) is { } q && double.TryParse(q.AsSpan(2), CultureInfo.InvariantCulture, out var value) ? value : 1;

    private Documents Current()
    {
        var (schema, stamp, known) = (live.Current, aggregated.Stamp, _documents);
        return known?.Schema == schema && known.Stamp == stamp ? known : _documents = new(schema, aggregated, stamp, serverAddress());
    }

    /// <summary>One aggregated document in the forms that were asked for. All have the tag of the JSON, as upstream's have: Vary tells them apart.</summary>
    private sealed class AggregatedDocument(IJsonWritable document, SchemaType type)
    {
        private readonly byte[] _json = JsonText.Bytes(document);
        private readonly ConcurrentDictionary<string, BytesResult> _forms = new(StringComparer.Ordinal);

        public BytesResult In(string mediaType) => _forms.GetOrAdd(mediaType, Make);

        private BytesResult Make(string mediaType)
        {
            var bytes = mediaType switch
            {
                MediaTypes.Yaml => JsonToYaml.Convert(_json),
                MediaTypes.Protobuf => ProtobufEnvelope.Encode(_json, type),
                _ => _json,
            };
            var shape = DiscoveryBuilder.AggregatedMediaType[DiscoveryBuilder.AggregatedMediaType.IndexOf(';', StringComparison.Ordinal)..];
            return new(mediaType + shape, bytes, ETag: $"\"{Convert.ToHexString(SHA512.HashData(_json))}\"") { Vary = "Accept" };
        }
    }

    /// <summary>The documents of one schema and of what other servers serve.</summary>
    private sealed class Documents
    {
        public Documents(ApiSchema schema, AggregatedApis aggregated, object stamp, string serverAddress)
        {
            (Schema, Stamp) = (schema, stamp);
            var apis = aggregated.All;
            var builder = new DiscoveryBuilder(schema);
            var type = schema.FindKind("apidiscovery.k8s.io", "v2", "APIGroupDiscoveryList")!;
            Core = new(builder.AggregatedCore(), type);
            Groups = new(DiscoveryMerge.Groups(builder.AggregatedGroups(), apis, aggregated.DocumentsOf), type);
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

        public AggregatedDocument Core { get; }

        public AggregatedDocument Groups { get; }

        public Dictionary<string, IJsonWritable> Plain { get; } = new(StringComparer.Ordinal);
    }
}
