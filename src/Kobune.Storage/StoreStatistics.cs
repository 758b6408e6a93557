namespace Kobune.Storage;

/// <summary>Sizes for metrics and quotas.</summary>
public sealed record StoreStatistics(long DiskBytes, long HistoryBytes, long Keys, long CompactedRevision);
