using Kobune.Api;
using Kobune.Api.Schema;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Watch;
using Kobune.Storage;

namespace Kobune.ApiServer.Registry;

/// <summary>A kind as it is kept: key prefix, storage version, cache, and what it does beyond its schema. All served versions of a kind share it.</summary>
internal sealed class StoredKind
{
    /// <summary>A kind and its cache; of a custom kind whose definition changed, the one that it had.</summary>
    public StoredKind(ResourceSchema schema, IReadOnlyList<KindStrategy> strategies, KindRules rules, ResourceCache cache)
    {
        Schema = schema;
        Strategies = strategies;
        Prefix = schema.KeyPrefix + "/";
        Rules = rules;
        Cache = cache;
        Descriptor = new(schema.Group, schema.Version, schema.Kind, schema.Plural, schema.Namespaced);
    }

    /// <summary>The schema of the storage version.</summary>
    public ResourceSchema Schema { get; }

    public ResourceDescriptor Descriptor { get; }

    public IReadOnlyList<KindStrategy> Strategies { get; }

    public KindRules Rules { get; }

    /// <summary>"/registry/pods/".</summary>
    public string Prefix { get; }

    public ResourceCache Cache { get; }

    /// <summary>How a custom kind's versions become each other.</summary>
    public CustomConversion Conversion { get; init; } = CustomConversion.None;

    /// <summary>Whether the status is written at an endpoint of its own.</summary>
    public bool HasStatus => Schema.FindSubresource("status") is not null && Strategies.All(s => s.HasStatusSubresource);

    public Durability Durability => Rules.IsRelaxed ? Durability.Relaxed : Durability.Synced;

    public string KeyOf(string ns, string name) => Schema.Namespaced ? $"{Prefix}{ns}/{name}" : Prefix + name;

    public string PrefixOf(string ns) => Schema.Namespaced && ns.Length > 0 ? $"{Prefix}{ns}/" : Prefix;
}
