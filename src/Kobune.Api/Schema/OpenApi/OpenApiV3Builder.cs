using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Kobune.Api.Json;

namespace Kobune.Api.Schema.OpenApi;

/// <summary>OpenAPI v3: the index and one document per group and version. A document is made on first request and kept as bytes; the index makes each once for its hash and drops it.</summary>
/// <param name="schema">What is served.</param>
/// <param name="kubernetesVersion">info.version, "v1.36.0".</param>
/// <param name="isServed">Which resources; null for those that are served by default.</param>
/// <param name="previous">A builder of an earlier schema: documents of groups and versions that have not changed are taken from it.</param>
public sealed class OpenApiV3Builder(ApiSchema schema, string kubernetesVersion, Func<ResourceSchema, bool>? isServed = null, OpenApiV3Builder? previous = null)
{
    private readonly ResourceSchema[] _served = [.. schema.Resources.Where(isServed ?? (r => r.IsServed))];
    private readonly ConcurrentDictionary<(string Group, string Version), byte[]> _documents = new();
    private readonly ConcurrentDictionary<(string Group, string Version), string> _hashes = new();
    private readonly OpenApiV3Builder? _previous = previous;
    private KindIndex? _kinds;

    /// <summary>/openapi/v3: paths of the documents, each with the hash of its content.</summary>
    public byte[] Index()
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("paths");
            foreach (var (group, version) in _served.Select(r => (r.Group, r.Version)).Distinct().OrderBy(v => OpenApiOperations.GroupPath(v.Group, v.Version), StringComparer.Ordinal))
            {
                var path = OpenApiOperations.GroupPath(group, version);
                writer.WriteStartObject(path[1..]);
                writer.WriteString("serverRelativeURL", $"/openapi/v3{path}?hash={Hash(group, version)}");
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The document of a group ("" = core) and version as JSON, or null when nothing is served there.</summary>
    public byte[]? Document(string group, string version) =>
        _served.Any(r => r.Group == group && r.Version == version) ? _documents.GetOrAdd((group, version), _ => Make(group, version)) : null;

    /// <summary>The hash of a document, as the index shows it: upper-case hex of SHA-512.</summary>
    public string Hash(string group, string version) =>
        _hashes.GetOrAdd((group, version), key => HasSame(_previous, Served(group, version), group, version) ? _previous!.Hash(group, version) : Convert.ToHexString(SHA512.HashData(_documents.TryGetValue(key, out var known) ? known : Make(group, version))));

    private ResourceSchema[] Served(string group, string version) => [.. _served.Where(r => r.Group == group && r.Version == version)];

    private static bool HasSame(OpenApiV3Builder? other, ResourceSchema[] resources, string group, string version) =>
        other is not null && other.Served(group, version).SequenceEqual(resources, ReferenceEqualityComparer.Instance);

    private byte[] Make(string group, string version)
    {
        var resources = Served(group, version);
        if (HasSame(_previous, resources, group, version) && _previous!._documents.TryGetValue((group, version), out var known))
        {
            return known;
        }

        var operations = resources.SelectMany(r => OpenApiOperations.Of(schema, r)).ToArray();
        var buffer = new ArrayBufferWriter<byte>(1 << 16);
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            var schemas = new SchemaJson(writer, true, LazyInitializer.EnsureInitialized(ref _kinds, () => new KindIndex(schema, _served)));
            writer.WriteStartObject();
            writer.WriteString("openapi", "3.0.0");
            OpenApiText.Info(writer, kubernetesVersion);
            new OpenApiV3Paths(writer, schemas).Write(operations);
            writer.WriteStartObject("components");
            writer.WriteStartObject("schemas");
            schemas.Definitions(OpenApiText.Roots(schema, operations, resources));
            writer.WriteEndObject();
            OpenApiText.Security(writer, "securitySchemes");
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
