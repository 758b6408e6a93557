namespace Kobune.Storage.Revisions;

/// <summary>All changes since the last compaction, in order: a ring that grows, and shrinks again when compaction has emptied most of it.</summary>
internal sealed class HistoryLog
{
    private const int SmallestCapacity = 16;

    private (KeyEntry Entry, KeyVersion Version)[] _ring = new (KeyEntry, KeyVersion)[SmallestCapacity];
    private int _first;
    private int _count;

    public (KeyEntry Entry, KeyVersion Version)? First => _count == 0 ? null : _ring[_first];

    public void Add(KeyEntry entry, KeyVersion version)
    {
        if (_count == _ring.Length)
        {
            Resize(_ring.Length * 2);
        }

        _ring[(_first + _count) & (_ring.Length - 1)] = (entry, version);
        _count++;
    }

    public void RemoveFirst()
    {
        _ring[_first] = default;
        _first = (_first + 1) & (_ring.Length - 1);
        _count--;
        if (_ring.Length > SmallestCapacity && _count < _ring.Length / 8)
        {
            Resize(_ring.Length / 4);
        }
    }

    public List<HistoryItem> After(long revision, string prefix)
    {
        int low = 0, high = _count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (At(middle).Version.Revision <= revision)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        var found = new List<HistoryItem>();
        for (; low < _count; low++)
        {
            var (entry, version) = At(low);
            if (entry.Key.StartsWith(prefix, StringComparison.Ordinal))
            {
                found.Add(new HistoryItem(entry.Key, version, version.Older is { IsDelete: false } older ? older : null));
            }
        }

        return found;
    }

    public long RevisionThatFrees(long bytes)
    {
        long freed = 0, revision = 0;
        for (var i = 0; i < _count && freed < bytes; i++)
        {
            var version = At(i).Version;
            freed += (version.Older?.Cost ?? 0) + (version.IsDelete ? version.Cost : 0);
            revision = version.Revision;
        }

        return revision;
    }

    private ref (KeyEntry Entry, KeyVersion Version) At(int index) => ref _ring[(_first + index) & (_ring.Length - 1)];

    private void Resize(int capacity)
    {
        var ring = new (KeyEntry, KeyVersion)[Math.Max(capacity, SmallestCapacity)];
        for (var i = 0; i < _count; i++)
        {
            ring[i] = At(i);
        }

        _ring = ring;
        _first = 0;
    }
}
