namespace Kobune.Storage.Memory;

/// <summary>What a <see cref="MemoryStore"/> held at a moment.</summary>
public sealed class MemorySnapshot
{
    internal MemorySnapshot(IReadOnlyList<Entry> entries)
    {
        Entries = entries;
    }

    /// <summary>How many keys.</summary>
    public int Count => Entries.Count;

    internal IReadOnlyList<Entry> Entries { get; }

    /// <param name="Rest">What is left of its time to live, in milliseconds; null without one.</param>
    internal readonly record struct Entry(string Key, ReadOnlyMemory<byte> Value, long? Rest);
}
