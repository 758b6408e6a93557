using Kobune.Api.ApiDiscovery.V2;
using Kobune.Api.Meta.V1;

namespace Kobune.Api.Schema;

/// <summary>Discovery documents of a schema, plain and aggregated. Pure: a server caches what it makes of them and adds what aggregated API servers say.</summary>
/// <param name="schema">What is served.</param>
/// <param name="isServed">Which resources; null for those that are served by default.</param>
public sealed class DiscoveryBuilder(ApiSchema schema, Func<ResourceSchema, bool>? isServed = null)
{
    /// <summary>Media type of the aggregated form.</summary>
    public const string AggregatedMediaType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    private readonly ILookup<(string Group, string Version), ResourceSchema> _resources =
        schema.Resources.Where(isServed ?? (r => r.IsServed)).ToLookup(r => (r.Group, r.Version));

    /// <summary>/api: the versions of the core group.</summary>
    /// <param name="serverAddress">Address and port at which clients reach the server.</param>
    public APIVersions CoreVersions(string serverAddress) => new()
    {
        Kind = "APIVersions",
        ApiVersion = "",
        Versions = [.. ServedVersions(schema.Groups.First(g => g.Name.Length == 0))],
        ServerAddressByClientCIDRs = [new() { ClientCIDR = "0.0.0.0/0", ServerAddress = serverAddress }],
    };

    /// <summary>/apis: the named groups in the order of priority.</summary>
    public APIGroupList Groups() => new() { Groups = [.. NamedGroups().Select(g => Group(g) with { Kind = "", ApiVersion = "" })] };

    /// <summary>/apis/{group}, or null for an unknown group.</summary>
    public APIGroup? Group(string name)
    {
        var group = NamedGroups().FirstOrDefault(g => g.Name == name);
        return group is null ? null : Group(group);
    }

    /// <summary>/api/v1 and /apis/{group}/{version}, or null when nothing is served there. Subresources follow their resource, as upstream sorts them.</summary>
    public APIResourceList? Resources(string group, string version)
    {
        if (!_resources.Contains((group, version)))
        {
            return null;
        }

        return new()
        {
            ApiVersion = group.Length == 0 ? "" : "v1", // upstream says none for the core group
            GroupVersion = group.Length == 0 ? version : group + "/" + version,
            APIResources = [.. _resources[(group, version)].OrderBy(r => r.Plural, StringComparer.Ordinal).SelectMany(Entries)],
        };
    }

    /// <summary>The aggregated form of /api: the core group alone.</summary>
    public APIGroupDiscoveryList AggregatedCore() => new() { Items = [.. schema.Groups.Where(g => g.Name.Length == 0).Select(Aggregated)] };

    /// <summary>The aggregated form of /apis: all named groups.</summary>
    public APIGroupDiscoveryList AggregatedGroups() => new() { Items = [.. NamedGroups().Select(Aggregated)] };

    private IEnumerable<GroupSchema> NamedGroups() => schema.Groups.Where(g => g.Name.Length > 0 && ServedVersions(g).Any());

    private IEnumerable<string> ServedVersions(GroupSchema group) => group.Versions.Where(v => _resources.Contains((group.Name, v)));

    private APIGroup Group(GroupSchema group)
    {
        var versions = ServedVersions(group).Select(v => new GroupVersionForDiscovery { GroupVersion = group.Name + "/" + v, Version = v }).ToArray();
        return new() { Name = group.Name, Versions = versions, PreferredVersion = versions[0] };
    }

    private static IEnumerable<APIResource> Entries(ResourceSchema resource)
    {
        yield return new()
        {
            Name = resource.Plural,
            SingularName = resource.Singular,
            Namespaced = resource.Namespaced,
            Kind = resource.Kind,
            Verbs = resource.Verbs,
            ShortNames = resource.ShortNames,
            Categories = resource.Categories,
            StorageVersionHash = resource.StorageVersionHash,
        };
        foreach (var subresource in resource.Subresources)
        {
            var isForeign = subresource.Group != resource.Group || subresource.Version != resource.Version;
            yield return new()
            {
                Name = resource.Plural + "/" + subresource.Name,
                Namespaced = resource.Namespaced,
                Group = isForeign ? subresource.Group : "",
                Version = isForeign ? subresource.Version : "",
                Kind = subresource.Kind,
                Verbs = subresource.Verbs,
            };
        }
    }

    private APIGroupDiscovery Aggregated(GroupSchema group) => new()
    {
        Kind = "",
        ApiVersion = "",
        Metadata = new() { Name = group.Name },
        Versions = [.. ServedVersions(group).Select(v => new APIVersionDiscovery
        {
            Version = v,
            Freshness = DiscoveryFreshness.Current,
            Resources = [.. _resources[(group.Name, v)].OrderBy(r => r.Plural, StringComparer.Ordinal).Select(Aggregated)],
        })],
    };

    private static APIResourceDiscovery Aggregated(ResourceSchema resource) => new()
    {
        Resource = resource.Plural,
        ResponseKind = new() { Group = resource.Group, Version = resource.Version, Kind = resource.Kind },
        Scope = resource.Namespaced ? ResourceScope.Namespaced : ResourceScope.Cluster,
        SingularResource = resource.Singular,
        Verbs = resource.Verbs,
        ShortNames = resource.ShortNames,
        Categories = resource.Categories,
        Subresources = [.. resource.Subresources.Select(s => new APISubresourceDiscovery
        {
            Subresource = s.Name,
            ResponseKind = new() { Group = s.Group, Version = s.Version, Kind = s.Kind },
            Verbs = s.Verbs,
        })],
    };
}
