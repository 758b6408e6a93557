using Kobune.Storage.Revisions;

namespace Kobune.Storage.Sqlite;

/// <summary>Something for the writer's thread: a commit when <paramref name="transaction"/> is set, else a compaction.</summary>
internal sealed class WriterJob(Transaction? transaction, long compactTo = 0, VersionRef expired = default)
{
    private readonly TaskCompletionSource<CommitResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Transaction? Transaction { get; } = transaction;

    public long CompactTo { get; } = compactTo;

    /// <summary>Set when the commit deletes an expired version, which must be tried again when it fails.</summary>
    public VersionRef Expired { get; } = expired;

    /// <summary>What the group has decided, told after it is on disk.</summary>
    public CommitResult? Result { get; set; }

    public Task<CommitResult> Done => _done.Task;

    public void Complete() => _done.TrySetResult(Result ?? new CommitResult(true, 0, []));

    public void Fail(Exception reason) => _done.TrySetException(reason);
}
