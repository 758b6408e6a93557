using System.Text.Json;
using Kobune.Api;
using Kobune.Api.ApiDiscovery.V2;
using Kobune.Api.Meta.V1;
using Kobune.Client.Transport;

namespace Kobune.Client.Discovery;

/// <summary>
/// Asks a server which resources it has: in the aggregated form, two requests that no silent server behind an APIService can hold up, or group version by group version where a
/// server has only that. Source: client-go, discovery.
/// </summary>
public sealed class DiscoveryClient(ITransport transport, TimeProvider time)
{
    private const string Aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
    private readonly RetryingSender _sender = new(transport, time);

    /// <summary>
    /// Every resource in the preferred version of its group (ServerPreferredResources); subresources are left out. A group version that does not
    /// answer is named among the failures.
    /// </summary>
    /// <exception cref="ApiException">Not even the groups could be read.</exception>
    public async Task<ApiResources> PreferredResourcesAsync(CancellationToken ct)
    {
        var found = new Found();
        var core = await ReadAsync("/api", Aggregated, ct);
        if (IsAggregated(core))
        {
            Add(Read<APIGroupDiscoveryList>("/api", core), found);
            Add(Read<APIGroupDiscoveryList>("/apis", await ReadAsync("/apis", Aggregated, ct)), found);
        }
        else
        {
            await AddEachAsync(Read<APIVersions>("/api", core), found, ct);
        }

        return new(found.Items, found.Failures);
    }

    private static bool IsAggregated(EncodedObject document)
    {
        using var json = JsonDocument.Parse(document.Json);
        return json.RootElement.TryGetProperty("kind", out var kind) && kind.GetString() == APIGroupDiscoveryList.Empty.Kind;
    }

    private static void Add(APIGroupDiscoveryList groups, Found found)
    {
        foreach (var group in groups.Items)
        {
            var taken = new HashSet<string>();
            foreach (var version in group.Versions)
            {
                var groupVersion = group.Metadata.Name.Length == 0 ? version.Version : $"{group.Metadata.Name}/{version.Version}";
                if (version.Freshness == DiscoveryFreshness.Stale)
                {
                    found.Failures[groupVersion] = $"stale GroupVersion discovery: {groupVersion}"; // what it showed last may be wrong by now
                    continue;
                }

                foreach (var resource in version.Resources.Where(r => r.ResponseKind is not null && taken.Add(r.Resource)))
                {
                    var isNamespaced = resource.Scope == ResourceScope.Namespaced;
                    found.Items.Add(new(new(group.Metadata.Name, version.Version, resource.ResponseKind!.Kind, resource.Resource, isNamespaced), resource.Verbs));
                }
            }
        }
    }

    private async Task AddEachAsync(APIVersions core, Found found, CancellationToken ct)
    {
        foreach (var version in core.Versions)
        {
            await AddAsync("", version, [], found, ct);
        }

        foreach (var group in Read<APIGroupList>("/apis", await ReadAsync("/apis", null, ct)).Groups)
        {
            // The preferred version first; another version adds only what the ones before do not have.
            var taken = new HashSet<string>();
            foreach (var version in group.Versions.OrderBy(v => v.GroupVersion == group.PreferredVersion.GroupVersion ? 0 : 1))
            {
                await AddAsync(group.Name, version.Version, taken, found, ct);
            }
        }
    }

    private async Task AddAsync(string group, string version, HashSet<string> taken, Found found, CancellationToken ct)
    {
        try
        {
            var path = group.Length == 0 ? "/api/" + version : $"/apis/{group}/{version}";
            var list = Read<APIResourceList>(path, await ReadAsync(path, null, ct));
            foreach (var resource in list.APIResources)
            {
                if (!resource.Name.Contains('/', StringComparison.Ordinal) && taken.Add(resource.Name))
                {
                    found.Items.Add(new(new(group, version, resource.Kind, resource.Name, resource.Namespaced), resource.Verbs));
                }
            }
        }
        catch (Exception e) when (e is ApiException or HttpRequestException)
        {
            found.Failures[group.Length == 0 ? version : group + "/" + version] = e.Message;
        }
    }

    private async Task<EncodedObject> ReadAsync(string path, string? accept, CancellationToken ct)
    {
        var headers = accept is null ? new Dictionary<string, string>() : new() { ["Accept"] = accept };
        return (await _sender.SendAsync(new("GET", path) { Headers = headers }, ct)).Body;
    }

    private static T Read<T>(string path, EncodedObject document)
        where T : class, IJsonRecord<T>
    {
        try
        {
            return document.Read<T>();
        }
        catch (JsonException e)
        {
            throw new HttpRequestException($"GET {path}: {e.Message}", e);
        }
    }

    private sealed class Found
    {
        public List<ApiResourceInfo> Items { get; } = [];

        public Dictionary<string, string> Failures { get; } = [];
    }
}
