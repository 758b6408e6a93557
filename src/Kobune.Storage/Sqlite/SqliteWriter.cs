using System.Diagnostics;
using Kobune.Storage.Revisions;
using SQLitePCL;

namespace Kobune.Storage.Sqlite;

/// <summary>
/// The one thread and the one connection that write. Transactions that wait while a commit is on its way to the disk go together into the next
/// one (group commit); each keeps its own revision and its compares see those before it.
/// </summary>
/// <remarks>
/// Nothing else writes or checkpoints: SQLite's WAL-reset defect needs two connections that do. The index is changed by this thread alone (under
/// the gate), so this thread reads it without the gate.
/// </remarks>
internal sealed partial class SqliteWriter : IAsyncDisposable
{
    private const int GroupJobs = 2048;
    private const int GroupBytes = 8 << 20;

    private static readonly TimeSpan ExpiryRetry = TimeSpan.FromSeconds(10);

    private readonly SqliteStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly RevisionCore _core;
    private readonly Database _database;
    private readonly WriterStatements _sql;
    private readonly RecentItems _recent;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Each caller awaits its job, so there are never more jobs than callers; expiry adds one per due key.
    private readonly Queue<WriterJob> _jobs = new();
    private readonly object _jobsLock = new();
    private bool _stopping;

    private long _ceiling;
    private long _lastGiven;
    private StoreException? _broken;

    public SqliteWriter(Database database, RevisionCore core, SqliteStoreOptions options, TimeProvider time, long ceiling, List<long> garbage)
    {
        _database = database;
        _core = core;
        _options = options;
        _time = time;
        _ceiling = ceiling;
        _garbage = new Queue<long>(garbage);
        _lastGiven = core.Index.Revision;
        _sql = new WriterStatements(database, options.WaitsForDisk);
        _recent = new RecentItems(options.RecentBytes);
        _thread = new Thread(Run) { IsBackground = true, Name = "store writer" };
    }

    public void Start() => _thread.Start();

    /// <summary>Queues a job; false when the writer stops.</summary>
    public bool TryEnqueue(WriterJob job)
    {
        lock (_jobsLock)
        {
            if (_stopping)
            {
                return false;
            }

            _jobs.Enqueue(job);
            Monitor.Pulse(_jobsLock);
            return true;
        }
    }

    /// <summary>Finishes the queued jobs, notes the exact revision, and closes the file.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_jobsLock)
        {
            _stopping = true;
            Monitor.Pulse(_jobsLock);
        }

        return new ValueTask(_ended.Task);
    }

    private void Run()
    {
        var group = new List<WriterJob>();
        while (true)
        {
            TakeGroup(group);
            if (group.Count > 0)
            {
                RunGroup(group);
                group.Clear();
            }
            else if (_stopping)
            {
                break;
            }
            else
            {
                Tidy();
            }
        }

        Close();
        _ended.SetResult();
    }

    /// <summary>Takes what has queued up; waits only when there is nothing to tidy up meanwhile.</summary>
    private void TakeGroup(List<WriterJob> group)
    {
        lock (_jobsLock)
        {
            while (_jobs.Count == 0 && !_stopping && !HasTidying)
            {
                Monitor.Wait(_jobsLock);
            }

            var bytes = 0L;
            while (group.Count < GroupJobs && bytes < GroupBytes && _jobs.TryDequeue(out var job))
            {
                group.Add(job);
                bytes += job.Transaction?.Operations.Sum(operation => operation.Value?.Length ?? 0) ?? 0;
            }
        }
    }

    /// <summary>Runs jobs in order; a compaction splits the group.</summary>
    private void RunGroup(List<WriterJob> jobs)
    {
        for (var start = 0; start < jobs.Count;)
        {
            if (jobs[start].Transaction is null)
            {
                RunCompaction(jobs[start++]);
                continue;
            }

            var end = jobs.FindIndex(start, job => job.Transaction is null) is >= 0 and var found ? found : jobs.Count;
            var commits = jobs.GetRange(start, end - start).ToLookup(job => job.Transaction!.Durability);

            // All of a group came at the same time, so any order is right: first those that need not wait for the disk.
            RunCommits([.. commits[Durability.Relaxed]]);
            RunCommits([.. commits[Durability.Synced]]);
            start = end;
        }
    }

    private void Close()
    {
        try
        {
            if (_broken is null && _ceiling != _core.Index.Revision)
            {
                // Unlike an unclean stop this leaves no revision to jump past.
                _sql.Begin(synced: true);
                _sql.SetMeta(SqliteLayout.Ceiling, Math.Max(_lastGiven, _core.Index.Revision));
                _sql.Commit();
            }

            _database.Checkpoint(raw.SQLITE_CHECKPOINT_TRUNCATE);
        }
        catch (StoreException e)
        {
            // The next start treats this as an unclean stop, which loses nothing.
            Debug.WriteLine(e.Message);
        }
        finally
        {
            _sql.Dispose();
            _database.Dispose();
        }
    }
}
