namespace Kobune.Storage;

/// <summary>The revision asked for lies in the future.</summary>
public sealed class FutureRevisionException(long revision, long current)
    : Exception($"revision {revision} has not been reached; the store is at {current}")
{
    /// <summary>The store's revision.</summary>
    public long CurrentRevision { get; } = current;
}
