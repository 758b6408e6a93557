using Kobune.Api.ApiDiscovery.V2;
using Kobune.Api.Meta.V1;
using Kobune.ApiServer.CustomResources;

namespace Kobune.ApiServer.Aggregation;

/// <summary>Discovery documents with the group versions of other servers put in, by their priorities. Pure.</summary>
internal static class DiscoveryMerge
{
    /// <summary>/apis: an aggregated group version is listed whether its server answers or not.</summary>
    public static APIGroupList Groups(APIGroupList own, IReadOnlyList<AggregatedApi> apis) =>
        own with { Groups = Merge(own.Groups, apis, g => g.Name, Group) };

    /// <summary>The aggregated form of /apis: the resources are those that the server told last; Stale while it does not answer.</summary>
    public static APIGroupDiscoveryList Groups(APIGroupDiscoveryList own, IReadOnlyList<AggregatedApi> apis, Func<AggregatedApi, AggregatedDocuments?> documents) =>
        own with { Items = Merge(own.Items, apis, g => g.Metadata.Name, (group, members) => Group(group, members, documents)) };

    /// <summary>One group, with or without a part that this server answers.</summary>
    public static APIGroup Group(APIGroup? own, IReadOnlyList<AggregatedApi> members)
    {
        var name = members[0].Group;
        var versions = Versions(name, own?.Versions ?? [], v => v.Version, members, api => new GroupVersionForDiscovery { GroupVersion = $"{name}/{api.Version}", Version = api.Version });
        return (own ?? new APIGroup { Name = name, Kind = "", ApiVersion = "" }) with { Versions = versions, PreferredVersion = versions[0] };
    }

    private static APIGroupDiscovery Group(APIGroupDiscovery? own, IReadOnlyList<AggregatedApi> members, Func<AggregatedApi, AggregatedDocuments?> documents)
    {
        var versions = Versions(members[0].Group, own?.Versions ?? [], v => v.Version, members, api => (documents(api)?.Discovery ?? new() { Version = api.Version }) with
        {
            Freshness = api.IsAvailable && documents(api) is not null ? DiscoveryFreshness.Current : DiscoveryFreshness.Stale,
        });
        return (own ?? new APIGroupDiscovery { Kind = "", ApiVersion = "", Metadata = new() { Name = members[0].Group } }) with { Versions = versions };
    }

    private static List<T> Merge<T>(IReadOnlyList<T> own, IReadOnlyList<AggregatedApi> apis, Func<T, string> nameOf, Func<T?, IReadOnlyList<AggregatedApi>, T> make)
        where T : class
    {
        var all = own.Select(g => (Name: nameOf(g), Priority: ApiPriorities.OfGroup(nameOf(g)), Item: g)).ToList();
        foreach (var group in apis.GroupBy(a => a.Group))
        {
            AggregatedApi[] members = [.. group];
            var known = all.FindIndex(g => g.Name == group.Key);
            var priority = Math.Max(members.Max(m => m.GroupPriority), known < 0 ? 0 : all[known].Priority);
            var merged = (group.Key, priority, make(known < 0 ? null : all[known].Item, members));
            if (known >= 0)
            {
                all.RemoveAt(known);
            }

            var place = all.FindIndex(g => g.Priority < priority || (g.Priority == priority && string.CompareOrdinal(g.Name, group.Key) > 0));
            all.Insert(place < 0 ? all.Count : place, merged);
        }

        return [.. all.Select(g => g.Item)];
    }

    private static List<T> Versions<T>(string group, IReadOnlyList<T> own, Func<T, string> nameOf, IReadOnlyList<AggregatedApi> members, Func<AggregatedApi, T> make)
    {
        var local = own.Where(v => members.All(m => m.Version != nameOf(v))).Select(v => (Priority: (ApiPriorities.Find(group, nameOf(v)) ?? ApiPriorities.Custom).Version, Item: v));
        var remote = members.OrderBy(m => m.Version, VersionOrder.Instance).Reverse().Select(m => (Priority: m.VersionPriority, Item: make(m)));
        return [.. local.Concat(remote).OrderByDescending(v => v.Priority).Select(v => v.Item)];
    }
}
