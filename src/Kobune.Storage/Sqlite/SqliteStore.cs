using Kobune.Storage.Revisions;

namespace Kobune.Storage.Sqlite;

/// <summary>
/// The default store: a revision log in one SQLite file. Keys and revisions are indexed in memory, values lie in the file, so that the API
/// server's watch cache stays the only copy of the objects in memory.
/// </summary>
public sealed class SqliteStore : IStore
{
    private readonly SqliteStoreOptions _options;
    private readonly StoreLock _lock;
    private readonly SqliteReaders _readers;
    private readonly RevisionCore _core;
    private readonly SqliteWriter _writer;
    private int _disposed;

    private SqliteStore(SqliteStoreOptions options, TimeProvider time, StoreLock storeLock, Database database)
    {
        _options = options;
        _lock = storeLock;
        _readers = new SqliteReaders(options.Path);
        _core = new RevisionCore(_readers, options.Store, time, Expire, Compact);
        var garbage = new List<long>();
        var expiring = new List<SqliteLoader.Expiring>();
        try
        {
            var ceiling = SqliteLoader.Load(database, _core, garbage, expiring);
            _writer = new SqliteWriter(database, _core, options, time, ceiling, garbage);
        }
        catch
        {
            _core.Dispose();
            throw;
        }

        _writer.Start();
        lock (_core.Gate)
        {
            expiring.ForEach(item => _core.Expiry.Add(item.Key, item.Version, item.Deadline));
        }
    }

    /// <summary>Opens a store, or makes one; checks the file first. A call takes about 0.1 s for 25,000 objects.</summary>
    /// <param name="options">The file and the bounds.</param>
    /// <param name="time">The clock of expiry and compaction; the system's when null.</param>
    /// <exception cref="StoreException">The store is in use, damaged, of an unknown layout, or cannot be written; the message says what to do.</exception>
    public static SqliteStore Open(SqliteStoreOptions options, TimeProvider? time = null)
    {
        var storeLock = StoreLock.Take(options.Path);
        Database? database = null;
        try
        {
            database = Database.OpenWriter(options.Path);
            SqliteLayout.Prepare(database, options);
            return new SqliteStore(options, time ?? TimeProvider.System, storeLock, database);
        }
        catch
        {
            database?.Dispose();
            storeLock.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> GetRevisionAsync(CancellationToken ct) => ValueTask.FromResult(_core.Revision);

    /// <inheritdoc/>
    public ValueTask<GetResult> GetAsync(string key, long revision, CancellationToken ct) => ValueTask.FromResult(_core.Get(key, revision));

    /// <inheritdoc/>
    public ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken ct) => ValueTask.FromResult(_core.Range(request));

    /// <inheritdoc/>
    public ValueTask<CommitResult> CommitAsync(Transaction transaction, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        TransactionRules.Require(transaction);
        return new ValueTask<CommitResult>(RunAsync(new WriterJob(transaction)));
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<StoreWatchBatch> WatchAsync(string prefix, long afterRevision, CancellationToken ct) => _core.WatchAsync(prefix, afterRevision, ct);

    /// <inheritdoc/>
    public ValueTask RequestProgressAsync(string prefix, CancellationToken ct)
    {
        _core.RequestProgress(prefix);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask CompactAsync(long revision, CancellationToken ct) => new(RunAsync(new WriterJob(transaction: null, revision)));

    /// <inheritdoc/>
    public ValueTask<StoreStatistics> GetStatisticsAsync(CancellationToken ct)
    {
        var bytes = Length(_options.Path) + Length(_options.Path + "-wal");
        lock (_core.Gate)
        {
            _core.RequireOpen();
            return ValueTask.FromResult(new StoreStatistics(bytes, _core.Index.HistoryBytes, _core.Index.Keys, _core.Index.Compacted));
        }

        static long Length(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;
    }

    /// <summary>Copies the store to a new file while it works. A store opened on the copy starts at a higher revision and expires every watch and continue token.</summary>
    /// <exception cref="StoreException">The target exists or cannot be written.</exception>
    public Task BackupAsync(string target, CancellationToken ct)
    {
        lock (_core.Gate)
        {
            _core.RequireOpen();
        }

        return Task.Run(() => SqliteBackup.Write(_options.Path, target), ct);
    }

    /// <summary>Finishes what was handed in, ends the watches and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        var stopped = _writer.DisposeAsync();
        _core.Dispose();
        _readers.Dispose();
        await stopped.ConfigureAwait(false);
        _lock.Dispose();
    }

    private Task<CommitResult> RunAsync(WriterJob job) =>
        _writer.TryEnqueue(job) ? job.Done : Task.FromException<CommitResult>(new ObjectDisposedException(nameof(SqliteStore)));

    private void Compact(long revision) => _writer.TryEnqueue(new WriterJob(transaction: null, revision));

    private void Expire()
    {
        List<VersionRef> expired;
        lock (_core.Gate)
        {
            expired = _core.TakeExpired();
        }

        foreach (var item in expired)
        {
            // Lost with the power, the key is still due at the next start.
            var transaction = new Transaction([new Compare(item.Key, item.Version.Revision)], [Operation.Delete(item.Key)], Durability.Relaxed);
            _writer.TryEnqueue(new WriterJob(transaction, expired: item));
        }
    }
}
