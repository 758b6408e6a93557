using System.Net;
using Kobune.Kubelet.Registry;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Kubelet.Tests.Registry;

public sealed class RegistryViewTests : IDisposable
{
    private readonly TestContent _content = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_loaded_image_is_found_by_its_tag_with_all_its_parts()
    {
        var (manifest, config, layer) = _content.AddImage("one");
        _content.Images.Add(new("docker.io/library/web:1", manifest, TestContent.Manifest, manifest));
        Assert.Equal(manifest, (await FindAsync("/v2/library/web/manifests/1", "docker.io"))?.Digest);
        Assert.Equal(TestContent.Manifest, (await FindAsync($"/v2/library/web/manifests/{manifest}", "docker.io"))?.MediaType);
        Assert.Equal(config, (await FindAsync($"/v2/library/web/blobs/{config}", "docker.io"))?.Digest);
        Assert.Equal(layer, (await FindAsync($"/v2/library/web/blobs/{layer}", "docker.io"))?.Digest);
    }

    [Fact]
    public async Task An_index_leads_to_its_manifests_and_lacks_what_is_not_here()
    {
        var (manifest, _, layer) = _content.AddImage("one");
        var missing = "sha256:" + new string('0', 64);
        var index = _content.AddIndex(manifest, missing);
        _content.Images.Add(new("r.test/web:1", index, TestContent.Index, index));
        Assert.Equal(TestContent.Index, (await FindAsync("/v2/web/manifests/1", "r.test"))?.MediaType);
        Assert.Equal(TestContent.Manifest, (await FindAsync($"/v2/web/manifests/{manifest}", "r.test"))?.MediaType);
        Assert.NotNull(await FindAsync($"/v2/web/blobs/{layer}", "r.test"));
        Assert.Null(await FindAsync($"/v2/web/manifests/{missing}", "r.test"));
    }

    [Fact]
    public async Task What_a_registry_gave_is_not_handed_on()
    {
        var (pulled, _, layer) = _content.AddImage("pulled");
        var (replaced, _, _) = _content.AddImage("replaced");
        _content.Images.Add(new("r.test/private:1", pulled, TestContent.Manifest, ""));
        _content.Images.Add(new("r.test/loaded-then-pulled:1", pulled, TestContent.Manifest, replaced));
        Assert.Null(await FindAsync("/v2/private/manifests/1", "r.test"));
        Assert.Null(await FindAsync($"/v2/private/manifests/{pulled}", "r.test"));
        Assert.Null(await FindAsync($"/v2/private/blobs/{layer}", "r.test"));
        Assert.Null(await FindAsync("/v2/loaded-then-pulled/manifests/1", "r.test"));
    }

    [Fact]
    public async Task Other_names_and_parts_of_other_images_are_unknown()
    {
        var (mine, _, _) = _content.AddImage("mine");
        var (other, config, layer) = _content.AddImage("other");
        _content.Images.Add(new("r.test/mine:1", mine, TestContent.Manifest, mine));
        _content.Images.Add(new("r.test/other:1", other, TestContent.Manifest, other));
        Assert.Null(await FindAsync("/v2/mine/manifests/2", "r.test"));
        Assert.Null(await FindAsync("/v2/mine/manifests/1", "q.test"));
        Assert.Null(await FindAsync($"/v2/mine/blobs/{layer}", "r.test"));
        Assert.Null(await FindAsync($"/v2/other/manifests/{config}", "r.test"));
    }

    [Fact]
    public async Task The_server_speaks_as_a_registry_and_takes_no_writes()
    {
        var (manifest, _, layer) = _content.AddImage("one");
        _content.Images.Add(new("docker.io/library/web:1", manifest, TestContent.Manifest, manifest));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = new RegistryViewComponent(new KubeletOptions { NodeName = "n", NodeIP = "127.0.0.1" }, 0, NullLoggerFactory.Instance).RunAsync(_content.View, listening.SetResult, stop.Token);
        using var client = new HttpClient { BaseAddress = await listening.Task.WaitAsync(TimeSpan.FromSeconds(20), Ct) };

        using var version = await client.GetAsync("/v2/", Ct);
        Assert.Equal(HttpStatusCode.OK, version.StatusCode);
        using var head = await client.SendAsync(new(HttpMethod.Head, "/v2/library/web/manifests/1?ns=docker.io"), Ct);
        Assert.Equal(manifest, head.Headers.GetValues("Docker-Content-Digest").Single());
        Assert.Equal(TestContent.Manifest, head.Content.Headers.ContentType?.ToString());
        Assert.Equal(new FileInfo(_content.Store.FileOf(manifest)!).Length, head.Content.Headers.ContentLength);
        Assert.Equal("one", await client.GetStringAsync($"/v2/library/web/blobs/{layer}?ns=docker.io", Ct));
        using var unknown = await client.GetAsync("/v2/library/web/manifests/2?ns=docker.io", Ct);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Contains("\"MANIFEST_UNKNOWN\"", await unknown.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        using var write = await client.PutAsync("/v2/library/web/manifests/1", new StringContent("{}"), Ct);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, write.StatusCode);
        using var upload = await client.PostAsync("/v2/library/web/blobs/uploads/", null, Ct);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, upload.StatusCode);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Theory]
    [InlineData("sha256:../../../../etc/passwd")]
    [InlineData("../x:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("sha256:")]
    [InlineData("latest")]
    public void A_digest_leads_out_of_no_folder(string digest) => Assert.Null(_content.Store.FileOf(digest));

    [Fact]
    public void The_configuration_of_an_index_is_that_of_the_manifest_that_is_here()
    {
        var (manifest, config, _) = _content.AddImage("one");
        var index = _content.AddIndex("sha256:" + new string('1', 64), manifest);
        Assert.Equal(config, _content.Store.ConfigurationOf(new(index, TestContent.Index)));
        Assert.Null(_content.Store.ConfigurationOf(new("sha256:" + new string('1', 64), TestContent.Manifest)));
    }

    public void Dispose() => _content.Dispose();

    private Task<RegistryAnswer?> FindAsync(string path, string ns) => _content.View.FindAsync(RegistryRequest.Parse(path, ns)!, Ct);
}
