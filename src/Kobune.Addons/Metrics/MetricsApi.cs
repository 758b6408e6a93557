using System.Text.Json.Nodes;
using Kobune.Api.Authorization.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Microsoft.AspNetCore.Http;

namespace Kobune.Addons.Metrics;

/// <summary>metrics.k8s.io/v1beta1: paths to documents. Nodes and pods, with the selectors of the request, are the API server's; their use is the scraper's.</summary>
internal sealed class MetricsApi(IClient client, MetricScraper scraper, TimeProvider time)
{
    private const string Root = "/apis/" + MetricsDocuments.ApiVersion;

    /// <summary>What a path asks for, in the words of authorization; null for a path that is no resource.</summary>
    public static ResourceAttributes? ResourceOf(string path) => path.Trim('/').Split('/') switch
    {
        ["apis", MetricsDocuments.Group, MetricsDocuments.Version, ("nodes" or "pods") and var resource] => Attributes(resource, "", ""),
        ["apis", MetricsDocuments.Group, MetricsDocuments.Version, "nodes", var name] => Attributes("nodes", "", name),
        ["apis", MetricsDocuments.Group, MetricsDocuments.Version, "namespaces", var ns, "pods"] => Attributes("pods", ns, ""),
        ["apis", MetricsDocuments.Group, MetricsDocuments.Version, "namespaces", var ns, "pods", var name] => Attributes("pods", ns, name),
        _ => null,
    };

    /// <summary>The answer: an object, or words.</summary>
    public async Task<(int Code, JsonObject Body)> AnswerAsync(HttpRequest request, ResourceAttributes? resource, CancellationToken ct)
    {
        if (request.Method is not ("GET" or "HEAD"))
        {
            return Failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
        }

        if (resource is not null)
        {
            return await ResourceAsync(request, resource, ct);
        }

        return (request.Path.Value ?? "").TrimEnd('/') switch
        {
            "/apis" => (200, MetricsDiscovery.Groups()),
            "/apis/" + MetricsDocuments.Group => (200, MetricsDiscovery.Group()),
            Root => (200, MetricsDiscovery.Resources()),
            "/openapi/v3" => (200, MetricsDiscovery.OpenApiIndex()),
            "/openapi/v3" + Root => (200, MetricsDiscovery.OpenApi()),
            _ => Failure(404, "NotFound", "the server could not find the requested resource"),
        };
    }

    public static (int Code, JsonObject Body) Failure(int code, string reason, string message) =>
        (code, new() { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Failure", ["message"] = message, ["reason"] = reason, ["code"] = code });

    private static ResourceAttributes Attributes(string resource, string ns, string name) => new()
    {
        Group = MetricsDocuments.Group,
        Version = MetricsDocuments.Version,
        Resource = resource,
        Namespace = ns,
        Name = name,
        Verb = name.Length > 0 ? "get" : "list",
    };

    private async Task<(int Code, JsonObject Body)> ResourceAsync(HttpRequest request, ResourceAttributes resource, CancellationToken ct)
    {
        try
        {
            return resource.Name.Length > 0 ? await OneAsync(request, resource, ct) : await AllAsync(request, resource, ct);
        }
        catch (ApiException e)
        {
            return Failure(e.Status.Code, e.Status.Reason, e.Status.Message); // a selector that is none, a pod that is not there
        }
    }

    private async Task<(int Code, JsonObject Body)> OneAsync(HttpRequest request, ResourceAttributes resource, CancellationToken ct)
    {
        var (store, now) = (scraper.Store, time.GetUtcNow());
        var isNode = resource.Resource == "nodes";
        var found = isNode
            ? MetricsDocuments.Node(await client.GetAsync<Node>("", resource.Name, ct), store, now)
            : MetricsDocuments.Pod(await client.GetAsync<Pod>(resource.Namespace, resource.Name, ct), store, now);
        if (found is null)
        {
            return Failure(404, "NotFound", isNode ? $"nodemetrics.{MetricsDocuments.Group} \"{resource.Name}\" not found" : $"podmetrics.{MetricsDocuments.Group} \"{resource.Namespace}/{resource.Name}\" not found");
        }

        return (200, TableVersion(request) is { } version ? MetricsDocuments.Table([found], version, Include(request)) : found);
    }

    private async Task<(int Code, JsonObject Body)> AllAsync(HttpRequest request, ResourceAttributes resource, CancellationToken ct)
    {
        var options = new ListOptions { LabelSelector = request.Query["labelSelector"].ToString(), FieldSelector = request.Query["fieldSelector"].ToString() };
        var (store, now) = (scraper.Store, time.GetUtcNow());
        var isNodes = resource.Resource == "nodes";
        var items = isNodes
            ? (await client.ListAsync<Node>("", options, ct)).Items.Select(n => MetricsDocuments.Node(n, store, now))
            : (await client.ListAsync<Pod>(resource.Namespace, options, ct)).Items.Select(p => MetricsDocuments.Pod(p, store, now));
        JsonObject[] known = [.. items.OfType<JsonObject>()];
        return (200, TableVersion(request) is { } version ? MetricsDocuments.Table(known, version, Include(request)) : MetricsDocuments.List(isNodes ? "NodeMetrics" : "PodMetrics", known));
    }

    /// <summary>The form of table that the client likes best; null when it likes the object better.</summary>
    private static string? TableVersion(HttpRequest request)
    {
        foreach (var clause in request.Headers.Accept.ToString().Split(','))
        {
            var parts = clause.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0] is not ("application/json" or "*/*"))
            {
                continue;
            }

            if (!parts.Contains("as=Table"))
            {
                return null;
            }

            if (parts.FirstOrDefault(p => p is "v=v1" or "v=v1beta1") is { } version)
            {
                return "meta.k8s.io/" + version[2..];
            }
        }

        return null;
    }

    private static string Include(HttpRequest request) => request.Query["includeObject"].ToString() is { Length: > 0 } include ? include : "Metadata";
}
