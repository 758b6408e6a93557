namespace Kobune.Storage;

/// <summary>Events of one or more commits, whole commits only, in order. <paramref name="Revision"/>: everything up to it has been delivered (progress), also when there are no events.</summary>
public sealed record StoreWatchBatch(IReadOnlyList<StoreEvent> Events, long Revision, StoreWatchEnd End = StoreWatchEnd.None);
