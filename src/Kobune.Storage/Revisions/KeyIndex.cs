namespace Kobune.Storage.Revisions;

/// <summary>All entries in key order, in blocks that know how many of their keys exist now: an insert moves one block, a count of a range adds blocks.</summary>
internal sealed class KeyIndex
{
    private const int BlockSize = 128;

    private readonly List<Block> _blocks = [];

    /// <summary>Keys that exist now.</summary>
    public int Live { get; private set; }

    public KeyEntry? Find(string key)
    {
        var at = LowerBound(key);
        return Peek(at) is { } entry && entry.Key == key ? entry : null;
    }

    /// <summary>Puts a version on top of its key's list. Returns the version that it covers.</summary>
    public (KeyEntry Entry, KeyVersion? Covered) Append(string key, KeyVersion version)
    {
        var at = LowerBound(key);
        if (Peek(at) is { } entry && entry.Key == key)
        {
            var covered = entry.Head;
            version.Older = covered;
            entry.Head = version;
            CountLive(_blocks[at.Block], (version.IsDelete ? 0 : 1) - (covered.IsDelete ? 0 : 1));
            return (entry, covered);
        }

        entry = new KeyEntry(key, version);
        Insert(at, entry);
        return (entry, null);
    }

    public void Remove(KeyEntry entry)
    {
        var at = LowerBound(entry.Key);
        var block = _blocks[at.Block];
        block.Count--;
        Array.Copy(block.Entries, at.Slot + 1, block.Entries, at.Slot, block.Count - at.Slot);
        block.Entries[block.Count] = null!;
        CountLive(block, entry.IsLive ? -1 : 0);
        if (block.Count == 0)
        {
            _blocks.RemoveAt(at.Block);
        }
    }

    /// <summary>First entry that is not below the key.</summary>
    public Position LowerBound(string key) => Search(key, static (candidate, wanted) => KeyOrder.Compare(candidate, wanted) < 0);

    /// <summary>First entry behind all keys with a prefix.</summary>
    public Position PrefixEnd(string prefix) => Search(prefix, static (candidate, wanted) =>
        KeyOrder.Compare(candidate, wanted) < 0 || candidate.StartsWith(wanted, StringComparison.Ordinal));

    /// <summary>The entry at a position, moving on over block ends; null behind the last.</summary>
    public KeyEntry? Peek(Position at) => at.Block < _blocks.Count && at.Slot < _blocks[at.Block].Count ? _blocks[at.Block].Entries[at.Slot] : null;

    public Position Next(Position at) => at.Slot + 1 < _blocks[at.Block].Count ? at with { Slot = at.Slot + 1 } : new Position(at.Block + 1, 0);

    /// <summary>Keys that exist now from one position up to another.</summary>
    public long CountLive(Position from, Position to)
    {
        long count = 0;
        for (var at = from; at.CompareTo(to) < 0;)
        {
            if (at.Slot == 0 && at.Block < to.Block)
            {
                count += _blocks[at.Block].Live;
                at = new Position(at.Block + 1, 0);
                continue;
            }

            count += Peek(at)!.IsLive ? 1 : 0;
            at = Next(at);
        }

        return count;
    }

    private void CountLive(Block block, int change)
    {
        block.Live += change;
        Live += change;
    }

    private void Insert(Position at, KeyEntry entry)
    {
        if (at.Block == _blocks.Count && at.Block > 0)
        {
            at = new Position(at.Block - 1, _blocks[^1].Count); // behind everything: the last block grows
        }

        if (_blocks.Count == 0)
        {
            _blocks.Add(new Block(4));
        }

        var block = _blocks[at.Block];
        if (block.Count == BlockSize)
        {
            // Keys that arrive in order fill their blocks; others split them in halves.
            var keep = at.Slot == BlockSize && at.Block == _blocks.Count - 1 ? BlockSize : BlockSize / 2;
            _blocks.Insert(at.Block + 1, block.SplitAt(keep));
            if (at.Slot > keep || keep == BlockSize)
            {
                at = new Position(at.Block + 1, at.Slot - keep);
                block = _blocks[at.Block];
            }
        }

        block.Insert(at.Slot, entry);
        CountLive(block, entry.IsLive ? 1 : 0);
    }

    /// <summary>First entry for which <paramref name="below"/> is false.</summary>
    private Position Search(string wanted, Func<string, string, bool> below)
    {
        int low = 0, high = _blocks.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            var block = _blocks[middle];
            if (below(block.Entries[block.Count - 1].Key, wanted))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        if (low == _blocks.Count)
        {
            return new Position(low, 0);
        }

        var found = _blocks[low];
        int first = 0, last = found.Count;
        while (first < last)
        {
            var middle = (first + last) >>> 1;
            if (below(found.Entries[middle].Key, wanted))
            {
                first = middle + 1;
            }
            else
            {
                last = middle;
            }
        }

        return new Position(low, first);
    }

    /// <summary>A place among the entries; valid until the next change.</summary>
    public readonly record struct Position(int Block, int Slot) : IComparable<Position>
    {
        public int CompareTo(Position other) => Block != other.Block ? Block.CompareTo(other.Block) : Slot.CompareTo(other.Slot);
    }

    private sealed class Block(int capacity)
    {
        public KeyEntry[] Entries = new KeyEntry[capacity];
        public int Count;
        public int Live;

        public void Insert(int slot, KeyEntry entry)
        {
            if (Count == Entries.Length)
            {
                Array.Resize(ref Entries, Math.Min(BlockSize, Count * 2));
            }

            Array.Copy(Entries, slot, Entries, slot + 1, Count - slot);
            Entries[slot] = entry;
            Count++;
        }

        public Block SplitAt(int keep)
        {
            var other = new Block(BlockSize) { Count = Count - keep };
            Array.Copy(Entries, keep, other.Entries, 0, other.Count);
            Array.Clear(Entries, keep, other.Count);
            Count = keep;
            foreach (var entry in other.Entries.AsSpan(0, other.Count))
            {
                other.Live += entry.IsLive ? 1 : 0;
            }

            Live -= other.Live;
            return other;
        }
    }
}
