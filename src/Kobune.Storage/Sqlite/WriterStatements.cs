using Kobune.Storage.Revisions;

namespace Kobune.Storage.Sqlite;

/// <summary>The prepared statements of the writing connection.</summary>
internal sealed class WriterStatements(Database database, bool waitsForDisk) : IDisposable
{
    private readonly Statement _begin = database.Prepare("BEGIN IMMEDIATE");
    private readonly Statement _commit = database.Prepare("COMMIT");
    private readonly Statement _insert = database.Prepare("INSERT INTO log(id, key, created, expires, value) VALUES(?1, ?2, ?3, ?4, ?5)");
    private readonly Statement _delete = database.Prepare("DELETE FROM log WHERE id = ?1");
    private readonly Statement _select = database.Prepare("SELECT value FROM log WHERE id = ?1");
    private readonly Statement _setMeta = database.Prepare("INSERT OR REPLACE INTO meta(name, value) VALUES(?1, ?2)");
    private bool _isSynced = true;

    /// <summary>Opens a transaction whose commit waits for the disk or not. The mode can only change between transactions.</summary>
    public void Begin(bool synced)
    {
        synced &= waitsForDisk;
        if (synced != _isSynced)
        {
            database.Execute(synced ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
            _isSynced = synced;
        }

        _begin.Run();
    }

    public void Commit() => _commit.Run();

    public void Rollback()
    {
        if (!database.IsIdle)
        {
            database.Execute("ROLLBACK");
        }
    }

    public void Insert(Change change)
    {
        var version = change.Version;
        _insert.Bind(1, version.Id).Bind(2, change.Key).Bind(3, version.Created);
        _ = change.Deadline == 0 ? _insert.BindNull(4) : _insert.Bind(4, change.Deadline);
        _ = version.Item is { } item ? _insert.Bind(5, item.Value.Span) : _insert.BindNull(5);
        _insert.Run();
    }

    public void Delete(long id) => _delete.Bind(1, id).Run();

    public void SetMeta(string name, long value) => _setMeta.Bind(1, name).Bind(2, value).Run();

    /// <exception cref="StoreException">The row is missing, though the index has it.</exception>
    public KeyValue Read(string key, KeyVersion version) =>
        ValueRow.TryRead(_select, key, version)
        ?? throw new StoreException(StoreFailure.Corrupt, $"the value of {key} at revision {version.Revision} is missing from the store: restore a backup of it");

    public void Dispose()
    {
        foreach (var statement in new[] { _begin, _commit, _insert, _delete, _select, _setMeta })
        {
            statement.Dispose();
        }
    }
}
