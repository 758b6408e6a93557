using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Schema;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Conversion;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Registry;

/// <summary>All served resources and where they are kept, from the schema.</summary>
internal sealed class ResourceRegistry
{
    private readonly ResourceTable _builtIn;
    private readonly HashSet<string> _builtInGroups;
    private readonly KindConverters _converters;
    private volatile ResourceTable _table;

    public ResourceRegistry(ObjectCodec codec, KindConverters converters, IReadOnlyList<KindStrategy> strategies, TimeSpan eventTimeToLive, TimeProvider time)
    {
        _converters = converters;
        var byKey = new Dictionary<string, StoredKind>(StringComparer.Ordinal);
        var served = new List<ServedResource>();
        var resources = codec.Schema.Resources.Where(r => r.IsServed).ToArray();
        // The form of stored objects is that of the finished version, whether this release serves it, a later one, or none but beta ones: so an upgrade changes nothing.
        foreach (var resource in resources.Concat(codec.Schema.Later).Where(r => r.KeyPrefix.Length > 0).OrderBy(r => r.IsBeta).ThenByDescending(r => r.StorageApiVersion == r.ApiVersion))
        {
            if (!byKey.ContainsKey(resource.KeyPrefix))
            {
                var rules = KindRules.Of(resource);
                rules = rules.TimeToLive is null ? rules : rules with { TimeToLive = eventTimeToLive };
                byKey[resource.KeyPrefix] = new StoredKind(resource, [.. strategies.Where(s => s.Resource == (resource.Group, resource.Plural))], rules, new ResourceCache(resource.KeyPrefix + "/", rules.TriggerField, time));
            }
        }

        foreach (var resource in resources)
        {
            served.Add(new ServedResource(resource, resource.KeyPrefix.Length == 0 ? null : byKey[resource.KeyPrefix]));
        }

        _builtInGroups = [.. resources.Select(r => r.Group)];
        _table = _builtIn = new ResourceTable([.. byKey.Values], served);
    }

    /// <summary>Every stored kind once.</summary>
    public IReadOnlyList<StoredKind> StoredKinds => _table.StoredKinds;

    /// <summary>Whether kinds of a group are built in and served: what else is asked for below its path is missing in the words of the API.</summary>
    public bool HasBuiltIn(string group) => _builtInGroups.Contains(group);

    public ServedResource? Find(string group, string version, string plural) => _table.Find(group, version, plural);

    public StoredKind? FindStored(string group, string plural) => _table.FindStored(group, plural);

    /// <summary>The stored resource whose objects are of a kind.</summary>
    public ServedResource? FindKind(string group, string version, string kind) =>
        _table.Served.FirstOrDefault(r => r.Storage is not null && r.Schema.Kind == kind && r.Schema.Group == group && r.Schema.Version == version);

    /// <summary>Whose key in the store, or prefix of keys, it is.</summary>
    public StoredKind? FindByKey(string key) => _table.FindByKey(key);

    /// <summary>The stored kind of an object that the server itself made.</summary>
    public StoredKind StoredKindOf(IKubernetesObject obj) => _table.FindKind(obj.ApiVersion, obj.Kind);

    /// <summary>Serves other custom resources than before, all at once.</summary>
    public void ReplaceCustom(IReadOnlyList<StoredKind> kinds, IReadOnlyList<ServedResource> served) =>
        _table = new ResourceTable([.. _builtIn.StoredKinds, .. kinds], [.. _builtIn.Served, .. served]);

    /// <summary>The other resources in which the same objects are served.</summary>
    public IEnumerable<ServedResource> Equivalents(ServedResource resource) => _table.Served.Where(r => r != resource && r.Storage is not null && r.Storage == resource.Storage);

    /// <summary>The entry in the storage version: itself, but for custom objects, which may have been stored in another.</summary>
    public static async ValueTask<CacheEntry> InStorageVersionAsync(CacheEntry entry, StoredKind kind, CancellationToken ct)
    {
        if (!kind.Schema.IsCustom)
        {
            return entry;
        }

        await PrepareAsync([entry], kind.Schema, kind, ct);
        return CustomForm(entry, kind.Schema, kind);
    }

    /// <summary>The entry in the version of a served resource: itself, or a form that is made once per revision.</summary>
    /// <exception cref="StatusException">500: a conversion webhook fails.</exception>
    public async ValueTask<CacheEntry> InVersionAsync(CacheEntry entry, ServedResource resource, CancellationToken ct)
    {
        if (resource is { Schema.IsCustom: true, Storage: { } kind })
        {
            await PrepareAsync([entry], resource.Schema, kind, ct);
        }

        return InVersion(entry, resource);
    }

    /// <summary>All entries of a list in the version of a served resource; a conversion webhook is asked once for all of them.</summary>
    /// <exception cref="StatusException">500: the webhook fails.</exception>
    public async ValueTask<EntryList> InVersionAsync(EntryList list, ServedResource resource, CancellationToken ct)
    {
        if (resource.IsStorageForm)
        {
            return list;
        }

        if (resource is { Schema.IsCustom: true, Storage: { } kind })
        {
            await PrepareAsync(list.Items, resource.Schema, kind, ct);
        }

        return list with { Items = [.. list.Items.Select(e => InVersion(e, resource))] };
    }

