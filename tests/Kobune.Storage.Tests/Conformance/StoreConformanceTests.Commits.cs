namespace Kobune.Storage.Tests.Conformance;

public abstract partial class StoreConformanceTests
{
    [Fact]
    public async Task Compare_with_zero_creates_only_once()
    {
        Assert.True((await Store.CommitAsync([new Compare("/a", 0)], Operation.Put("/a", StoreExtensions.Bytes("1")))).Succeeded);
        var before = await Store.RevisionAsync();
        var second = await Store.CommitAsync([new Compare("/a", 0)], Operation.Put("/a", StoreExtensions.Bytes("2")));
        Assert.False(second.Succeeded);
        Assert.Equal("1", Assert.Single(second.Current)!.Text());
        Assert.Equal((before, before), (second.Revision, await Store.RevisionAsync()));
    }

    [Fact]
    public async Task Missed_compare_changes_nothing_and_tells_what_every_compared_key_holds()
    {
        var a = await Store.PutAsync("/a", "1");
        await Store.PutAsync("/b", "2");
        var result = await Store.CommitAsync(
            [new Compare("/a", a), new Compare("/gone", 0), new Compare("/b", a)],
            Operation.Put("/a", StoreExtensions.Bytes("x")), Operation.Delete("/b"));
        Assert.False(result.Succeeded);
        Assert.Equal(["1", null, "2"], result.Current.Select(item => item?.Text()));
        Assert.Equal(["/a=1", "/b=2"], await Store.ListAsync("/"));
    }

    [Fact]
    public async Task Compare_with_the_revision_of_a_deleted_key_misses()
    {
        var a = await Store.PutAsync("/a", "1");
        await Store.DeleteAsync("/a");
        var result = await Store.CommitAsync([new Compare("/a", a)], Operation.Put("/a", StoreExtensions.Bytes("2")));
        Assert.False(result.Succeeded);
        Assert.Null(Assert.Single(result.Current));
    }

    [Fact]
    public async Task Transaction_over_several_keys_is_one_revision()
    {
        await Store.PutAsync("/b", "old");
        var result = await Store.CommitAsync(
            [new Compare("/a", 0)],
            Operation.Put("/a", StoreExtensions.Bytes("1")), Operation.Delete("/b"), Operation.Put("/c", StoreExtensions.Bytes("3")));
        Assert.True(result.Succeeded);
        Assert.Equal(result.Revision, await Store.RevisionAsync());
        var items = (await Store.RangeAsync(new RangeRequest("/"), Token)).Items;
        Assert.All(items, item => Assert.Equal((result.Revision, result.Revision), (item.ModRevision, item.CreateRevision)));
        Assert.Equal(["/a", "/c"], items.Select(item => item.Key));
    }

    [Fact]
    public async Task Commit_without_a_change_takes_no_revision()
    {
        var before = await Store.PutAsync("/a", "1");
        Assert.Equal(new { Succeeded = true, Revision = before }, Outcome(await Store.CommitAsync([], Operation.Delete("/gone"))));
        Assert.Equal(new { Succeeded = true, Revision = before }, Outcome(await Store.CommitAsync([new Compare("/a", before)])));
        Assert.Equal(before, await Store.RevisionAsync());

        static object Outcome(CommitResult result) => new { result.Succeeded, result.Revision };
    }

    [Fact]
    public async Task Writing_the_same_bytes_again_is_a_change()
    {
        var before = await Store.PutAsync("/a", "1");
        Assert.Equal(before + 1, await Store.PutAsync("/a", "1"));
    }

    [Fact]
    public async Task Key_changed_twice_in_a_transaction_is_refused()
    {
        var wrong = Enumerable.Range(0, 20).Select(i => Operation.Delete($"/{i % 19}")).ToArray();
        await Assert.ThrowsAsync<ArgumentException>(() => Store.CommitAsync([], wrong));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.CommitAsync([], Operation.Delete("/a"), Operation.Put("/a", default)));
    }

    [Fact]
    public async Task Concurrent_writers_count_without_losing_one()
    {
        await Store.PutAsync("/counter", "0");
        var start = await Store.RevisionAsync();
        var revisions = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => CountAsync(25), Token)));
        Assert.Equal("200", await Store.ReadAsync("/counter"));
        Assert.Equal(Enumerable.Range(1, 200).Select(i => start + i), revisions.SelectMany(all => all).Order());
    }

    [Fact]
    public async Task Transaction_with_many_keys_is_atomic_for_readers()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var reader = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    var items = (await Store.RangeAsync(new RangeRequest("/k/"), Token)).Items;
                    Assert.True(items.Select(item => item.Text()).Distinct().Count() <= 1, "a reader saw half a transaction");
                }
            },
            Token);
        for (var i = 0; i < 50; i++)
        {
            await Store.CommitAsync([], [.. Enumerable.Range(0, 40).Select(k => Operation.Put($"/k/{k}", StoreExtensions.Bytes($"{i}")))]);
        }

        await stop.CancelAsync();
        await reader;
    }

    [Fact]
    public async Task Closed_store_refuses_work()
    {
        await Store.PutAsync("/a", "1");
        await Store.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Store.PutAsync("/a", "2"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Store.ReadAsync("/a"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Store.ListAsync("/a"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Store.RevisionAsync());
    }

    private async Task<List<long>> CountAsync(int times)
    {
        var revisions = new List<long>();
        while (revisions.Count < times)
        {
            var item = (await Store.GetAsync("/counter", 0, Token)).Item!;
            var next = int.Parse(item.Text()) + 1;
            var result = await Store.CommitAsync([new Compare("/counter", item.ModRevision)], Operation.Put("/counter", StoreExtensions.Bytes($"{next}")));
            if (result.Succeeded)
            {
                revisions.Add(result.Revision);
            }
        }

        return revisions;
    }
}
