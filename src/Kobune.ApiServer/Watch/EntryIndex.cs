namespace Kobune.ApiServer.Watch;

/// <summary>
/// Entries sorted by key, as an immutable value: readers walk it without locks while the next one is made. Two levels of arrays, so that a change
/// copies one chunk and the list of chunks instead of everything.
/// </summary>
internal sealed class EntryIndex
{
    private const int ChunkSize = 512;

    private readonly CacheEntry[][] _chunks;

    private EntryIndex(CacheEntry[][] chunks, int count)
    {
        _chunks = chunks;
        Count = count;
    }

    public static EntryIndex Empty { get; } = new([], 0);

    public int Count { get; }

    /// <summary>From entries in ordinal order of their keys.</summary>
    public static EntryIndex FromSorted(IReadOnlyList<CacheEntry> entries)
    {
        var chunks = new List<CacheEntry[]>((entries.Count / ChunkSize) + 1);
        for (var i = 0; i < entries.Count; i += ChunkSize / 2)
        {
            var chunk = new CacheEntry[Math.Min(ChunkSize / 2, entries.Count - i)];
            for (var j = 0; j < chunk.Length; j++)
            {
                chunk[j] = entries[i + j];
            }

            chunks.Add(chunk);
        }

        return new([.. chunks], entries.Count);
    }

    public CacheEntry? Find(string key)
    {
        var chunk = ChunkOf(key);
        if (chunk < 0)
        {
            return null;
        }

        var at = Position(_chunks[chunk], key);
        return at >= 0 ? _chunks[chunk][at] : null;
    }

    public EntryIndex Set(CacheEntry entry)
    {
        if (_chunks.Length == 0)
        {
            return new([[entry]], 1);
        }

        var number = Math.Max(ChunkOf(entry.Key), 0);
        var chunk = _chunks[number];
        var at = Position(chunk, entry.Key);
        if (at >= 0)
        {
            var changed = (CacheEntry[])chunk.Clone();
            changed[at] = entry;
            return new(Replace(number, changed), Count);
        }

        at = ~at;
        var grown = new CacheEntry[chunk.Length + 1];
        Array.Copy(chunk, grown, at);
        grown[at] = entry;
        Array.Copy(chunk, at, grown, at + 1, chunk.Length - at);
        return new(grown.Length <= ChunkSize ? Replace(number, grown) : Replace(number, grown[..(grown.Length / 2)], grown[(grown.Length / 2)..]), Count + 1);
    }

    public EntryIndex Remove(string key)
    {
        var number = ChunkOf(key);
        var at = number < 0 ? -1 : Position(_chunks[number], key);
        if (at < 0)
        {
            return this;
        }

        var chunk = _chunks[number];
        if (chunk.Length == 1)
        {
            return new([.. _chunks[..number], .. _chunks[(number + 1)..]], Count - 1);
        }

        var shrunk = new CacheEntry[chunk.Length - 1];
        Array.Copy(chunk, shrunk, at);
        Array.Copy(chunk, at + 1, shrunk, at, shrunk.Length - at);
        return new(Replace(number, shrunk), Count - 1);
    }

    /// <summary>All entries whose key has a prefix, from a start key (inclusive) on.</summary>
    public IEnumerable<CacheEntry> Range(string prefix, string? startKey = null)
    {
        var start = startKey is not null && string.CompareOrdinal(startKey, prefix) > 0 ? startKey : prefix;
        for (var number = Math.Max(ChunkOf(start), 0); number < _chunks.Length; number++)
        {
            var chunk = _chunks[number];
            var at = Position(chunk, start);
            for (var i = at >= 0 ? at : ~at; i < chunk.Length; i++)
            {
                if (!chunk[i].Key.StartsWith(prefix, StringComparison.Ordinal))
                {
                    yield break;
                }

                yield return chunk[i];
            }
        }
    }

    private CacheEntry[][] Replace(int number, CacheEntry[] chunk)
    {
        var chunks = (CacheEntry[][])_chunks.Clone();
        chunks[number] = chunk;
        return chunks;
    }

    private CacheEntry[][] Replace(int number, CacheEntry[] first, CacheEntry[] second)
    {
        var chunks = new CacheEntry[_chunks.Length + 1][];
        Array.Copy(_chunks, chunks, number);
        chunks[number] = first;
        chunks[number + 1] = second;
        Array.Copy(_chunks, number + 1, chunks, number + 2, _chunks.Length - number - 1);
        return chunks;
    }

    /// <summary>The last chunk whose first key is not above <paramref name="key"/>; -1 when the key lies before all.</summary>
    private int ChunkOf(string key)
    {
        int low = 0, high = _chunks.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (string.CompareOrdinal(_chunks[middle][0].Key, key) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return high;
    }

    private static int Position(CacheEntry[] chunk, string key)
    {
        int low = 0, high = chunk.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = string.CompareOrdinal(chunk[middle].Key, key);
            if (order == 0)
            {
                return middle;
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return ~low;
    }
}
