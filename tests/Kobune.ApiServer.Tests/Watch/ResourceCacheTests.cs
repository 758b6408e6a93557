using System.Text;
using Kobune.ApiServer.Watch;
using Kobune.Storage;

namespace Kobune.ApiServer.Tests.Watch;

public sealed class ResourceCacheTests
{
    /// <summary>Loops that wake up at an event and read the state lost changes when it was set after the event was told.</summary>
    [Fact]
    public async Task Who_has_seen_an_event_finds_it_in_the_state()
    {
        const int Count = CacheWatcher.QueueLength; // long enough that the reader, which spins, comes between the first event and the last
        var cache = new ResourceCache("/registry/pods/", null, TimeProvider.System);
        var (watcher, _) = cache.WatchNow(EntryFilter.All);
        var events = Enumerable.Range(0, Count).Select(i => Added($"p{i:00000}", 7)).ToArray();
        using var ready = new ManualResetEventSlim();
        var reading = Task.Factory.StartNew(
            () =>
            {
                ready.Set();
                while (!watcher.Events.TryRead(out _))
                {
                }

                return cache.State;
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        ready.Wait(TestContext.Current.CancellationToken);
        cache.Apply(events);
        Assert.Equal(7, (await reading).LastChange);
    }

    private static StoreEvent Added(string name, long revision)
    {
        var key = "/registry/pods/default/" + name;
        var body = Encoding.UTF8.GetBytes($$$"""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"{{{name}}}","namespace":"default"}}""");
        return new(key, revision, new KeyValue(key, body, revision, revision), null);
    }
}
