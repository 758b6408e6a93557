using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Schema;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Conversion;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Registry;

/// <summary>All served resources and where they are kept, from the schema.</summary>
internal sealed class ResourceRegistry
{
    private readonly Dictionary<(string Group, string Version, string Plural), ServedResource> _served = [];
    private readonly Dictionary<(string Group, string Plural), StoredKind> _stored = [];
    private readonly Dictionary<(string ApiVersion, string Kind), StoredKind> _byKind = [];
    private readonly ObjectCodec _codec;
    private readonly KindConverters _converters;

    public ResourceRegistry(ObjectCodec codec, KindConverters converters, IReadOnlyList<KindStrategy> strategies, TimeProvider time)
    {
        _codec = codec;
        _converters = converters;
        var byKey = new Dictionary<string, StoredKind>(StringComparer.Ordinal);
        var resources = codec.Schema.Resources.Where(r => r.IsServedByDefault).ToArray();
        foreach (var resource in resources.OrderByDescending(r => r.StorageApiVersion == r.ApiVersion))
        {
            var kind = resource.KeyPrefix.Length == 0 ? null : byKey.GetValueOrDefault(resource.KeyPrefix);
            if (kind is null && resource.KeyPrefix.Length > 0)
            {
                var own = strategies.Where(s => s.Resource == (resource.Group, resource.Plural)).ToArray();
                byKey[resource.KeyPrefix] = kind = new StoredKind(resource, own, time);
            }

            if (kind is not null)
            {
                _stored[(resource.Group, resource.Plural)] = kind;
                _byKind[(resource.ApiVersion, resource.Kind)] = kind;
            }

            _served[(resource.Group, resource.Version, resource.Plural)] = new ServedResource(resource, kind);
        }

        StoredKinds = [.. byKey.Values];
    }

    /// <summary>Every stored kind once.</summary>
    public IReadOnlyList<StoredKind> StoredKinds { get; }

    public IEnumerable<ServedResource> Served => _served.Values;

    public ServedResource? Find(string group, string version, string plural) => _served.GetValueOrDefault((group, version, plural));

    public StoredKind? FindStored(string group, string plural) => _stored.GetValueOrDefault((group, plural));

    /// <summary>The stored kind of an object that the server itself made.</summary>
    public StoredKind StoredKindOf(IKubernetesObject obj) => _byKind[(obj.ApiVersion, obj.Kind)];

    /// <summary>The entry in the version of a served resource: itself, or a form that is made once per revision.</summary>
    public CacheEntry InVersion(CacheEntry entry, ServedResource resource)
    {
        if (resource.IsStorageForm || resource.Storage is not { } kind)
        {
            return entry;
        }

        return entry.Shared(resource.Schema, e =>
        {
            var tree = e.ToTree();
            tree.Meta().Remove("resourceVersion");
            var converted = _converters.Convert(tree, kind.Schema, resource.Schema);
            return CacheEntry.FromStored(e.Key, ObjectCodec.Encode(resource.Schema.Type, converted), e.Revision);
        });
    }

    /// <summary>The storage form of an entry that is in the version of a served resource.</summary>
    public CacheEntry StorageForm(CacheEntry entry, ServedResource resource) => entry.Shared("storage form", e =>
    {
        var tree = e.ToTree();
        tree.Meta().Remove("resourceVersion");
        return CacheEntry.FromStored(e.Key, ObjectCodec.Encode(resource.Storage!.Schema.Type, ToStorage(tree, resource)), e.Revision);
    });

    /// <summary>A tree in the version of a served resource as one of the storage version.</summary>
    public JsonObject ToStorage(JsonObject obj, ServedResource resource) =>
        resource.IsStorageForm ? obj : _converters.Convert(obj, resource.Schema, resource.Storage!.Schema);

    /// <summary>Static defaults of the schema, then those that depend on other fields.</summary>
    public static void Default(JsonObject obj, ServedResource resource)
    {
        ObjectDefaults.Apply(obj, resource.Schema.Type);
        if (resource.IsStorageForm)
        {
            foreach (var strategy in resource.Storage!.Strategies)
            {
                strategy.ApplyDefaults(obj);
            }
        }
    }
}
