namespace Kobune.Storage;

/// <summary>Why a watch ended.</summary>
public enum StoreWatchEnd
{
    /// <summary>It goes on.</summary>
    None,

    /// <summary>The revision asked for, or the watcher's position, was compacted.</summary>
    Compacted,

    /// <summary>The watcher read too slowly for its bounded queue.</summary>
    Overflow,

    /// <summary>The store closes.</summary>
    Closed,
}
