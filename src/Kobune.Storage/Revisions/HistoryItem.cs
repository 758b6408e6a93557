namespace Kobune.Storage.Revisions;

/// <summary>A past change with the version that it covered, held while a watch catches up so that compaction cannot cut the list under it.</summary>
internal readonly record struct HistoryItem(string Key, KeyVersion Version, KeyVersion? Covered);
