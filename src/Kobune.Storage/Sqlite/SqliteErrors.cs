using SQLitePCL;

namespace Kobune.Storage.Sqlite;

/// <summary>Turns SQLite's result codes into the store's failures, each with what to do.</summary>
internal static class SqliteErrors
{
    /// <summary>Extended codes carry details in the upper bytes.</summary>
    private const int PrimaryMask = 0xff;

    public static StoreException Of(int code, string path, string detail)
    {
        var failure = FailureOf(code);
        return new StoreException(failure, $"{Text(failure, path)} (SQLite: {detail}, code {code})");
    }

    internal static StoreFailure FailureOf(int code) => (code & PrimaryMask) switch
    {
        raw.SQLITE_FULL => StoreFailure.DiskFull,
        raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_CANTOPEN => StoreFailure.ReadOnly,
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => StoreFailure.InUse,
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => StoreFailure.Corrupt,
        _ => StoreFailure.InputOutput,
    };

    internal static string Text(StoreFailure failure, string path) => failure switch
    {
        StoreFailure.DiskFull => $"the disk that holds {path} is full; the write was not done: free some space, the store works on by itself",
        StoreFailure.ReadOnly => $"the store {path} cannot be written: make its directory writable for this user, or its disk mounted read-write",
        StoreFailure.InUse => $"the store {path} is in use by another process: stop that one first",
        StoreFailure.Corrupt => $"the store {path} is damaged: move it away and put a backup in its place, or start with an empty one",
        _ => $"reading or writing the store {path} failed: look at the disk's health in the system log, then start again",
    };
}
