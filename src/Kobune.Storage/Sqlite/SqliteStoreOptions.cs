namespace Kobune.Storage.Sqlite;

/// <summary>Settings of the SQLite store.</summary>
/// <param name="Path">The file; its directory is made when missing. Beside it lie the write-ahead log (-wal, -shm), the lock (.lock) and the number of the process that holds it (.pid).</param>
public sealed record SqliteStoreOptions(string Path)
{
    /// <summary>Settings shared by all stores.</summary>
    public StoreOptions Store { get; init; } = new();

    /// <summary>Bytes of recently written values kept in memory, so that a write finds the value it replaces without reading the file.</summary>
    public int RecentBytes { get; init; } = 2 << 20;

    /// <summary>Revisions that may be given before the next ceiling is written; after an unclean stop the store jumps past them.</summary>
    public int CeilingBlock { get; init; } = 10_000;

    /// <summary>Whether a commit waits for the disk. Without it a loss of power may cost the newest commits (never the order of what is left): for tests alone.</summary>
    public bool WaitsForDisk { get; init; } = true;

    /// <summary>Bounds the file, so that tests meet a full disk; 0 = no bound.</summary>
    internal int MaxPages { get; init; }
}
