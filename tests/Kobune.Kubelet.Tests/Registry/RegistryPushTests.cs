using Kobune.Kubelet.Registry;
using Kobune.Kubelet.Registry.Pushing;

namespace Kobune.Kubelet.Tests.Registry;

public sealed class RegistryPushTests : IDisposable
{
    private static readonly RegistryUser Ada = new("ada", "love:lace");
    private readonly TestContent _content = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("Basic")]
    [InlineData("Bearer")]
    public async Task An_image_arrives_with_all_its_parts(string challenge)
    {
        await using var registry = await TestRegistry.StartAsync(challenge, Ada);
        var (manifest, config, layer) = _content.AddImage("one");
        await PushAsync(registry, Ada, new(manifest, TestContent.Manifest));
        Assert.Equal([layer, config], registry.Blobs.Keys.OrderBy(k => k == config));
        Assert.Equal("one", registry.Blobs[layer]);
        Assert.Equal([$"team/app:1 {TestContent.Manifest}"], registry.Manifests.Keys);
    }

    [Fact]
    public async Task An_identity_token_is_changed_for_an_access_token()
    {
        await using var registry = await TestRegistry.StartAsync("Bearer", new("", "", "long-lived"));
        await PushAsync(registry, new("", "", "long-lived"), new(_content.AddImage("one").Manifest, TestContent.Manifest));
        Assert.Single(registry.Manifests);
    }

    [Fact]
    public async Task What_the_registry_has_is_not_sent_again()
    {
        await using var registry = await TestRegistry.StartAsync("", null);
        var (manifest, config, layer) = _content.AddImage("one");
        registry.Blobs[layer] = "there before";
        await PushAsync(registry, null, new(manifest, TestContent.Manifest));
        Assert.Equal("there before", registry.Blobs[layer]);
        Assert.Contains(config, registry.Blobs.Keys);
    }

    [Fact]
    public async Task An_index_comes_after_its_manifests()
    {
        await using var registry = await TestRegistry.StartAsync("", null);
        var (one, two) = (_content.AddImage("one").Manifest, _content.AddImage("two").Manifest);
        await PushAsync(registry, null, new(_content.AddIndex(one, two), TestContent.Index));
        Assert.Equal(new[] { $"team/app:{one} {TestContent.Manifest}", $"team/app:{two} {TestContent.Manifest}" }.Order(), registry.Manifests.Where(m => m.Value < 3).Select(m => m.Key).Order());
        Assert.Equal(3, registry.Manifests[$"team/app:1 {TestContent.Index}"]);
    }

    [Fact]
    public async Task Of_an_index_that_is_here_in_part_the_one_image_goes()
    {
        await using var registry = await TestRegistry.StartAsync("", null);
        var one = _content.AddImage("one").Manifest;
        await PushAsync(registry, null, new(_content.AddIndex("sha256:" + new string('0', 64), one), TestContent.Index));
        Assert.Equal([$"team/app:1 {TestContent.Manifest}"], registry.Manifests.Keys);
    }

    [Theory]
    [InlineData("Basic", "wrong", "401 Unauthorized")] // the answer to HEAD has no words
    [InlineData("Bearer", "wrong", "401 Unauthorized: who are you")]
    [InlineData("Basic", null, "401 Unauthorized: who are you")]
    public async Task A_refusal_is_told_in_the_registrys_words(string challenge, string? password, string expected)
    {
        await using var registry = await TestRegistry.StartAsync(challenge, Ada);
        var refused = await Assert.ThrowsAsync<PushException>(() => PushAsync(registry, password is null ? null : new("ada", password), new(_content.AddImage("one").Manifest, TestContent.Manifest)));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", refused.Message, StringComparison.Ordinal);
        Assert.Empty(registry.Blobs);
    }

    [Fact]
    public void An_image_that_lacks_a_layer_is_not_begun()
    {
        var missing = "sha256:" + new string('0', 64);
        var manifest = _content.Add($$"""{"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{_content.Add("{}")}}"},"layers":[{"mediaType":"x","digest":"{{missing}}"}]}""");
        Assert.Equal($"{missing} (x) is not on this node", Assert.Throws<PushException>(() => PushImage.Of(_content.Store, new(manifest, TestContent.Manifest))).Message);
    }

    public void Dispose() => _content.Dispose();

    private async Task PushAsync(TestRegistry registry, RegistryUser? user, Part root)
    {
        using var push = new RegistryPush(new(registry.Url), "team/app", user);
        await push.PingAsync(Ct);
        await push.PushAsync(_content.Store, PushImage.Of(_content.Store, root), "1", Ct);
    }
}