    /// <summary>The entry in the version of a served resource, where no webhook has to be asked any more.</summary>
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
    /// <exception cref="StatusException">500: a conversion webhook fails.</exception>
    public ValueTask<JsonObject> ToStorageAsync(JsonObject obj, ServedResource resource, CancellationToken ct) =>
        !resource.Schema.IsCustom ? new(ToStorage(obj, resource))
        : resource.Schema.ApiVersion == resource.Storage!.Schema.ApiVersion ? new(obj) // pruned and defaulted when it was read; what an apply left is for validation
        : ConvertAsync(obj, resource.Storage!, resource.Storage!.Schema, ct);

    /// <summary>A tree of the storage version as one in the version of a served resource; may be changed in place.</summary>
    /// <exception cref="StatusException">500: a conversion webhook fails.</exception>
    public ValueTask<JsonObject> FromStorageAsync(JsonObject obj, ServedResource resource, CancellationToken ct) =>
        resource.IsStorageForm ? new(obj)
        : resource.Schema.IsCustom ? ConvertAsync(obj, resource.Storage!, resource.Schema, ct)
        : new(_converters.Convert(obj, resource.Storage!.Schema, resource.Schema));

    /// <summary>An object of a built-in kind as it is when it has been stored and is read in the version of the resource: with the defaults of both. Managers own what they are answered with.</summary>
    public JsonObject ReadBack(JsonObject obj, ServedResource resource) => resource.IsStorageForm || resource.Schema.IsCustom
        ? obj
        : (JsonObject)JsonNode.Parse(ObjectCodec.Encode(resource.Schema.Type, _converters.Convert(ToStorage((JsonObject)obj.DeepClone(), resource), resource.Storage!.Schema, resource.Schema)))!;

    private static async ValueTask<JsonObject> ConvertAsync(JsonObject obj, StoredKind kind, ResourceSchema to, CancellationToken ct) =>
        kind.Conversion.NeedsCall(obj.TextAt("apiVersion"), to) ? (await kind.Conversion.ConvertAsync([obj], to, ct))[0] : kind.Conversion.Convert(obj, to);

    /// <summary>What another version does not say has the defaults of the storage version, as upstream has them of all that it reads from its store.</summary>
    private JsonObject ToStorage(JsonObject obj, ServedResource resource)
    {
        if (resource.IsStorageForm)
        {
            return obj;
        }

        var converted = _converters.Convert(obj, resource.Schema, resource.Storage!.Schema);
        ObjectDefaults.Apply(converted, resource.Storage.Schema.Type);
        ApplyDefaults(converted, resource.Storage);
        return converted;
    }

    /// <summary>Makes the forms of entries that only a webhook can make, all in one call.</summary>
    private static async ValueTask PrepareAsync(IReadOnlyList<CacheEntry> entries, ResourceSchema schema, StoredKind kind, CancellationToken ct)
    {
        List<CacheEntry>? wanted = null;
        foreach (var entry in entries)
        {
            if (kind.Conversion.NeedsCall(entry.Field("apiVersion"), schema) && !entry.Has(schema))
            {
                (wanted ??= []).Add(entry);
            }
        }

        if (wanted is null)
        {
            return;
        }

        var trees = await kind.Conversion.ConvertAsync([.. wanted.Select(e => e.ToTree())], schema, ct);
        for (var i = 0; i < wanted.Count; i++)
        {
            trees[i].Meta().Remove("resourceVersion");
            var bytes = ObjectCodec.Encode(schema.Type, trees[i]);
            wanted[i].Shared(schema, e => CacheEntry.FromStored(e.Key, bytes, e.Revision));
        }
    }

    /// <summary>A custom object in a version, pruned and defaulted as the schema is now.</summary>
    private static CacheEntry CustomForm(CacheEntry entry, ResourceSchema schema, StoredKind kind) => entry.Shared(schema, e =>
    {
        var tree = e.ToTree();
        tree.Meta().Remove("resourceVersion");
        var bytes = ObjectCodec.Encode(schema.Type, kind.Conversion.Convert(tree, schema));
        return e.Revision > 0 && bytes.AsSpan().SequenceEqual(e.Stored) ? e : CacheEntry.FromStored(e.Key, bytes, e.Revision);
    });

    /// <summary>Static defaults of the schema, then those that depend on other fields.</summary>
    public static void Default(JsonObject obj, ServedResource resource)
    {
        ObjectDefaults.Apply(obj, resource.Schema.Type);
        if (!resource.Schema.IsCustom)
        {
            ResourceLists.RoundUp(obj, resource.Schema.Type);
        }

        if (resource.IsStorageForm)
        {
            ApplyDefaults(obj, resource.Storage!);
        }
    }

    private static void ApplyDefaults(JsonObject obj, StoredKind kind)
    {
        foreach (var strategy in kind.Strategies)
        {
            strategy.ApplyDefaults(obj);
        }
    }
}
