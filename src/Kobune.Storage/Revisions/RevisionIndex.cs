namespace Kobune.Storage.Revisions;

/// <summary>
/// What a store holds, without the question where the values lie: keys with their versions, the history of changes since the last compaction,
/// and the revisions that can be read. Every member is called under the store's gate.
/// </summary>
internal sealed class RevisionIndex
{
    private readonly KeyIndex _keys = new();
    private readonly HistoryLog _history = new();
    private readonly List<RevisionGap> _gaps = [];

    /// <summary>1 while the store is empty, as in etcd: an API client that goes on from 0 asks for any state, not for what follows an empty one.</summary>
    public long Revision { get; private set; } = 1;

    public long Compacted { get; private set; }

    /// <summary>Bytes of superseded values and deletes that compaction could free.</summary>
    public long HistoryBytes { get; private set; }

    public int Keys => _keys.Live;

    /// <summary>The newest version of a key, null where it does not exist.</summary>
    public KeyVersion? Current(string key) => _keys.Find(key) is { IsLive: true } entry ? entry.Head : null;

    /// <summary>The version of a key at a readable revision (0 = now), null where it did not exist.</summary>
    public KeyVersion? At(string key, long revision)
    {
        RequireReadable(revision);
        return Visible(_keys.Find(key), revision);
    }

    public void Append(string key, KeyVersion version)
    {
        var (entry, covered) = _keys.Append(key, version);
        HistoryBytes += (covered is { IsDelete: false } ? covered.Cost : 0) + (version.IsDelete ? version.Cost : 0);
        _history.Add(entry, version);
        Revision = Math.Max(Revision, version.Revision);
    }

    /// <summary>Moves the revision forward without a change.</summary>
    public void AdvanceTo(long revision) => Revision = Math.Max(Revision, revision);

    /// <summary>Revisions strictly inside the gap may have been given and lost: nothing can be read or watched from them.</summary>
    public void AddGap(RevisionGap gap)
    {
        _gaps.Add(gap);
        AdvanceTo(gap.High);
    }

    /// <summary>Whether everything above a revision can be told.</summary>
    public bool CanWatchFrom(long after) => after >= Compacted && !_gaps.Exists(gap => gap.Contains(after));

    public void RequireReadable(long revision)
    {
        if (revision > Revision)
        {
            throw new FutureRevisionException(revision, Revision);
        }

        if (revision == 0)
        {
            return;
        }

        if (revision < Compacted)
        {
            throw new CompactedException(revision, Compacted);
        }

        foreach (var gap in _gaps)
        {
            if (gap.Contains(revision))
            {
                throw new CompactedException(revision, gap.High);
            }
        }
    }

    /// <exception cref="FutureRevisionException">The revision has not been reached.</exception>
    /// <exception cref="CompactedException">It is compacted already.</exception>
    public void RequireCompactable(long revision)
    {
        if (revision > Revision)
        {
            throw new FutureRevisionException(revision, Revision);
        }

        if (revision < Compacted)
        {
            throw new CompactedException(revision, Compacted);
        }
    }

    /// <summary>Collects the versions of a range and says how many keys it has in all.</summary>
    public long Range(RangeRequest request, List<VersionRef> found)
    {
        RequireReadable(request.Revision);
        var start = request.StartKey is { } key && KeyOrder.Compare(key, request.Prefix) > 0 ? key : request.Prefix;
        var from = _keys.LowerBound(start);
        var end = _keys.PrefixEnd(request.Prefix);
        var isNow = request.Revision is 0 || request.Revision == Revision;
        var wanted = request.CountOnly ? 0 : request.Limit > 0 ? request.Limit : int.MaxValue;

        long count = 0;
        var at = from;
        for (; at.CompareTo(end) < 0; at = _keys.Next(at))
        {
            if (isNow && found.Count == wanted)
            {
                break; // the rest needs only counting, and blocks know their counts
            }

            var entry = _keys.Peek(at)!;
            if (Visible(entry, request.Revision) is not { } version)
            {
                continue;
            }

            count++;
            if (found.Count < wanted)
            {
                found.Add(new VersionRef(entry.Key, version));
            }
        }

        return count + (at.CompareTo(end) < 0 ? _keys.CountLive(at, end) : 0);
    }

    /// <summary>The changes above a revision under a prefix, in order, each with the version it covered.</summary>
    public List<HistoryItem> ChangesAfter(long revision, string prefix) => _history.After(revision, prefix);

    /// <summary>Forgets what no reader at <paramref name="revision"/> or later needs. The ids of the forgotten versions go to <paramref name="dropped"/>.</summary>
    public void Compact(long revision, List<long>? dropped)
    {
        foreach (var gap in _gaps)
        {
            revision = gap.Contains(revision) ? gap.High : revision; // the oldest kept must be one that can be read
        }

        Compacted = Math.Max(Compacted, revision);
        _gaps.RemoveAll(gap => gap.High <= Compacted);
        while (_history.First is { } item && item.Version.Revision <= revision)
        {
            _history.RemoveFirst();
            if (item.Version.Older is { } older)
            {
                Drop(older, dropped);
                item.Version.Older = null;
            }

            if (item.Version.IsDelete && item.Entry.Head == item.Version)
            {
                Drop(item.Version, dropped);
                _keys.Remove(item.Entry);
            }
        }
    }

    /// <summary>The revision up to which history must go so that about <paramref name="bytes"/> of it remain.</summary>
    public long RevisionThatFrees(long bytes) => _history.RevisionThatFrees(HistoryBytes - bytes);

    private static KeyVersion? Visible(KeyEntry? entry, long revision)
    {
        var version = revision == 0 ? entry?.Head : entry?.At(revision);
        return version is { IsDelete: false } ? version : null;
    }

    private void Drop(KeyVersion version, List<long>? dropped)
    {
        HistoryBytes -= version.Cost;
        dropped?.Add(version.Id);
    }
}
