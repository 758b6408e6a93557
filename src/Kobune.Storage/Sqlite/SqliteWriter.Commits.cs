using Kobune.Storage.Revisions;

namespace Kobune.Storage.Sqlite;

internal sealed partial class SqliteWriter
{
    private void RunCommits(List<WriterJob> jobs)
    {
        if (jobs.Count == 0)
        {
            return;
        }

        if (_broken is not null)
        {
            jobs.ForEach(job => job.Fail(_broken));
            return;
        }

        try
        {
            var commits = Write(jobs);
            Publish(commits);
            jobs.ForEach(static job => job.Complete());
        }
        catch (StoreException e)
        {
            GiveUp(e);
            jobs.ForEach(job => Retry(job, e));
        }
        catch (Exception e)
        {
            // A surprise must not end the thread and leave callers waiting.
            GiveUp(new StoreException(StoreFailure.InputOutput, $"the store's writer failed: {e.Message}; start again", e));
            jobs.ForEach(job => job.Fail(e));
        }
    }

    /// <summary>One SQLite transaction for all jobs, which have one durability. Returns the changes of each commit that changed something.</summary>
    private List<List<Change>> Write(List<WriterJob> jobs)
    {
        var view = new GroupView(_core.Index, _sql);
        var commits = new List<List<Change>>();
        foreach (var job in jobs)
        {
            var changes = Decide(job, view);
            if (changes.Count > 0)
            {
                commits.Add(changes);
            }
        }

        if (commits.Count == 0)
        {
            return commits;
        }

        // Ceilings are durable before a revision above the last one is seen by anybody.
        var movesCeiling = _lastGiven > _ceiling;
        _sql.Begin(jobs[0].Transaction!.Durability == Durability.Synced || movesCeiling);
        foreach (var changes in commits)
        {
            changes.ForEach(_sql.Insert);
        }

        var ceiling = movesCeiling ? _lastGiven + _options.CeilingBlock : _ceiling;
        if (movesCeiling)
        {
            _sql.SetMeta(SqliteLayout.Ceiling, ceiling);
        }

        _sql.Commit();
        _ceiling = ceiling;
        return commits;
    }

    /// <summary>Compares a job with the index and the commits before it in the group, and makes its changes.</summary>
    private List<Change> Decide(WriterJob job, GroupView view)
    {
        var transaction = job.Transaction!;
        var changes = new List<Change>(transaction.Operations.Count);
        if (!transaction.Compares.All(compare => TransactionRules.Holds(compare, view.Current(compare.Key))))
        {
            job.Result = new CommitResult(false, view.Revision, [.. transaction.Compares.Select(compare => view.Read(compare.Key))]);
            return changes;
        }

        var revision = _lastGiven + 1;
        foreach (var operation in transaction.Operations)
        {
            var current = view.Current(operation.Key);
            if (current is not null || operation.Value is not null)
            {
                var deadline = ExpiryQueue.Deadline(_time, operation.TimeToLive);
                changes.Add(ChangePlan.Of(operation, current, view.Read(operation.Key), VersionId.Of(revision, changes.Count), deadline));
            }
        }

        if (changes.Count > 0)
        {
            _lastGiven = revision; // never taken back, not even when the write fails
            view.Add(changes, revision);
        }

        job.Result = new CommitResult(true, view.Revision, []);
        return changes;
    }

    private void Publish(List<List<Change>> commits)
    {
        long overdue;
        lock (_core.Gate)
        {
            commits.ForEach(_core.Publish);
            overdue = _core.OverdueCompaction();
        }

        foreach (var changes in commits)
        {
            foreach (var change in changes)
            {
                _recent.Add(change.Version);
                _uncheckpointed += change.Version.Cost;
            }
        }

        if (overdue > 0)
        {
            Compact(overdue);
        }
    }

    /// <summary>Undoes the open transaction. After a failed write to the disk nobody knows what a later start will find, so the store stops taking work.</summary>
    private void GiveUp(StoreException reason)
    {
        try
        {
            _sql.Rollback();
        }
        catch (StoreException e)
        {
            _broken ??= e;
        }

        if (reason.Failure is StoreFailure.InputOutput or StoreFailure.Corrupt)
        {
            _broken ??= reason;
        }
    }

    private void Retry(WriterJob job, StoreException reason)
    {
        if (job.Expired.Version is { } version && _broken is null)
        {
            lock (_core.Gate)
            {
                _core.Expiry.Add(job.Expired.Key, version, ExpiryQueue.Deadline(_time, ExpiryRetry));
            }
        }

        job.Fail(reason);
    }
}
