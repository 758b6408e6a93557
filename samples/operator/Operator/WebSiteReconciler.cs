using System.Net;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Operator;

/// <summary>
/// Moves one web site from what is there to what is wanted, whatever happened before. A Deployment and a Service are owned by the site; the entry in the directory (a ConfigMap in
/// another namespace, which nothing can own across) is taken out by the finalizer.
/// </summary>
public sealed class WebSiteReconciler(IKubernetes client, TimeProvider time)
{
    public const string Finalizer = "samples.kobune.dev/directory";
    public const string DirectoryNamespace = "kube-public";
    public const string Directory = "websites";
    private const string Manager = "website-operator";

    public async Task ReconcileAsync(string ns, string name, CancellationToken ct)
    {
        if (await FindAsync(ns, name, ct) is not { } site)
        {
            return; // gone, and its objects with it
        }

        if (site.Metadata.DeletionTimestamp is not null)
        {
            await SetDirectoryAsync(site, null, ct);
            await SetFinalizersAsync(site, site.Metadata.Finalizers?.Where(f => f != Finalizer) ?? [], ct);
            return;
        }

        if (site.Metadata.Finalizers?.Contains(Finalizer) != true)
        {
            site = await SetFinalizersAsync(site, (site.Metadata.Finalizers ?? []).Append(Finalizer), ct); // before anything that has to be undone
        }

        await SetDirectoryAsync(site, $"http://{name}.{ns}.svc", ct);
        var deployment = await client.AppsV1.PatchNamespacedDeploymentAsync(Apply(WebSiteObjects.Deployment(site)), name, ns, fieldManager: Manager, force: true, cancellationToken: ct);
        await client.CoreV1.PatchNamespacedServiceAsync(Apply(WebSiteObjects.Service(site)), name, ns, fieldManager: Manager, force: true, cancellationToken: ct);
        var isCurrent = deployment.Status?.ObservedGeneration >= deployment.Metadata.Generation;
        await SetStatusAsync(site, isCurrent ? deployment.Status?.ReadyReplicas ?? 0 : 0, ct);
    }

    private async Task<WebSite?> FindAsync(string ns, string name, CancellationToken ct)
    {
        try
        {
            return await client.CustomObjects.GetNamespacedCustomObjectAsync<WebSite>(WebSite.Group, WebSite.Version, ns, WebSite.Plural, name, ct);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private Task<WebSite> SetFinalizersAsync(WebSite site, IEnumerable<string> finalizers, CancellationToken ct) => client.CustomObjects.PatchNamespacedCustomObjectAsync<WebSite>(
        Merge(new { metadata = new { resourceVersion = site.Metadata.ResourceVersion, finalizers } }), WebSite.Group, WebSite.Version, site.Metadata.NamespaceProperty, WebSite.Plural, site.Metadata.Name, cancellationToken: ct);

    private async Task SetStatusAsync(WebSite site, int ready, CancellationToken ct)
    {
        var status = new WebSiteStatus { ObservedGeneration = site.Metadata.Generation, ReadyReplicas = ready, Conditions = [WebSiteObjects.Ready(site, ready, time.GetUtcNow().UtcDateTime)] };
        if (site.Status is null || KubernetesJson.Serialize(status) != KubernetesJson.Serialize(site.Status)) // a status that is there already would wake everybody for nothing
        {
            await client.CustomObjects.PatchNamespacedCustomObjectStatusAsync<WebSite>(
                Merge(new { status }), WebSite.Group, WebSite.Version, site.Metadata.NamespaceProperty, WebSite.Plural, site.Metadata.Name, cancellationToken: ct);
        }
    }

    // One key of a ConfigMap that all sites share; null takes it out. A merge patch touches no other key, so sites do not get into each other's way.
    private async Task SetDirectoryAsync(WebSite site, string? url, CancellationToken ct)
    {
        var patch = Merge(new { data = new Dictionary<string, string?> { [$"{site.Metadata.NamespaceProperty}.{site.Metadata.Name}"] = url } });
        try
        {
            await client.CoreV1.PatchNamespacedConfigMapAsync(patch, Directory, DirectoryNamespace, fieldManager: Manager, cancellationToken: ct);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound && url is not null)
        {
            await client.CoreV1.CreateNamespacedConfigMapAsync(new() { Metadata = new() { Name = Directory } }, DirectoryNamespace, cancellationToken: ct);
            await client.CoreV1.PatchNamespacedConfigMapAsync(patch, Directory, DirectoryNamespace, fieldManager: Manager, cancellationToken: ct);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            // nothing to take out
        }
    }

    private static V1Patch Apply(object body) => new(KubernetesJson.Serialize(body), V1Patch.PatchType.ApplyPatch);

    private static V1Patch Merge(object body) => new(JsonSerializer.Serialize(body, Options), V1Patch.PatchType.MergePatch);

    // Nulls stay: in a merge patch they take out.
    private static readonly JsonSerializerOptions Options = new();
}
