using System.Globalization;
using System.Text.Json;
using Kobune.Api;
using Kobune.Api.ApiDiscovery.V2;
using Kobune.Api.ApiRegistration.V1;
using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Outbound;

namespace Kobune.ApiServer.Aggregation;

/// <summary>Asks an aggregated server for its group version: whoever answers that is available, and the answer is what discovery shows.</summary>
internal sealed class ApiServiceProbe(AggregatedCaller caller, TimeProvider time)
{
    private const string User = "system:kube-aggregator";
    private const int Attempts = 3; // one endpoint of several may be bad
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    public async Task<(APIServiceCondition Condition, AggregatedDocuments? Documents)> AskAsync(AggregatedApi api, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var timer = time.CreateTimer(_ => patience.Cancel(), null, Patience, Timeout.InfiniteTimeSpan);
        var failure = "";
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            try
            {
                var found = await DiscoveryAsync(api, patience.Token);
                return (ApiServiceConditions.Passed, new(found, await OpenApiUrlAsync(api, patience.Token)));
            }
            catch (ProbeException e)
            {
                failure = e.Message;
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                failure = "context deadline exceeded";
                break;
            }
        }

        var url = $"https://{api.Trust.ServerName}:{api.Port.ToString(CultureInfo.InvariantCulture)}{api.Path}";
        return (ApiServiceConditions.Refused("FailedDiscoveryCheck", $"failing or missing response from {url}: {failure}"), null);
    }

    /// <summary>A resource list as the aggregated form has it.</summary>
    internal static APIVersionDiscovery Convert(string version, APIResourceList list)
    {
        var subresources = list.APIResources.Where(r => r.Name.Contains('/', StringComparison.Ordinal)).ToLookup(r => r.Name.Split('/', 2)[0]);
        return new()
        {
            Version = version,
            Resources = [.. list.APIResources.Where(r => !r.Name.Contains('/', StringComparison.Ordinal)).OrderBy(r => r.Name, StringComparer.Ordinal).Select(r => new APIResourceDiscovery
            {
                Resource = r.Name,
                ResponseKind = KindOf(r, list.GroupVersion),
                Scope = r.Namespaced ? ResourceScope.Namespaced : ResourceScope.Cluster,
                SingularResource = r.SingularName,
                Verbs = r.Verbs,
                ShortNames = r.ShortNames,
                Categories = r.Categories,
                Subresources = [.. subresources[r.Name].Select(s => new APISubresourceDiscovery { Subresource = s.Name.Split('/', 2)[1], ResponseKind = KindOf(s, list.GroupVersion), Verbs = s.Verbs })],
            })],
        };
    }

    private static GroupVersionKind KindOf(APIResource resource, string groupVersion)
    {
        var parts = groupVersion.Split('/', 2);
        return new()
        {
            Group = resource.Group.Length > 0 ? resource.Group : parts.Length == 2 ? parts[0] : "",
            Version = resource.Version.Length > 0 ? resource.Version : parts[^1],
            Kind = resource.Kind,
        };
    }

    private async Task<APIVersionDiscovery> DiscoveryAsync(AggregatedApi api, CancellationToken ct)
    {
        try
        {
            using var response = await caller.GetAsync(api, api.Path, User, "application/json", ct);
            if (!response.IsSuccessStatusCode)
            {
                throw new ProbeException(string.Create(CultureInfo.InvariantCulture, $"bad status from {response.RequestMessage?.RequestUri}: {(int)response.StatusCode}"));
            }

            var list = new EncodedObject(await response.Content.ReadAsByteArrayAsync(ct)).Read<APIResourceList>();
            return Convert(api.Version, list);
        }
        catch (Exception e) when (DialFailure.Is(e))
        {
            throw new ProbeException(DialFailure.Words(e, api.Trust.ServerName, api.Port));
        }
        catch (StatusException e)
        {
            throw new ProbeException(e.Status.Message);
        }
        catch (JsonException e)
        {
            throw new ProbeException(e.Message);
        }
    }

    /// <summary>Where its OpenAPI v3 document is; a server without one is available all the same.</summary>
    private async Task<string?> OpenApiUrlAsync(AggregatedApi api, CancellationToken ct)
    {
        try
        {
            using var response = await caller.GetAsync(api, "/openapi/v3", "system:aggregator", "application/json", ct);
            if (!response.IsSuccessStatusCode)
            {
                return null;
            }

            using var index = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(ct));
            return index.RootElement.TryGetProperty("paths", out var paths) && paths.TryGetProperty(api.Path[1..], out var entry) && entry.TryGetProperty("serverRelativeURL", out var url) ? url.GetString() : null;
        }
        catch (Exception e) when (e is HttpRequestException or StatusException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private sealed class ProbeException(string message) : Exception(message);
}
