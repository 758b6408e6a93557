using System.Globalization;
using System.Text;
using Kobune.ApiServer.Watch;
using Kobune.Storage;
using Kobune.Storage.Memory;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.ApiServer.Tests.Watch;

/// <summary>How far back a watch can begin: all changes of the last 75 s, and the last 128 however old they are.</summary>
public sealed class EventWindowTests
{
    private static readonly TimeSpan Old = TimeSpan.FromSeconds(75);
    private readonly ManualTime _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(100, 0, 0)]
    [InlineData(128, 75, 0)]
    [InlineData(500, 74, 0)]
    [InlineData(500, 75, 372)]
    public void Old_changes_go_but_for_the_last_ones(int count, int age, long floor)
    {
        var window = new EventWindow(_time);
        Fill(window, 1, count);
        _time.Advance(TimeSpan.FromSeconds(age));
        window.Trim();
        Assert.Equal(floor, window.Floor);
        Assert.Equal(count - floor, window.Since(floor)!.Count);
        Assert.Null(window.Since(floor - 1));
    }

    [Fact]
    public void A_window_that_became_small_goes_on_and_grows_again()
    {
        var window = new EventWindow(_time);
        Fill(window, 1, 1000);
        _time.Advance(Old);
        window.Trim();
        Fill(window, 1001, 1200);
        Assert.Equal(1000, window.Floor); // the old ones made room
        Assert.Equal(Enumerable.Range(1001, 200).Select(i => (long)i), window.Since(1000)!.Select(c => c.Revision));
    }

    [Fact]
    public void A_commit_goes_as_a_whole()
    {
        var window = new EventWindow(_time);
        Fill(window, 1, 100);
        for (var i = 0; i < 100; i++)
        {
            window.Add(new CacheChange(101, Entry(101), null));
        }

        Fill(window, 102, 150);
        _time.Advance(Old);
        window.Trim();
        Assert.Equal(101, window.Floor);
    }

    [Fact]
    public void Large_objects_are_kept_only_up_to_32_MiB_and_the_last_changes_however_large_they_are()
    {
        var window = new EventWindow(_time);
        Fill(window, 1, 1000, 1 << 16);
        Assert.InRange(window.Since(window.Floor)!.Count, 500, 511); // 64 KiB and a little each
        Fill(window, 1001, 1200, 1 << 19);
        Assert.Equal(1072, window.Floor);
    }

    /// <summary>Each change holds a state; what was made of it would be several times as large.</summary>
    [Fact]
    public void A_state_that_another_has_followed_keeps_no_forms()
    {
        var pods = new ResourceCache("/registry/pods/", null, _time);
        pods.Fill([], 1);
        pods.Apply([Event("a", 2)]);
        var first = pods.State.Index.Find("/registry/pods/a")!;
        var made = first.Shared("form", _ => new object());
        Assert.Same(made, first.Shared("form", _ => new object()));
        pods.Apply([Event("a", 3)]);
        Assert.False(first.Has("form"));
        Assert.Equal("a", first.Name);
    }

    /// <summary>A kind that nobody writes any more would keep the states of its last burst for good.</summary>
    [Fact]
    public async Task A_burst_is_forgotten_when_something_else_is_written()
    {
        await using var store = new MemoryStore(_time);
        var pods = new ResourceCache("/registry/pods/", null, _time);
        var leases = new ResourceCache("/registry/leases/", null, _time);
        await using var feed = new StoreFeed(store, [pods, leases], _time, NullLogger.Instance);
        await feed.StartAsync(Token);
        var begin = feed.Revision;
        for (var i = 0; i < 300; i++)
        {
            await PutAsync(store, "/registry/pods/default/a");
        }

        Assert.True(await feed.CatchUpAsync(Token));
        Assert.Equal(begin, pods.WindowFloor);
        _time.Advance(Old);
        await PutAsync(store, "/registry/leases/default/a");
        Assert.True(await feed.CatchUpAsync(Token));
        Assert.Equal(begin + 172, pods.WindowFloor);
        Assert.Null(pods.WatchFrom(EntryFilter.All, begin + 171));
        Assert.Equal(128, pods.WatchFrom(EntryFilter.All, begin + 172)!.Value.Missed.Count);
    }

    private static async Task PutAsync(MemoryStore store, string key) =>
        Assert.True((await store.CommitAsync(new Transaction([], [Operation.Put(key, Body(key))]), Token)).Succeeded);

    private static void Fill(EventWindow window, int from, int to, int size = 0)
    {
        for (var i = from; i <= to; i++)
        {
            window.Add(new CacheChange(i, Entry(i, size), null));
        }
    }

    private static CacheEntry Entry(int revision, int size = 0)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"/registry/pods/default/p{revision}");
        return CacheEntry.FromStored(key, Body(key, size), revision);
    }

    private static StoreEvent Event(string name, long revision)
    {
        var key = "/registry/pods/" + name;
        return new(key, revision, new KeyValue(key, Body(key), revision, revision), null);
    }

    private static byte[] Body(string key, int size = 0) =>
        Encoding.UTF8.GetBytes($$$"""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"{{{key.Split('/')[^1]}}}","namespace":"default"},"spec":{"nodeName":"{{{new string('x', size)}}}"}}""");
}
