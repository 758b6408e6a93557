namespace Kobune.Storage.Tests.Conformance;

public abstract partial class StoreConformanceTests
{
    [Fact]
    public async Task Empty_store_has_no_keys_and_answers_with_its_revision()
    {
        var revision = await Store.RevisionAsync();
        Assert.Equal(1, revision); // as etcd: 0 would mean "any state" to a client that goes on from it
        Assert.Equal(new GetResult(null, revision), await Store.GetAsync("/a", 0, Token));
        var range = await Store.RangeAsync(new RangeRequest(""), Token);
        Assert.Empty(range.Items);
        Assert.Equal((0, false, revision), (range.Count, range.More, range.Revision));
    }

    [Fact]
    public async Task Value_carries_the_revisions_that_created_and_changed_it()
    {
        var first = await Store.PutAsync("/a", "1");
        var second = await Store.PutAsync("/a", "2");
        Assert.Equal(first + 1, second);
        var (item, revision) = await Store.GetAsync("/a", 0, Token);
        Assert.Equal(("/a", "2", second, first, second), (item!.Key, item.Text(), item.ModRevision, item.CreateRevision, revision));
    }

    [Fact]
    public async Task Key_created_again_has_a_new_create_revision()
    {
        await Store.PutAsync("/a", "1");
        await Store.DeleteAsync("/a");
        var created = await Store.PutAsync("/a", "2");
        var item = (await Store.GetAsync("/a", 0, Token)).Item!;
        Assert.Equal((created, created), (item.CreateRevision, item.ModRevision));
    }

    [Fact]
    public async Task Older_revisions_are_read_as_they_were()
    {
        var empty = await Store.RevisionAsync();
        var one = await Store.PutAsync("/a", "1");
        var two = await Store.PutAsync("/b", "2");
        var three = await Store.PutAsync("/a", "3");
        var four = await Store.DeleteAsync("/b");
        var five = await Store.PutAsync("/b", "5");

        Assert.Equal(["/a=3", "/b=5"], await Store.ListAsync("/"));
        Assert.Equal(["/a=3", "/b=5"], await Store.ListAsync("/", five));
        Assert.Equal(["/a=3"], await Store.ListAsync("/", four));
        Assert.Equal(["/a=3", "/b=2"], await Store.ListAsync("/", three));
        Assert.Equal(["/a=1", "/b=2"], await Store.ListAsync("/", two));
        Assert.Equal(["/a=1"], await Store.ListAsync("/", one));
        Assert.Null(await Store.ReadAsync("/b", four));
        Assert.Equal("2", await Store.ReadAsync("/b", three));
        if (empty > 0)
        {
            Assert.Empty(await Store.ListAsync("/", empty));
        }
    }

    [Fact]
    public async Task Range_at_an_older_revision_tells_the_current_one()
    {
        var one = await Store.PutAsync("/a", "1");
        var two = await Store.PutAsync("/a", "2");
        Assert.Equal(two, (await Store.RangeAsync(new RangeRequest("/", Revision: one), Token)).Revision);
        Assert.Equal(two, (await Store.GetAsync("/a", one, Token)).Revision);
    }

    [Fact]
    public async Task Future_revision_is_refused_with_the_current_one()
    {
        var now = await Store.PutAsync("/a", "1");
        Assert.Equal(now, (await Assert.ThrowsAsync<FutureRevisionException>(async () => await Store.GetAsync("/a", now + 1, Token))).CurrentRevision);
        await Assert.ThrowsAsync<FutureRevisionException>(async () => await Store.RangeAsync(new RangeRequest("/", Revision: now + 5), Token));
    }

