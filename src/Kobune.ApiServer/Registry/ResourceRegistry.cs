using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Schema;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Conversion;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Registry;

/// <summary>All served resources and where they are kept, from the schema.</summary>
internal sealed class ResourceRegistry
{
    private readonly ResourceTable _builtIn;
    private readonly KindConverters _converters;
    private volatile ResourceTable _table;

    public ResourceRegistry(ObjectCodec codec, KindConverters converters, IReadOnlyList<KindStrategy> strategies, TimeProvider time)
    {
        _converters = converters;
        var byKey = new Dictionary<string, StoredKind>(StringComparer.Ordinal);
        var served = new List<ServedResource>();
        var resources = codec.Schema.Resources.Where(r => r.IsServedByDefault).ToArray();
        foreach (var resource in resources.OrderByDescending(r => r.StorageApiVersion == r.ApiVersion))
        {
            var kind = resource.KeyPrefix.Length == 0 ? null : byKey.GetValueOrDefault(resource.KeyPrefix);
            if (kind is null && resource.KeyPrefix.Length > 0)
            {
                var own = strategies.Where(s => s.Resource == (resource.Group, resource.Plural)).ToArray();
                byKey[resource.KeyPrefix] = kind = new StoredKind(resource, own, time);
            }

            served.Add(new ServedResource(resource, kind));
        }

        foreach (var resource in codec.Schema.Later.Where(r => r.KeyPrefix.Length > 0 && !byKey.ContainsKey(r.KeyPrefix)))
        {
            byKey[resource.KeyPrefix] = new StoredKind(resource, [.. strategies.Where(s => s.Resource == (resource.Group, resource.Plural))], time);
        }

        _table = _builtIn = new ResourceTable([.. byKey.Values], served);
    }

    /// <summary>Every stored kind once.</summary>
    public IReadOnlyList<StoredKind> StoredKinds => _table.StoredKinds;

    public ServedResource? Find(string group, string version, string plural) => _table.Find(group, version, plural);

    public StoredKind? FindStored(string group, string plural) => _table.FindStored(group, plural);

    /// <summary>Whose key in the store, or prefix of keys, it is.</summary>
    public StoredKind? FindByKey(string key) => _table.FindByKey(key);

    /// <summary>The stored kind of an object that the server itself made.</summary>
    public StoredKind StoredKindOf(IKubernetesObject obj) => _table.FindKind(obj.ApiVersion, obj.Kind);

    /// <summary>Serves other custom resources than before, all at once.</summary>
    public void ReplaceCustom(IReadOnlyList<StoredKind> kinds, IReadOnlyList<ServedResource> served) =>
        _table = new ResourceTable([.. _builtIn.StoredKinds, .. kinds], [.. _builtIn.Served, .. served]);

    /// <summary>The entry in the storage version: itself, but for custom objects, which may have been stored in another.</summary>
    public static CacheEntry InStorageVersion(CacheEntry entry, StoredKind kind) => kind.Schema.IsCustom ? CustomForm(entry, kind.Schema, kind) : entry;

    /// <summary>The entry in the version of a served resource: itself, or a form that is made once per revision.</summary>
    public CacheEntry InVersion(CacheEntry entry, ServedResource resource)
    {
        if (resource.IsStorageForm || resource.Storage is not { } kind)
        {
            return entry;
        }

        if (resource.Schema.IsCustom)
        {
            return CustomForm(entry, resource.Schema, kind);
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
    public JsonObject ToStorage(JsonObject obj, ServedResource resource)
    {
        if (resource.IsStorageForm)
        {
            return obj;
        }

        return resource.Schema.IsCustom
            ? CustomConversion.Convert(obj, resource.Storage!.Schema, resource.Storage.NeedsConversionWebhook)
            : _converters.Convert(obj, resource.Schema, resource.Storage!.Schema);
    }

    /// <summary>A custom object in a version, pruned and defaulted as the schema is now.</summary>
    private static CacheEntry CustomForm(CacheEntry entry, ResourceSchema schema, StoredKind kind) => entry.Shared(schema, e =>
    {
        var tree = e.ToTree();
        tree.Meta().Remove("resourceVersion");
        var bytes = ObjectCodec.Encode(schema.Type, CustomConversion.Convert(tree, schema, kind.NeedsConversionWebhook));
        return e.Revision > 0 && bytes.AsSpan().SequenceEqual(e.Stored) ? e : CacheEntry.FromStored(e.Key, bytes, e.Revision);
    });

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
