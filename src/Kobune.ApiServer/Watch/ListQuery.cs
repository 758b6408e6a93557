namespace Kobune.ApiServer.Watch;

/// <summary>How a read may relate to a resourceVersion.</summary>
internal enum VersionMatch
{
    /// <summary>Not said.</summary>
    Unset,

    /// <summary>Exactly as it was.</summary>
    Exact,

    /// <summary>As it was or fresher.</summary>
    NotOlderThan,
}

/// <summary>A list as it was asked for; validated.</summary>
/// <param name="Filter">Which entries.</param>
/// <param name="Revision">resourceVersion: null unset, 0 any, else a revision.</param>
/// <param name="Match">resourceVersionMatch.</param>
/// <param name="Limit">Page size; 0 = all.</param>
/// <param name="Continue">Token; empty for the first page.</param>
internal sealed record ListQuery(EntryFilter Filter, long? Revision = null, VersionMatch Match = VersionMatch.Unset, int Limit = 0, string Continue = "");

/// <summary>A watch as it was asked for; validated.</summary>
/// <param name="Filter">Which entries.</param>
/// <param name="Revision">resourceVersion: null unset, 0 any, else a revision.</param>
/// <param name="SendInitialEvents">Whether the current state comes first and ends with a bookmark; null = not said (unset and 0 then send it without one).</param>
/// <param name="Bookmarks">Whether the client understands bookmarks.</param>
/// <param name="Timeout">After which the stream ends.</param>
internal sealed record WatchQuery(EntryFilter Filter, long? Revision, bool? SendInitialEvents, bool Bookmarks, TimeSpan Timeout);
