using SQLitePCL;

namespace Kobune.Storage.Sqlite;

/// <summary>One connection to the store's file, for one thread at a time.</summary>
internal sealed class Database : IDisposable
{
    private const int WriterFlags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX;
    private const int ReaderFlags = raw.SQLITE_OPEN_READONLY | raw.SQLITE_OPEN_NOMUTEX;

    private readonly sqlite3 _handle;
    private readonly string _path;

    private Database(sqlite3 handle, string path)
    {
        _handle = handle;
        _path = path;
    }

    /// <summary>The connection that writes; a store has one.</summary>
    public static Database OpenWriter(string path) => Open(path, WriterFlags);

    public static Database OpenReader(string path) => Open(path, ReaderFlags);

    /// <summary>Whether no transaction is open; SQLite ends one by itself after some errors.</summary>
    public bool IsIdle => raw.sqlite3_get_autocommit(_handle) != 0;

    public void Execute(string sql) => Check(raw.sqlite3_exec(_handle, sql));

    public Statement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_handle, sql, out var statement));
        return new Statement(this, statement);
    }

    public long QueryLong(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Long(0) : 0;
    }

    public string QueryText(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Text(0) : "";
    }

    /// <summary>Copies what it can from the write-ahead log into the file without waiting for readers.</summary>
    public void Checkpoint(int mode) => Check(raw.sqlite3_wal_checkpoint_v2(_handle, "main", mode, out _, out _));

    public void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            throw SqliteErrors.Of(raw.sqlite3_extended_errcode(_handle), _path, raw.sqlite3_errmsg(_handle).utf8_to_string());
        }
    }

    public void Dispose() => _handle.manual_close_v2();

    private static Database Open(string path, int flags)
    {
        SqliteLibrary.Require();
        var code = raw.sqlite3_open_v2(path, out var handle, flags, null);
        var database = new Database(handle, path);
        try
        {
            database.Check(code);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }
}
