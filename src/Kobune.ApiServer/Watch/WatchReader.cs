using System.Runtime.CompilerServices;
using System.Text;
using Kobune.ApiServer.Errors;

namespace Kobune.ApiServer.Watch;

/// <summary>WATCH of one resource: what comes first, then what happens, with bookmarks, until the client goes, the time is over or the watcher is cut.</summary>
internal sealed class WatchReader(ResourceCache cache, StoreFeed feed, string apiVersion, string kind, TimeProvider time)
{
    private static readonly TimeSpan BookmarkPeriod = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BookmarkGrid = TimeSpan.FromSeconds(10);

    /// <summary>Registers the watcher before it returns, so that nothing which happens from now on is missed. Revisions that are gone (410) or to come (504) are told in the stream, as upstream does.</summary>
    public async ValueTask<IAsyncEnumerable<WatchEvent>> OpenAsync(WatchQuery query, CancellationToken ct)
    {
        var initial = query.SendInitialEvents ?? query.Revision is null or 0;
        if (query.SendInitialEvents == true || query.Revision is null)
        {
            var reached = query.Revision is > 0 and { } wanted ? await feed.WaitForAsync(wanted, ct) : query.Revision == 0 || await feed.CatchUpAsync(ct);
            if (!reached)
            {
                return Refused(StatusErrors.TooLargeResourceVersion(query.Revision ?? 0, feed.Revision));
            }
        }

        if (initial)
        {
            var revision = feed.Revision;
            var (watcher, state) = cache.WatchNow(query.Filter);
            var prefix = query.Filter.Namespace.Length > 0 ? $"{cache.Prefix}{query.Filter.Namespace}/" : cache.Prefix;
            return RunAsync(query, watcher, InitialEvents(state, prefix, query.Filter), Math.Max(revision, state.LastChange), ct);
        }

        // Without a revision and with sendInitialEvents=false: from the newest state on.
        var after = query.Revision is null or 0 ? feed.Revision : query.Revision.Value;
        return cache.WatchFrom(query.Filter, after) is { } from
            ? RunAsync(query, from.Watcher, MissedEvents(from.Missed, query.Filter), after, ct)
            : Refused(StatusErrors.Expired($"too old resource version: {after} ({cache.WindowFloor})"));
    }

    private static IAsyncEnumerable<WatchEvent> Refused(StatusException why) => new[] { new WatchEvent(WatchEventType.Error, null, why.Status) }.ToAsyncEnumerable();

    private async IAsyncEnumerable<WatchEvent> RunAsync(WatchQuery query, CacheWatcher watcher, IEnumerable<WatchEvent> first, long revision, [EnumeratorCancellation] CancellationToken ct)
    {
        var deadline = time.GetTimestamp();
        try
        {
            foreach (var item in first)
            {
                yield return item;
            }

            if (query is { SendInitialEvents: true, Bookmarks: true })
            {
                yield return Bookmark(revision, initialEventsEnd: true);
            }

            while (true)
            {
                while (watcher.Events.TryRead(out var item))
                {
                    revision = Math.Max(revision, item.Entry?.Revision ?? 0);
                    yield return item;
                }

                var left = query.Timeout - time.GetElapsedTime(deadline);
                if (left <= TimeSpan.Zero)
                {
                    yield break;
                }

                // Read before the queue is asked: what is queued later than this has a higher revision.
                var progress = feed.Revision;
                switch (await WaitAsync(watcher, query.Bookmarks && left > BookmarkPeriod ? UntilBookmark(time.GetUtcNow()) : left, ct))
                {
                    case Waited.Closed when watcher.End is { } end:
                        yield return new(WatchEventType.Error, null, end.Status);
                        yield break;
                    case Waited.Closed:
                        yield break;
                    case Waited.Nothing when query.Bookmarks && progress > revision:
                        revision = progress;
                        yield return Bookmark(revision, initialEventsEnd: false);
                        break;
                    default:
                        break;
                }
            }
        }
        finally
        {
            cache.Unwatch(watcher);
        }
    }

    /// <summary>About a minute. A hundred silent watches wake the process together, six times a minute, and not each on its own.</summary>
    internal static TimeSpan UntilBookmark(DateTimeOffset now) => BookmarkPeriod - TimeSpan.FromTicks(now.Ticks % BookmarkGrid.Ticks);

    private static IEnumerable<WatchEvent> InitialEvents(CacheState state, string prefix, EntryFilter filter)
    {
        foreach (var entry in state.Index.Range(prefix))
        {
            if (filter.Matches(entry))
            {
                yield return new(WatchEventType.Added, entry);
            }
        }
    }

    private static IEnumerable<WatchEvent> MissedEvents(List<CacheChange> missed, EntryFilter filter)
    {
        foreach (var change in missed)
        {
            if (CacheWatcher.EventOf(filter, change) is { } item)
            {
                yield return item;
            }
        }
    }

    private async ValueTask<Waited> WaitAsync(CacheWatcher watcher, TimeSpan patience, CancellationToken ct)
    {
        if (!await watcher.WaitAsync(patience, time, ct))
        {
            return Waited.Nothing;
        }

        return watcher.Events.Completion.IsCompleted ? Waited.Closed : Waited.Events;
    }

    private WatchEvent Bookmark(long revision, bool initialEventsEnd)
    {
        var annotations = initialEventsEnd ? "\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}" : "";
        var json = $"{{\"kind\":\"{kind}\",\"apiVersion\":\"{apiVersion}\",\"metadata\":{{{annotations}}}}}";
        return new(WatchEventType.Bookmark, CacheEntry.FromStored("", Encoding.UTF8.GetBytes(json), revision));
    }

    private enum Waited
    {
        Events,
        Nothing,
        Closed,
    }
}
