namespace Kobune.Storage;

/// <summary>The revision asked for has been compacted away.</summary>
public sealed class CompactedException(long revision, long compactedRevision)
    : Exception($"revision {revision} has been compacted; the oldest kept is {compactedRevision}")
{
    /// <summary>The oldest revision that can be read.</summary>
    public long CompactedRevision { get; } = compactedRevision;
}
