namespace Kobune.Storage.Tests.Conformance;

public abstract partial class StoreConformanceTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task Key_expires_by_a_delete_with_its_own_revision()
    {
        await using var watch = await WatchReader.StartAsync(Store, "/", await Store.RevisionAsync());
        var one = await Store.PutAsync("/a", "1", Hour);
        await watch.EventsAsync(1);
        Time.Advance(Hour - TimeSpan.FromMilliseconds(1));
        Assert.Equal("1", await Store.ReadAsync("/a"));
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([$"DELETE /a was 1@{one} @{one + 1}"], await watch.EventsAsync(1));
        Assert.Null(await Store.ReadAsync("/a"));
        Assert.Equal(one + 1, await Store.RevisionAsync());
    }

    [Fact]
    public async Task Each_expired_key_takes_a_revision_of_its_own()
    {
        await using var watch = await WatchReader.StartAsync(Store, "/", await Store.RevisionAsync());
        await Store.CommitAsync([], [.. Enumerable.Range(0, 5).Select(i => Operation.Put($"/{i}", default, Hour))]);
        var written = await Store.RevisionAsync();
        await watch.EventsAsync(5);
        Time.Advance(Hour);
        var deletes = await watch.EventsAsync(5);
        Assert.Equal(Enumerable.Range(1, 5).Select(i => $"@{written + i}"), deletes.Select(text => text[text.LastIndexOf('@')..]));
    }

    [Fact]
    public async Task Writing_again_renews_or_ends_the_time_to_live()
    {
        await Store.PutAsync("/renewed", "1", Hour);
        await Store.PutAsync("/kept", "1", Hour);
        await Store.PutAsync("/left", "1", Hour);
        Time.Advance(Hour / 2);
        await Store.PutAsync("/renewed", "2", Hour);
        await Store.PutAsync("/kept", "2");
        Time.Advance(Hour / 2);
        await EventuallyAsync("expiry of /left", async () => await Store.ReadAsync("/left") is null);
        Assert.Equal(["/kept=2", "/renewed=2"], await Store.ListAsync("/"));
        Time.Advance(Hour / 2);
        await EventuallyAsync("expiry of /renewed", async () => await Store.ReadAsync("/renewed") is null);
        Assert.Equal(["/kept=2"], await Store.ListAsync("/"));
    }

    [Fact]
    public async Task Key_deleted_and_created_again_keeps_its_new_life()
    {
        await Store.PutAsync("/a", "1", Hour);
        await Store.DeleteAsync("/a");
        await Store.PutAsync("/a", "2", Hour * 3);
        await Store.PutAsync("/sign", "", Hour);
        Time.Advance(Hour);
        await EventuallyAsync("expiry of /sign", async () => await Store.ReadAsync("/sign") is null);
        Assert.Equal("2", await Store.ReadAsync("/a"));
    }

    [Fact]
    public async Task Shorter_time_to_live_set_later_comes_first()
    {
        await Store.PutAsync("/long", "1", Hour * 2);
        await Store.PutAsync("/short", "1", Hour);
        Time.Advance(Hour);
        await EventuallyAsync("expiry of /short", async () => await Store.ReadAsync("/short") is null);
        Assert.Equal("1", await Store.ReadAsync("/long"));
    }
}
