namespace Kobune.ApiServer.Watch;

/// <summary>A page of a list.</summary>
/// <param name="Items">The entries, in order of their keys.</param>
/// <param name="Revision">resourceVersion of the list.</param>
/// <param name="Continue">Token of the next page; empty on the last.</param>
/// <param name="Remaining">How many follow, when that is known.</param>
public sealed record EntryList(IReadOnlyList<CacheEntry> Items, long Revision, string Continue = "", long? Remaining = null);
