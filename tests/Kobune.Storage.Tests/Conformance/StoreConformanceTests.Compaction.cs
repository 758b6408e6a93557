namespace Kobune.Storage.Tests.Conformance;

public abstract partial class StoreConformanceTests
{
    [Fact]
    public async Task Compaction_keeps_current_values_and_the_compacted_revision_itself()
    {
        await Store.PutAsync("/a", "1");
        await Store.PutAsync("/b", "2");
        var three = await Store.PutAsync("/a", "3");
        var four = await Store.DeleteAsync("/b");
        await Store.CompactAsync(three);

        Assert.Equal(["/a=3"], await Store.ListAsync("/"));
        Assert.Equal(["/a=3", "/b=2"], await Store.ListAsync("/", three));
        Assert.Equal(["/a=3"], await Store.ListAsync("/", four));
        Assert.Equal(three, (await Assert.ThrowsAsync<CompactedException>(() => Store.ReadAsync("/a", three - 1))).CompactedRevision);
        await Assert.ThrowsAsync<CompactedException>(() => Store.ListAsync("/", three - 1));
        Assert.Equal(three, (await Store.StatisticsAsync()).CompactedRevision);
    }

    [Fact]
    public async Task Watch_from_a_compacted_revision_ends_with_the_reason()
    {
        var one = await Store.PutAsync("/a", "1");
        var two = await Store.PutAsync("/a", "2");
        var three = await Store.PutAsync("/a", "3");
        await Store.CompactAsync(two);
        await using var late = await WatchReader.StartAsync(Store, "/", one);
        Assert.Equal(StoreWatchEnd.Compacted, await late.EndAsync());
        await using var justInTime = await WatchReader.StartAsync(Store, "/", two);
        Assert.Equal([$"PUT /a=3 was 2@{two} @{three}"], await justInTime.EventsAsync(1));
    }

    [Fact]
    public async Task Watch_that_is_armed_survives_compaction()
    {
        await using var watch = await WatchReader.StartAsync(Store, "/", await Store.RevisionAsync());
        var one = await Store.PutAsync("/a", "1");
        var two = await Store.PutAsync("/a", "2");
        await Store.CompactAsync(two);
        Assert.Equal([$"PUT /a=1 @{one}", $"PUT /a=2 was 1@{one} @{two}"], await watch.EventsAsync(2));
    }

    [Fact]
    public async Task Compaction_to_the_future_is_refused_and_to_the_past_is_nothing()
    {
        var one = await Store.PutAsync("/a", "1");
        var two = await Store.PutAsync("/a", "2");
        await Assert.ThrowsAsync<FutureRevisionException>(() => Store.CompactAsync(two + 1));
        await Store.CompactAsync(two);
        await Assert.ThrowsAsync<CompactedException>(() => Store.CompactAsync(one));
        Assert.Equal("2", await Store.ReadAsync("/a"));
    }

    [Fact]
    public async Task Compaction_frees_history()
    {
        for (var i = 0; i < 100; i++)
        {
            await Store.PutAsync($"/{i % 3}", new string('x', 1000), durability: Durability.Relaxed);
        }

        await Store.DeleteAsync("/0");
        Assert.InRange((await Store.StatisticsAsync()).HistoryBytes, 97_000, 200_000);
        await Store.CompactAsync(await Store.RevisionAsync());
        Assert.Equal(0, (await Store.StatisticsAsync()).HistoryBytes);
        Assert.Equal(2, (await Store.RangeAsync(new RangeRequest("/", CountOnly: true), Token)).Count);
    }

    [Fact]
    public async Task Compaction_runs_on_its_own_also_when_idle()
    {
        await Store.PutAsync("/a", "1");
        var two = await Store.PutAsync("/a", "2");
        var interval = new StoreOptions().CompactionInterval;
        Time.Advance(interval);
        Assert.Equal("1", await Store.ReadAsync("/a", two - 1));
        Time.Advance(interval);
        await EventuallyAsync($"compaction to {two}", async () => (await Store.StatisticsAsync()).CompactedRevision == two);
        await Assert.ThrowsAsync<CompactedException>(() => Store.ReadAsync("/a", two - 1));
        Assert.Equal("2", await Store.ReadAsync("/a"));
    }

    [Fact]
    public async Task History_is_bounded_by_bytes()
    {
        var store = await StartAsync(new StoreOptions { MaxHistoryBytes = 100_000 });
        for (var i = 0; i < 500; i++)
        {
            await store.PutAsync("/a", new string('x', 1000), durability: Durability.Relaxed);
        }

        await EventuallyAsync("history under its bound", async () => (await store.StatisticsAsync()).HistoryBytes <= 100_000);
        Assert.True((await store.StatisticsAsync()).CompactedRevision > 0);
    }
}
