using Kobune.Storage.Revisions;
using SQLitePCL;

namespace Kobune.Storage.Sqlite;

internal sealed partial class SqliteWriter
{
    /// <summary>Rows deleted in one go, so that a commit never waits long behind tidying.</summary>
    private const int DeleteBatch = 1000;

    /// <summary>A burst that leaves no idle moment still may not pile up rows without end.</summary>
    private const int MaxGarbage = 100_000;

    private const long CheckpointBytes = 4 << 20;
    private const long WorthVacuum = 4096;
    private const long VacuumPages = 1024;

    private readonly Queue<long> _garbage;
    private long _uncheckpointed;
    private bool _tidyingFailed;

    /// <summary>Whether there is something to do while no commit waits.</summary>
    private bool HasTidying => !_tidyingFailed && _broken is null && (_garbage.Count > 0 || _uncheckpointed > CheckpointBytes);

    private void RunCompaction(WriterJob job)
    {
        try
        {
            lock (_core.Gate)
            {
                _core.Index.RequireCompactable(job.CompactTo);
            }

            Compact(job.CompactTo);
            job.Complete();
        }
        catch (Exception e)
        {
            job.Fail(e);
        }
    }

    /// <summary>Forgets at once in memory; the rows go when there is time. What a crash leaves, the next start finds by the compacted revision.</summary>
    private void Compact(long revision)
    {
        var dropped = new List<long>();
        lock (_core.Gate)
        {
            _core.Index.Compact(revision, dropped);
        }

        dropped.ForEach(_garbage.Enqueue);
        _tidyingFailed = false;
        if (_broken is null)
        {
            Attempt(() => InTransaction(() => _sql.SetMeta(SqliteLayout.Compacted, _core.Index.Compacted)));
        }

        while (_garbage.Count > MaxGarbage && !_tidyingFailed)
        {
            Attempt(DeleteSome);
        }
    }

    private void Tidy() => Attempt(() =>
    {
        if (_garbage.Count > 0)
        {
            DeleteSome();
            if (_garbage.Count == 0 && _database.QueryLong("PRAGMA freelist_count") > Math.Max(WorthVacuum, _database.QueryLong("PRAGMA page_count") / 2))
            {
                _database.Execute($"PRAGMA incremental_vacuum({VacuumPages})");
            }

            return;
        }

        _uncheckpointed = 0;
        _database.Checkpoint(raw.SQLITE_CHECKPOINT_PASSIVE);
    });

    private void DeleteSome()
    {
        var batch = _garbage.Take(DeleteBatch).ToList();
        InTransaction(() => batch.ForEach(_sql.Delete));
        batch.ForEach(_ => _garbage.Dequeue());
    }

    /// <summary>Not synced: a later commit or checkpoint takes it to the disk, and losing it loses nothing.</summary>
    private void InTransaction(Action write)
    {
        _sql.Begin(synced: false);
        write();
        _sql.Commit();
    }

    /// <summary>Tidying that fails (a full disk) is no caller's failure; it waits for the next compaction.</summary>
    private void Attempt(Action tidy)
    {
        try
        {
            tidy();
        }
        catch (StoreException e)
        {
            _tidyingFailed = true;
            GiveUp(e);
        }
    }
}
