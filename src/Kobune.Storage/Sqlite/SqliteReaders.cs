using System.Collections.Concurrent;
using Kobune.Storage.Revisions;

namespace Kobune.Storage.Sqlite;

/// <summary>Loads values by id over a few connections that only read; each is used by one caller at a time.</summary>
internal sealed class SqliteReaders(string path) : IValueSource, IDisposable
{
    /// <summary>Connections kept open between loads; more are opened and closed when more callers load at once.</summary>
    private const int Kept = 4;

    /// <summary>From here on one read transaction is cheaper than one per value.</summary>
    private const int WorthTransaction = 4;

    private readonly ConcurrentBag<Reader> _idle = [];
    private int _idleCount;
    private volatile bool _closed;

    public bool TryLoad(IReadOnlyList<VersionRef> versions, KeyValue[] values)
    {
        var missing = 0;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = versions[i].Version.Item!;
            missing += values[i] is null ? 1 : 0;
        }

        return missing == 0 || Load(versions, values, missing);
    }

    public void Dispose()
    {
        _closed = true;
        while (_idle.TryTake(out var reader))
        {
            reader.Dispose();
        }
    }

    private bool Load(IReadOnlyList<VersionRef> versions, KeyValue[] values, int missing)
    {
        if (!_idle.TryTake(out var reader))
        {
            reader = new Reader(path);
        }
        else
        {
            Interlocked.Decrement(ref _idleCount);
        }

        var isWhole = false;
        try
        {
            var found = reader.Load(versions, values, missing >= WorthTransaction);
            isWhole = true;
            return found;
        }
        finally
        {
            Return(reader, isWhole);
        }
    }

    private void Return(Reader reader, bool isWhole)
    {
        if (!isWhole || _closed || Interlocked.Increment(ref _idleCount) > Kept)
        {
            if (isWhole && !_closed)
            {
                Interlocked.Decrement(ref _idleCount);
            }

            reader.Dispose();
            return;
        }

        _idle.Add(reader);
        if (_closed)
        {
            Dispose();
        }
    }

    private sealed class Reader : IDisposable
    {
        private readonly Database _database;
        private readonly Statement _select;

        public Reader(string path)
        {
            _database = Database.OpenReader(path);
            _database.Execute("PRAGMA cache_size=-256"); // the page cache of the kernel holds the file already
            _select = _database.Prepare("SELECT value FROM log WHERE id = ?1");
        }

        public bool Load(IReadOnlyList<VersionRef> versions, KeyValue[] values, bool inTransaction)
        {
            if (inTransaction)
            {
                _database.Execute("BEGIN");
            }

            var found = true;
            for (var i = 0; i < values.Length && found; i++)
            {
                if (values[i] is null)
                {
                    found = TryLoad(versions[i], out values[i]);
                }
            }

            if (inTransaction)
            {
                _database.Execute("COMMIT");
            }

            return found;
        }

        public void Dispose()
        {
            _select.Dispose();
            _database.Dispose();
        }

        private bool TryLoad(VersionRef wanted, out KeyValue value)
        {
            value = ValueRow.TryRead(_select, wanted.Key, wanted.Version)!;
            return value is not null;
        }
    }
}
