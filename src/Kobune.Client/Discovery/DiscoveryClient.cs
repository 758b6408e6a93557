using System.Text.Json;
using Kobune.Api;
using Kobune.Api.Meta.V1;
using Kobune.Client.Transport;

namespace Kobune.Client.Discovery;

/// <summary>Asks a server which resources it has. Source: client-go, discovery.</summary>
public sealed class DiscoveryClient(ITransport transport, TimeProvider time)
{
    private readonly RetryingSender _sender = new(transport, time);

    /// <summary>
    /// Every resource in the preferred version of its group (ServerPreferredResources); subresources are left out. A group version that does not
    /// answer is named among the failures.
    /// </summary>
    /// <exception cref="ApiException">Not even the groups could be read.</exception>
    public async Task<ApiResources> PreferredResourcesAsync(CancellationToken ct)
    {
        var core = await ReadAsync<APIVersions>("/api", ct);
        var groups = await ReadAsync<APIGroupList>("/apis", ct);
        var items = new List<ApiResourceInfo>();
        var failures = new Dictionary<string, string>();
        foreach (var version in core.Versions)
        {
            await AddAsync("", version, [], items, failures, ct);
        }

        foreach (var group in groups.Groups)
        {
            // The preferred version first; another version adds only what the ones before do not have.
            var taken = new HashSet<string>();
            foreach (var version in group.Versions.OrderBy(v => v.GroupVersion == group.PreferredVersion.GroupVersion ? 0 : 1))
            {
                await AddAsync(group.Name, version.Version, taken, items, failures, ct);
            }
        }

        return new(items, failures);
    }

    private async Task AddAsync(string group, string version, HashSet<string> taken, List<ApiResourceInfo> items, Dictionary<string, string> failures, CancellationToken ct)
    {
        try
        {
            var list = await ReadAsync<APIResourceList>(group.Length == 0 ? "/api/" + version : $"/apis/{group}/{version}", ct);
            foreach (var resource in list.APIResources)
            {
                if (!resource.Name.Contains('/', StringComparison.Ordinal) && taken.Add(resource.Name))
                {
                    items.Add(new(new(group, version, resource.Kind, resource.Name, resource.Namespaced), resource.Verbs));
                }
            }
        }
        catch (Exception e) when (e is ApiException or HttpRequestException)
        {
            failures[group.Length == 0 ? version : group + "/" + version] = e.Message;
        }
    }

    private async Task<T> ReadAsync<T>(string path, CancellationToken ct)
        where T : class, IJsonRecord<T>
    {
        var response = await _sender.SendAsync(new("GET", path), ct);
        try
        {
            return response.Body.Read<T>();
        }
        catch (JsonException e)
        {
            throw new HttpRequestException($"GET {path}: {e.Message}", e);
        }
    }
}
