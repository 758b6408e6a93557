namespace Kobune.Storage.Tests.Conformance;

public abstract partial class StoreConformanceTests
{
    [Fact]
    public async Task Watch_armed_before_a_change_sees_it_with_the_previous_value()
    {
        await using var watch = await WatchReader.StartAsync(Store, "/a", await Store.RevisionAsync());
        var one = await Store.PutAsync("/a", "1");
        var two = await Store.PutAsync("/a", "2");
        var three = await Store.DeleteAsync("/a");
        var four = await Store.PutAsync("/a", "4");
        Assert.Equal(
            [$"PUT /a=1 @{one}", $"PUT /a=2 was 1@{one} @{two}", $"DELETE /a was 2@{two} @{three}", $"PUT /a=4 @{four}"],
            await watch.EventsAsync(4));
    }

    [Fact]
    public async Task Watch_armed_later_catches_up_from_its_revision()
    {
        var one = await Store.PutAsync("/k/a", "1");
        var two = await Store.PutAsync("/k/a", "2");
        await Store.PutAsync("/other", "x");
        var four = await Store.PutAsync("/k/b", "4");
        var five = await Store.DeleteAsync("/k/a");
        await using var watch = await WatchReader.StartAsync(Store, "/k/", one);
        Assert.Equal([$"PUT /k/a=2 was 1@{one} @{two}", $"PUT /k/b=4 @{four}", $"DELETE /k/a was 2@{two} @{five}"], await watch.EventsAsync(3));
        Assert.Equal(five, watch.Last!.Revision);

        var six = await Store.PutAsync("/k/c", "6");
        Assert.Equal([$"PUT /k/c=6 @{six}"], await watch.EventsAsync(1));
    }

    [Fact]
    public async Task Watch_sees_only_its_prefix()
    {
        await using var watch = await WatchReader.StartAsync(Store, "/k/", await Store.RevisionAsync());
        await Store.CommitAsync([], Operation.Put("/k", default), Operation.Put("/k/a", default), Operation.Put("/l/a", default));
        var last = await Store.PutAsync("/k/b", "");
        Assert.Equal([$"PUT /k/a= @{last - 1}", $"PUT /k/b= @{last}"], await watch.EventsAsync(2));
    }

    [Fact]
    public async Task Events_of_one_commit_arrive_in_one_batch()
    {
        await using var watch = await WatchReader.StartAsync(Store, "/", await Store.RevisionAsync());
        var operations = Enumerable.Range(0, 1500).Select(i => Operation.Put($"/{i:D4}", default)).ToArray();
        var start = await Store.RevisionAsync();
        await Store.CommitAsync([], operations);
        Assert.Equal(1500, (await watch.BatchAsync("the large commit")).Events.Count);

        await using var late = await WatchReader.StartAsync(Store, "/", start);
        Assert.Equal(1500, late.Last!.Events.Count);
    }

    [Fact]
    public async Task Watch_from_a_revision_to_come_starts_behind_it()
    {
        var now = await Store.RevisionAsync();
        await using var watch = await WatchReader.StartAsync(Store, "/", now + 2);
        await Store.PutAsync("/a", "1");
        await Store.PutAsync("/a", "2");
        var three = await Store.PutAsync("/a", "3");
        Assert.Equal([$"PUT /a=3 was 2@{three - 1} @{three}"], await watch.EventsAsync(1));
    }

    [Fact]
    public async Task Progress_tells_the_revision_without_events()
    {
        await using var watch = await WatchReader.StartAsync(Store, "/k/", await Store.RevisionAsync());
        var revision = await Store.PutAsync("/other", "1");
        await Store.RequestProgressAsync("/k/", Token);
        var batch = await watch.BatchAsync("progress");
        Assert.Equal((0, revision), (batch.Events.Count, batch.Revision));
    }

    [Fact]
    public async Task Progress_comes_unasked_after_a_while()
    {
        await using var watch = await WatchReader.StartAsync(Store, "/k/", await Store.RevisionAsync());
        var revision = await Store.PutAsync("/other", "1");
        Time.Advance(new StoreOptions().ProgressInterval);
        Assert.Equal(revision, (await watch.BatchAsync("progress")).Revision);
    }

    [Fact]
    public async Task Slow_watch_overflows_and_costs_the_others_nothing()
    {
        var store = await StartAsync(new StoreOptions { WatchQueueLength = 10 });
        var start = await store.RevisionAsync();
        await using var slow = await WatchReader.StartAsync(store, "/", start);
        await using var quick = await WatchReader.StartAsync(store, "/", start);
        for (var i = 0; i < 50; i++)
        {
            await store.PutAsync("/a", $"{i}");
            await quick.EventsAsync(1);
        }

        Assert.Equal(StoreWatchEnd.Overflow, await slow.EndAsync());
        Assert.Equal(start, slow.Last!.Revision);
    }

    [Fact]
    public async Task Closing_the_store_ends_its_watches()
    {
        await using var waiting = await WatchReader.StartAsync(Store, "/", await Store.RevisionAsync());
        var end = waiting.EndAsync();
        await Store.PutAsync("/a", "1");
        await Store.DisposeAsync();
        Assert.Equal(StoreWatchEnd.Closed, await end);
        Assert.Equal(1, waiting.Unread);
        await using var late = await WatchReader.StartAsync(Store, "/", 0);
        Assert.Equal(StoreWatchEnd.Closed, late.Last!.End);
    }

    [Fact]
    public async Task Cancelled_watch_throws_and_is_forgotten()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var batches = Store.WatchAsync("/", await Store.RevisionAsync(), stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.True(await batches.MoveNextAsync());
        var next = batches.MoveNextAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
    }

    [Fact]
    public async Task Watches_under_load_miss_and_repeat_nothing()
    {
        var start = await Store.RevisionAsync();
        var writers = Enumerable.Range(0, 4).Select(w => Task.Run(
            async () =>
            {
                for (var i = 0; i < 100; i++)
                {
                    await Store.PutAsync($"/k/{w}/{i % 7}", $"{i}");
                }
            },
            Token)).ToArray();
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(
            async () =>
            {
                await using var watch = await WatchReader.StartAsync(Store, "/k/", start);
                return await watch.EventsAsync(400);
            },
            Token)).ToArray();
        await Task.WhenAll(writers);
        var seen = await Task.WhenAll(readers);
        Assert.All(seen, events => Assert.Equal(seen[0], events));
        Assert.Equal(Enumerable.Range(1, 400).Select(i => $"@{start + i}"), seen[0].Select(text => text[text.LastIndexOf('@')..]));
    }
}
