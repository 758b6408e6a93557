using System.Runtime.InteropServices;
using Kobune.Api.Clocks;
using Kobune.Storage;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Watch;

/// <summary>
/// Brings the store's changes to the caches: one watch over everything, so that one revision tells how fresh all caches are.
/// A watch that the store ends (compacted, overflow) is followed by a new fill, and clients are sent to list again.
/// </summary>
internal sealed partial class StoreFeed : IAsyncDisposable
{
    private const string Root = "/registry/";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan TrimPeriod = TimeSpan.FromMinutes(1);

    private readonly IStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RevisionGate _gate;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, ResourceCache> _caches = new(StringComparer.Ordinal);
    private readonly Turn _turn = new(); // caches come and go between two batches
    private Task _loop = Task.CompletedTask;
    private long _trimmed;

    public StoreFeed(IStore store, IEnumerable<ResourceCache> caches, TimeProvider time, ILogger logger)
    {
        _store = store;
        _time = time;
        _logger = logger;
        _gate = new(time);
        _trimmed = time.GetTimestamp();
        foreach (var cache in caches)
        {
            _caches.Add(cache.Prefix, cache);
        }
    }

    /// <summary>Everything up to here is in the caches.</summary>
    public long Revision => _gate.Revision;

    /// <summary>Whether the caches were filled once (an empty store is at revision 0).</summary>
    public bool IsFilled { get; private set; }

    /// <summary>Whether the loop still runs; /livez and /readyz ask.</summary>
    public bool IsRunning => !_loop.IsCompleted;

    /// <summary>Fills the caches and follows the store from there on.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        var revision = await FillAsync(ct);
        IsFilled = true;
        _loop = FollowAsync(revision, _stop.Token);
    }

    /// <summary>Takes in a further cache, filled with what the store holds. What its fill has seen is not applied again.</summary>
    public async Task AddAsync(ResourceCache cache, CancellationToken ct)
    {
        await _turn.TakeAsync(ct);
        try
        {
            var held = await _store.RangeAsync(new RangeRequest(cache.Prefix), ct);
            var entries = new List<CacheEntry>(held.Items.Count);
            foreach (var item in held.Items)
            {
                if (CacheEntry.TryFromStored(item) is { } entry)
                {
                    entries.Add(entry);
                }
                else
                {
                    LogUnreadable(item.Key);
                }
            }

            cache.Fill(entries, held.Revision);
            _caches[cache.Prefix] = cache;
        }
        finally
        {
            _turn.Give();
        }
    }

    /// <summary>Lets a cache go; its watches end.</summary>
    public async Task RemoveAsync(ResourceCache cache, CancellationToken ct)
    {
        await _turn.TakeAsync(ct);
        _caches.Remove(cache.Prefix);
        _turn.Give();
        cache.Close();
    }

    /// <summary>Waits until the caches have reached a revision; false when they have not within 3 s.</summary>
    public async ValueTask<bool> WaitForAsync(long revision, CancellationToken ct)
    {
        if (Revision >= revision)
        {
            return true;
        }

        await _store.RequestProgressAsync(Root, ct);
        return await _gate.WaitAsync(revision, Patience, ct);
    }

    /// <summary>Waits until the caches are as fresh as the store is now.</summary>
    public async ValueTask<bool> CatchUpAsync(CancellationToken ct)
    {
        var revision = await _store.GetRevisionAsync(ct);
        return Revision >= revision || await WaitForAsync(revision, ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _loop;
        }
        catch (OperationCanceledException)
        {
            // our own token
        }

        foreach (var cache in _caches.Values)
        {
            cache.Close();
        }

        _stop.Dispose();
    }

    private async Task<long> FillAsync(CancellationToken ct)
    {
        var all = await _store.RangeAsync(new RangeRequest(Root), ct);
        var sorted = _caches.Values.ToDictionary(cache => cache, _ => new List<CacheEntry>());
        foreach (var item in all.Items)
        {
            if (CacheOf(item.Key) is not { } cache)
            {
                continue;
            }

            if (CacheEntry.TryFromStored(item) is { } entry)
            {
                sorted[cache].Add(entry);
            }
            else
            {
                LogUnreadable(item.Key);
            }
        }

        foreach (var (cache, entries) in sorted)
        {
            cache.Fill(entries, all.Revision);
        }

        _gate.Advance(all.Revision);
        return all.Revision;
    }

    private async Task FollowAsync(long revision, CancellationToken ct)
    {
        while (true)
        {
            await foreach (var batch in _store.WatchAsync(Root, revision, ct))
            {
                if (batch.Events.Count > 0)
                {
                    await _turn.TakeAsync(ct);
                    Apply(batch.Events is List<StoreEvent> list ? CollectionsMarshal.AsSpan(list) : batch.Events as StoreEvent[] ?? [.. batch.Events]);
                    TrimNowAndThen();
                    _turn.Give();
                }

                revision = Math.Max(revision, batch.Revision);
                _gate.Advance(revision);
                if (batch.End == StoreWatchEnd.Closed)
                {
                    return;
                }

                if (batch.End != StoreWatchEnd.None)
                {
                    LogRefill(batch.End, revision);
                    break;
                }
            }

            ct.ThrowIfCancellationRequested();
            await _turn.TakeAsync(ct);
            try
            {
                revision = await FillAsync(ct);
            }
            finally
            {
                _turn.Give();
            }
        }
    }

    private void Apply(ReadOnlySpan<StoreEvent> events)
    {
        while (events.Length > 0)
        {
            var cache = CacheOf(events[0].Key);
            var length = 1;
            while (length < events.Length && events[length].Revision == events[0].Revision && CacheOf(events[length].Key) == cache)
            {
                length++;
            }

            cache?.Apply(events[..length]);
            events = events[length..];
        }
    }

    // No timer of its own: where nothing is written nothing has to go.
    private void TrimNowAndThen()
    {
        if (_time.GetElapsedTime(_trimmed) < TrimPeriod)
        {
            return;
        }

        _trimmed = _time.GetTimestamp();
        foreach (var cache in _caches.Values)
        {
            cache.Trim();
        }
    }

    /// <summary>The cache of a key: its prefix ends at the third or, for services/specs and groups, the fourth slash.</summary>
    private ResourceCache? CacheOf(string key)
    {
        var lookup = _caches.GetAlternateLookup<ReadOnlySpan<char>>();
        var at = Root.Length;
        for (var depth = 0; depth < 3; depth++)
        {
            var slash = key.IndexOf('/', at);
            if (slash < 0)
            {
                return null;
            }

            if (lookup.TryGetValue(key.AsSpan(0, slash + 1), out var cache))
            {
                return cache;
            }

            at = slash + 1;
        }

        return null;
    }

    [LoggerMessage(LogLevel.Warning, "The store ended the watch ({End}) at revision {Revision}; the caches are filled again and clients list again")]
    private partial void LogRefill(StoreWatchEnd end, long revision);

    [LoggerMessage(LogLevel.Error, "The value of {Key} cannot be read and is not served")]
    private partial void LogUnreadable(string key);
}
