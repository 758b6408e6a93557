using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Operator.Tests;

/// <summary>The operator as its users see it: they write web sites, and the cluster answers. Nothing is mocked.</summary>
public sealed class OperatorTests : IAsyncLifetime
{
    private OperatorCluster _cluster = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await OperatorCluster.StartAsync(Ct);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_site_becomes_ready_and_is_in_the_directory()
    {
        await _cluster.CreateAsync("shop", new() { Image = "shop:1.0", Replicas = 2 }, Ct);
        var site = await _cluster.SeesSiteAsync((_, s) => IsReady(s), Ct);
        Assert.Equal(2, site.Status!.ReadyReplicas);
        Assert.Equal(site.Metadata.Generation, site.Status.ObservedGeneration);
        Assert.Equal("2 of 2 replicas are ready", site.Status.Conditions.Single().Message);
        var service = await _cluster.Client.CoreV1.ReadNamespacedServiceAsync("shop", "default", cancellationToken: Ct);
        Assert.Equal(site.Metadata.Uid, service.Metadata.OwnerReferences.Single().Uid);
        Assert.Equal("http://shop.default.svc", (await DirectoryAsync())["default.shop"]);
    }

    [Fact]
    public async Task A_new_image_is_rolled_out()
    {
        await _cluster.CreateAsync("shop", new() { Image = "shop:1.0" }, Ct);
        await _cluster.SeesSiteAsync((_, s) => IsReady(s), Ct);
        await PatchAsync("shop", """{"spec":{"image":"shop:2.0"}}""");
        await _cluster.SeesDeploymentAsync((_, d) => d.Spec.Template.Spec.Containers[0].Image == "shop:2.0" && d.Status.ObservedGeneration == d.Metadata.Generation && d.Status.UpdatedReplicas == 1, Ct);
        await _cluster.SeesSiteAsync((_, s) => IsReady(s) && s.Status!.ObservedGeneration == s.Metadata.Generation, Ct);
    }

    [Fact]
    public async Task A_deployment_that_somebody_deletes_comes_back()
    {
        await _cluster.CreateAsync("shop", new() { Image = "shop:1.0" }, Ct);
        var first = await _cluster.SeesDeploymentAsync((_, d) => d.Metadata.Name == "shop", Ct);
        await _cluster.Client.AppsV1.DeleteNamespacedDeploymentAsync("shop", "default", cancellationToken: Ct);
        await _cluster.SeesDeploymentAsync((type, d) => type != WatchEventType.Deleted && d.Metadata.Uid != first.Metadata.Uid, Ct);
    }

    [Fact]
    public async Task A_deleted_site_leaves_nothing_behind()
    {
        await _cluster.CreateAsync("shop", new() { Image = "shop:1.0" }, Ct);
        await _cluster.CreateAsync("blog", new() { Image = "blog:1.0" }, Ct);
        await _cluster.SeesSiteAsync((_, s) => s.Metadata.Name == "shop" && IsReady(s), Ct);
        await _cluster.SeesSiteAsync((_, s) => s.Metadata.Name == "blog" && IsReady(s), Ct);
        var watched = new TaskCompletionSource();
        var gone = _cluster.SeesDeploymentAsync(
            (type, d) =>
            {
                watched.TrySetResult(); // a watch that begins after the deletion would never tell of it
                return type == WatchEventType.Deleted && d.Metadata.Name == "shop";
            },
            Ct);
        await Task.WhenAny(gone, watched.Task);
        await _cluster.Client.CustomObjects.DeleteNamespacedCustomObjectAsync(WebSite.Group, WebSite.Version, "default", WebSite.Plural, "shop", cancellationToken: Ct);
        await gone;
        Assert.Equal(["default.blog"], (await DirectoryAsync()).Keys);
    }

    [Fact]
    public async Task An_image_without_a_version_is_refused()
    {
        var refused = await Assert.ThrowsAsync<HttpOperationException>(() => _cluster.CreateAsync("shop", new() { Image = "shop:latest" }, Ct));
        Assert.Contains("admission webhook \\\"websites.samples.kobune.dev\\\" denied the request: spec.image: \\\"shop:latest\\\" names no version", refused.Response.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_replicas_than_the_schema_allows_are_refused()
    {
        var refused = await Assert.ThrowsAsync<HttpOperationException>(() => _cluster.CreateAsync("shop", new() { Image = "shop:1.0", Replicas = 11 }, Ct));
        Assert.Contains("spec.replicas in body should be less than or equal to 10", refused.Response.Content, StringComparison.Ordinal);
    }

    private static bool IsReady(WebSite site) => site.Status?.Conditions.Any(c => c is { Type: "Ready", Status: "True" }) == true;

    private async Task<IDictionary<string, string>> DirectoryAsync() =>
        (await _cluster.Client.CoreV1.ReadNamespacedConfigMapAsync(WebSiteReconciler.Directory, WebSiteReconciler.DirectoryNamespace, cancellationToken: Ct)).Data;

    private Task<object> PatchAsync(string name, string patch) => _cluster.Client.CustomObjects.PatchNamespacedCustomObjectAsync(
        new V1Patch(patch, V1Patch.PatchType.MergePatch), WebSite.Group, WebSite.Version, "default", WebSite.Plural, name, cancellationToken: Ct);
}
