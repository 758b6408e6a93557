using System.Collections.Concurrent;
using Kobune.Api.Features;

namespace Kobune.Api.Schema;

/// <summary>An immutable snapshot of all that is known about the API: types, kinds, resources, groups. The built-in one comes from schema/;
/// custom resources make a new snapshot with <see cref="With"/>.</summary>
public sealed class ApiSchema
{
    private static readonly ConcurrentDictionary<string, Lazy<ApiSchema>> Loaded = new(StringComparer.Ordinal);
    private static readonly Lazy<ApiSchema> Everything = new(BuiltInSchema.LoadAll);

    private readonly Dictionary<string, SchemaType> _types;
    private IReadOnlySet<string>? _gates;
    // Keys are joined to strings: dictionaries over tuples would have to be compiled at start-up.
    private readonly Dictionary<string, KindEntry> _kinds;
    private readonly Dictionary<string, ResourceSchema> _resources = new(StringComparer.Ordinal);

    internal ApiSchema(Dictionary<string, SchemaType> types, Dictionary<string, KindEntry> kinds, IReadOnlyList<ResourceSchema> resources, IReadOnlyList<GroupSchema> groups, IReadOnlyDictionary<string, IReadOnlyList<ColumnSchema>> tables, IReadOnlyDictionary<string, string> storedKinds)
    {
        _types = types;
        _kinds = kinds;
        Resources = resources;
        Groups = groups;
        Tables = tables;
        StoredKinds = storedKinds;
        foreach (var resource in resources)
        {
            _resources[Key(resource.Group, resource.Version, resource.Plural)] = resource;
        }
    }

    /// <summary>The newest API of Kubernetes as schema/ has it, every feature on. Loaded on first use.</summary>
    public static ApiSchema BuiltIn => Everything.Value;

    /// <summary>The API that the newest version serves by default: for kinds that every version has.</summary>
    public static ApiSchema Newest => Of(KubernetesVersion.Newest);

    /// <summary>The API that a version of Kubernetes serves by default. Loaded on first use, once for all patch releases.</summary>
    public static ApiSchema Of(KubernetesVersion version) => Of(FeatureGates.Default(version), RuntimeConfig.Default);

    /// <summary>The API that a version of Kubernetes serves: kinds and fields that came later are left out, fields of features that are off are dropped. Loaded on first use.</summary>
    public static ApiSchema Of(FeatureGates features, RuntimeConfig served)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(served);
        return Loaded.GetOrAdd($"{features.Version.Minor};{features.Text};{served}", _ => new(() => BuiltInSchema.Load(features, served))).Value;
    }

    /// <summary>All resources of all versions, those that are not served included (see <see cref="ResourceSchema.IsServed"/>).</summary>
    public IReadOnlyList<ResourceSchema> Resources { get; }

    /// <summary>Resources that only later releases serve. A server stores them all the same: it keeps its own books in some (the addresses of Services).</summary>
    public IReadOnlyList<ResourceSchema> Later { get; init; } = [];

    /// <summary>Groups in the order of /apis, the core group first.</summary>
    public IReadOnlyList<GroupSchema> Groups { get; }

    /// <summary>Columns of kinds without a resource of their own, by kind: Scale, Status.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ColumnSchema>> Tables { get; }

    /// <summary>Key prefixes of kinds that are stored without being served, by kind: RangeAllocation.</summary>
    public IReadOnlyDictionary<string, string> StoredKinds { get; }

    /// <summary>Feature gates that fields and resources have.</summary>
    public IReadOnlySet<string> Gates => _gates ??= Resources.Select(r => r.Gate).Where(g => g.Length > 0)
        .Concat(Types.Where(t => t.Shape is SchemaShape.Object or SchemaShape.Union).SelectMany(t => t.Fields).SelectMany(f => f.Gates)).ToHashSet(StringComparer.Ordinal);

    /// <summary>All named types by id, "apps/v1.Deployment".</summary>
    public IReadOnlyCollection<SchemaType> Types => _types.Values;

    /// <summary>All kinds with the group and version that they are registered in; those of meta/v1 are in group "meta".</summary>
    internal IEnumerable<KindEntry> Kinds => _kinds.Values;

    /// <summary>The type of an id, or null.</summary>
    public SchemaType? FindType(string id) => _types.GetValueOrDefault(id);

    /// <summary>The kind of a group ("" = core) and version, or null. Kinds of meta/v1 (Status, DeleteOptions, ListOptions, WatchEvent, ...) are found in every group.</summary>
    public SchemaType? FindKind(string group, string version, string kind) =>
        (_kinds.GetValueOrDefault(Key(group, version, kind)) ?? _kinds.GetValueOrDefault(Key("meta", "v1", kind)))?.Type;

    /// <summary>The kind of an apiVersion ("v1", "apps/v1"), or null.</summary>
    public SchemaType? FindKind(string apiVersion, string kind)
    {
        var (group, version) = SplitApiVersion(apiVersion);
        return FindKind(group, version, kind);
    }

    /// <summary>The resource of a group ("" = core), version and plural name, or null.</summary>
    public ResourceSchema? FindResource(string group, string version, string plural) => _resources.GetValueOrDefault(Key(group, version, plural));

    /// <summary>The resource that serves a kind, or null.</summary>
    public ResourceSchema? FindResourceOfKind(string group, string version, string kind)
    {
        foreach (var resource in Resources)
        {
            if (resource.Kind == kind && resource.Group == group && resource.Version == version)
            {
                return resource;
            }
        }

        return null;
    }

    /// <summary>A new snapshot with further kinds, resources and groups (custom resources). A resource of the same name replaces the old one.</summary>
    public ApiSchema With(IEnumerable<(string Group, string Version, SchemaType Type)> kinds, IReadOnlyList<ResourceSchema> resources, IReadOnlyList<GroupSchema> groups)
    {
        var names = resources.Select(r => (r.Group, r.Version, r.Plural)).ToHashSet();
        var groupNames = groups.Select(g => g.Name).ToHashSet();
        var allKinds = new Dictionary<string, KindEntry>(_kinds, StringComparer.Ordinal);
        foreach (var (group, version, type) in kinds)
        {
            allKinds[Key(group, version, type.Name)] = new(group, version, type);
        }

        return new(
            _types,
            allKinds,
            [.. Resources.Where(r => !names.Contains((r.Group, r.Version, r.Plural))), .. resources],
            [.. Groups.Where(g => !groupNames.Contains(g.Name)), .. groups],
            Tables,
            StoredKinds)
        { Later = Later };
    }

    /// <summary>"apps/v1" as ("apps", "v1"), "v1" as ("", "v1").</summary>
    public static (string Group, string Version) SplitApiVersion(string apiVersion)
    {
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? ("", apiVersion) : (apiVersion[..slash], apiVersion[(slash + 1)..]);
    }

    internal static string Key(string group, string version, string name) => string.Concat(group, "/", version, "/") + name;
}

/// <summary>A kind and where it is registered.</summary>
internal sealed record KindEntry(string Group, string Version, SchemaType Type);
