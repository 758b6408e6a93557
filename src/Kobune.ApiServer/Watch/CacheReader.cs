using Kobune.ApiServer.Errors;
using Kobune.Storage;

namespace Kobune.ApiServer.Watch;

/// <summary>GET and LIST of one resource with upstream's meaning of resourceVersion (k8s.io/apiserver, storage/cacher; the table is in DESIGN section 5).</summary>
internal sealed class CacheReader(ResourceCache cache, StoreFeed feed, IStore store)
{
    private const string InexactTokenText =
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
        + "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";

    /// <summary>One entry: as fresh as the store (revision null), any (0), or not older than a revision.</summary>
    public async ValueTask<CacheEntry?> GetAsync(string key, long? revision, CancellationToken ct)
    {
        await FreshenAsync(revision, ct);
        return cache.State.Index.Find(key);
    }

    /// <summary>A page of entries whose keys lie under the prefix.</summary>
    public async ValueTask<EntryList> ListAsync(string prefix, ListQuery query, CancellationToken ct)
    {
        if (query.Continue.Length > 0)
        {
            return await ContinueAsync(prefix, query, ct);
        }

        var exact = query.Revision > 0 && (query.Match == VersionMatch.Exact || (query.Match == VersionMatch.Unset && query.Limit > 0));
        if (exact)
        {
            return await AtRevisionAsync(prefix, query, query.Revision!.Value, null, ct);
        }

        await FreshenAsync(query.Revision, ct);
        var (state, revision) = Snapshot();
        var limit = query.Revision == 0 && query.Match == VersionMatch.Unset ? 0 : query.Limit; // upstream's cache ignores the limit there
        return Page(state.Index, prefix, null, query.Filter, limit, revision);
    }

    private static EntryList Page(EntryIndex index, string prefix, string? start, EntryFilter filter, int limit, long revision)
    {
        if (filter.Name is { } name && filter.Namespace.Length > 0)
        {
            var one = index.Find(prefix + name);
            return new(one is not null && filter.Matches(one) ? [one] : [], revision);
        }

        var items = new List<CacheEntry>();
        CacheEntry? next = null;
        long remaining = 0;
        foreach (var entry in index.Range(prefix, start))
        {
            if (limit > 0 && items.Count == limit)
            {
                next ??= entry;
                remaining++;
                if (filter.HasSelector)
                {
                    break;
                }
            }
            else if (!filter.HasSelector || filter.Matches(entry))
            {
                items.Add(entry);
            }
        }

        return next is null
            ? new(items, revision)
            : new(items, revision, new ContinueToken(revision, items[^1].Key + "\0").Encode(prefix), filter.HasSelector ? null : remaining);
    }

    private async ValueTask<EntryList> ContinueAsync(string prefix, ListQuery query, CancellationToken ct)
    {
        var token = ContinueToken.Decode(query.Continue, prefix);
        if (token.Revision < 0)
        {
            await FreshenAsync(null, ct);
            var (state, revision) = Snapshot();
            return Page(state.Index, prefix, token.StartKey, query.Filter, query.Limit, revision);
        }

        return await AtRevisionAsync(prefix, query, token.Revision, token.StartKey, ct);
    }

    private async ValueTask<EntryList> AtRevisionAsync(string prefix, ListQuery query, long revision, string? start, CancellationToken ct)
    {
        await FreshenAsync(revision, ct);
        var (state, current) = Snapshot();
        if (state.LastChange <= revision && revision <= current)
        {
            return Page(state.Index, prefix, start, query.Filter, query.Limit, revision); // nothing of this resource changed since
        }

        try
        {
            return await FromStoreAsync(prefix, query, revision, start, ct);
        }
        catch (CompactedException) when (start is not null)
        {
            throw StatusErrors.ContinueExpired(InexactTokenText, new ContinueToken(-1, start).Encode(prefix));
        }
        catch (CompactedException)
        {
            throw StatusErrors.Expired("The resourceVersion for the provided list is too old.");
        }
        catch (FutureRevisionException e)
        {
            throw StatusErrors.TooLargeResourceVersion(revision, e.CurrentRevision);
        }
    }

    private async ValueTask<EntryList> FromStoreAsync(string prefix, ListQuery query, long revision, string? start, CancellationToken ct)
    {
        var items = new List<CacheEntry>();
        var index = cache.State.Index;
        var filter = query.Filter;
        while (true)
        {
            var range = await store.RangeAsync(new RangeRequest(prefix, start, query.Limit, revision), ct);
            for (var i = 0; i < range.Items.Count; i++)
            {
                var item = range.Items[i];
                var known = index.Find(item.Key);
                var entry = known?.Revision == item.ModRevision ? known : CacheEntry.TryFromStored(item);
                if (entry is null || (filter.HasSelector && !filter.Matches(entry)))
                {
                    continue;
                }

                items.Add(entry);
                if (query.Limit > 0 && items.Count == query.Limit && (range.More || i + 1 < range.Items.Count))
                {
                    var token = new ContinueToken(revision, item.Key + "\0").Encode(prefix);
                    return new(items, revision, token, filter.HasSelector ? null : range.Count - i - 1);
                }
            }

            if (!range.More)
            {
                return new(items, revision);
            }

            start = range.Items[^1].Key + "\0";
        }
    }

    /// <summary>State and the revision at which it holds: everything up to the feed's revision is in it, and maybe a change more.</summary>
    private (CacheState State, long Revision) Snapshot()
    {
        var revision = feed.Revision;
        var state = cache.State;
        return (state, Math.Max(revision, state.LastChange));
    }

    private async ValueTask FreshenAsync(long? revision, CancellationToken ct)
    {
        if (revision == 0)
        {
            return;
        }

        var reached = revision is { } wanted ? await feed.WaitForAsync(wanted, ct) : await feed.CatchUpAsync(ct);
        if (!reached)
        {
            throw StatusErrors.TooLargeResourceVersion(revision ?? await store.GetRevisionAsync(ct), feed.Revision);
        }
    }
}
