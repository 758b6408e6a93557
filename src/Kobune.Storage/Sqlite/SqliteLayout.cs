using SQLitePCL;

namespace Kobune.Storage.Sqlite;

/// <summary>The tables of the file. docs/storage-layout.md describes them; a test freezes both.</summary>
internal static class SqliteLayout
{
    /// <summary>"Kobu", in the header of the file.</summary>
    public const long ApplicationId = 0x4B6F6275;

    public const long Version = 1;

    /// <summary>Every revision that was given is at most this one; it is also the store's revision after it is opened.</summary>
    public const string Ceiling = "ceiling";

    /// <summary>The oldest revision that can be read.</summary>
    public const string Compacted = "compacted";

    /// <summary>1 in a backup: opening it starts a new life at a higher revision.</summary>
    public const string Backup = "backup";

    public const string CreateLog =
        "CREATE TABLE log(id INTEGER PRIMARY KEY, key TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER, value BLOB)";

    public const string CreateMeta =
        "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID";

    /// <summary>Readies the writing connection: checks what the file is, makes the tables in an empty one, and checks its integrity.</summary>
    public static void Prepare(Database database, SqliteStoreOptions options)
    {
        var isEmpty = database.QueryLong("SELECT count(*) FROM sqlite_schema") == 0;
        if (isEmpty)
        {
            database.Execute("PRAGMA auto_vacuum=INCREMENTAL");
        }
        else
        {
            RequireKnown(database, options.Path);
            RequireSound(database, options.Path);
        }

        var mode = database.QueryText("PRAGMA journal_mode=WAL");
        if (mode != "wal")
        {
            throw new StoreException(StoreFailure.InputOutput, $"the file system of {options.Path} cannot hold a write-ahead log (journal mode {mode}): put the store on a local disk");
        }

        database.Execute("PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4096; PRAGMA wal_autocheckpoint=8192; PRAGMA journal_size_limit=67108864");
        if (isEmpty)
        {
            Create(database);
        }

        if (options.MaxPages > 0)
        {
            database.Execute($"PRAGMA max_page_count={options.MaxPages}");
        }
    }

    public static void SetMeta(Database database, string name, long value)
    {
        using var statement = database.Prepare("INSERT OR REPLACE INTO meta(name, value) VALUES(?1, ?2)");
        statement.Bind(1, name).Bind(2, value).Run();
    }

    public static long Meta(Database database, string name)
    {
        using var statement = database.Prepare("SELECT value FROM meta WHERE name = ?1");
        return statement.Bind(1, name).Step() ? statement.Long(0) : 0;
    }

    private static void Create(Database database)
    {
        database.Execute("BEGIN IMMEDIATE");
        database.Execute(CreateLog);
        database.Execute(CreateMeta);
        SetMeta(database, Ceiling, 0);
        SetMeta(database, Compacted, 0);
        SetMeta(database, Backup, 0);
        database.Execute($"PRAGMA application_id={ApplicationId}; PRAGMA user_version={Version}; COMMIT");
    }

    private static void RequireKnown(Database database, string path)
    {
        if (database.QueryLong("PRAGMA application_id") != ApplicationId)
        {
            throw new StoreException(StoreFailure.UnknownFormat, $"{path} is a database of another program: name another file for the store");
        }

        var version = database.QueryLong("PRAGMA user_version");
        if (version != Version)
        {
            throw new StoreException(
                StoreFailure.UnknownFormat,
                $"the store {path} has layout {version}, this program knows {Version}: start the program version that wrote it, or restore a backup from before");
        }
    }

    private static void RequireSound(Database database, string path)
    {
        var verdict = database.QueryText("PRAGMA quick_check(1)");
        if (verdict != "ok")
        {
            throw SqliteErrors.Of(raw.SQLITE_CORRUPT, path, verdict);
        }
    }
}