    [Fact]
    public async Task Range_covers_exactly_the_prefix_in_byte_order()
    {
        foreach (var key in new[] { "/p/b", "/p/a", "/p", "/p0", "/p/", "/o/z", "/q", "/p/\uFFFD", "/p/\U0001F6A2", "/p/é", "/p/a/1", "/p/a0", "/p/B" })
        {
            await Store.PutAsync(key, "x");
        }

        var range = await Store.RangeAsync(new RangeRequest("/p/"), Token);
        Assert.Equal(["/p/", "/p/B", "/p/a", "/p/a/1", "/p/a0", "/p/b", "/p/é", "/p/\uFFFD", "/p/\U0001F6A2"], range.Items.Select(item => item.Key));
    }

    [Theory]
    [InlineData(null, 2, "a,b", 5, true)]
    [InlineData("/k/c", 2, "c,d", 3, true)]
    [InlineData("/k/c", 3, "c,d,e", 3, false)]
    [InlineData("/k/bb", 0, "c,d,e", 3, false)]
    [InlineData("/k/e\0", 2, "", 0, false)]
    [InlineData("/a", 1, "a", 5, true)]
    [InlineData("/z", 1, "", 0, false)]
    public async Task Limit_and_start_key_page_through_a_range(string? start, int limit, string expected, int count, bool more)
    {
        foreach (var key in new[] { "/j/z", "/k/a", "/k/b", "/k/c", "/k/d", "/k/e", "/l/a" })
        {
            await Store.PutAsync(key, "x");
        }

        var at = await Store.RevisionAsync();
        foreach (var revision in new[] { 0, at })
        {
            var range = await Store.RangeAsync(new RangeRequest("/k/", start, limit, revision), Token);
            Assert.Equal(expected, string.Join(',', range.Items.Select(item => item.Key[3..])));
            Assert.Equal((count, more), (range.Count, range.More));
        }
    }

    [Fact]
    public async Task Pages_at_one_revision_do_not_see_later_writes()
    {
        for (var i = 0; i < 10; i++)
        {
            await Store.PutAsync($"/k/{i}", "old");
        }

        var at = await Store.RevisionAsync();
        var seen = new List<string>();
        string? start = null;
        do
        {
            var page = await Store.RangeAsync(new RangeRequest("/k/", start, 3, at), Token);
            seen.AddRange(page.Items.Select(item => item.Text()));
            start = page.More ? page.Items[^1].Key + "\0" : null;
            await Store.PutAsync("/k/5", "new");
            await Store.DeleteAsync("/k/8");
            await Store.PutAsync("/k/55", "new");
        }
        while (start is not null);
        Assert.Equal(Enumerable.Repeat("old", 10), seen);
    }

    [Fact]
    public async Task Count_only_returns_no_items()
    {
        for (var i = 0; i < 700; i++)
        {
            await Store.PutAsync($"/k/{(i * 7919) % 1000:D4}", "x", durability: Durability.Relaxed);
        }

        var full = await Store.RevisionAsync();
        for (var i = 0; i < 700; i += 2)
        {
            await Store.CommitAsync(new Transaction([], [Operation.Delete($"/k/{(i * 7919) % 1000:D4}")], Durability.Relaxed), Token);
        }

        var now = await Store.RangeAsync(new RangeRequest("/k/", CountOnly: true), Token);
        Assert.Equal((350, 0, false), (now.Count, now.Items.Count, now.More));
        Assert.Equal(700, (await Store.RangeAsync(new RangeRequest("/k/", Revision: full, CountOnly: true), Token)).Count);
        Assert.Equal(350, (await Store.RangeAsync(new RangeRequest("/k/", Limit: 1), Token)).Count);
        Assert.Equal(350, (await Store.StatisticsAsync()).Keys);
    }

    [Fact]
    public async Task Large_and_empty_values_come_back_whole()
    {
        var large = new string('x', 3_000_000);
        await Store.PutAsync("/large", large);
        await Store.PutAsync("/empty", "");
        Assert.Equal(large, await Store.ReadAsync("/large"));
        Assert.Equal("", await Store.ReadAsync("/empty"));
    }
}
