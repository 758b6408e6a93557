using Kobune.Storage.Sqlite;

namespace Kobune.Storage.Tests.Sqlite;

/// <summary>
/// Freezes the file. When one of these fails, files of users become unreadable: raise the layout's version, read the old one, and change
/// docs/storage-layout.md with it.
/// </summary>
public sealed class SqliteLayoutTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Tables_and_rows_are_as_documented()
    {
        var time = new ManualTime();
        var path = _directory.File("store.db");
        await using (var store = SqliteStore.Open(new SqliteStoreOptions(path) { CeilingBlock = 100 }, time))
        {
            await store.PutAsync("/registry/a", "one");
            await store.CommitAsync([], Operation.Put("/registry/a", StoreExtensions.Bytes("two")), Operation.Put("/registry/b", StoreExtensions.Bytes("")));
            await store.PutAsync("/registry/e", "event", TimeSpan.FromHours(1));
            await store.DeleteAsync("/registry/a");
        }

        using var database = Database.OpenReader(path);
        Assert.Equal(0x4B6F6275, database.QueryLong("PRAGMA application_id"));
        Assert.Equal(1, database.QueryLong("PRAGMA user_version"));
        Assert.Equal("wal", database.QueryText("PRAGMA journal_mode"));
        Assert.Equal(
            [
                "CREATE TABLE log(id INTEGER PRIMARY KEY, key TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER, value BLOB)",
                "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
            ],
            Rows(database, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"));
        var deadline = time.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds();
        Assert.Equal(
            [
                "131072|/registry/a|2|NULL|'one'",
                "196608|/registry/a|2|NULL|'two'",
                "196609|/registry/b|3|NULL|''",
                $"262144|/registry/e|4|{deadline}|'event'",
                "327680|/registry/a|0|NULL|NULL",
            ],
            Rows(database, "SELECT id || '|' || key || '|' || created || '|' || coalesce(expires, 'NULL') || '|' || quote(CAST(value AS TEXT)) FROM log ORDER BY id"));
        Assert.Equal(["backup=0", "ceiling=5", "compacted=0"], Rows(database, "SELECT name || '=' || value FROM meta ORDER BY name"));
    }

    [Fact]
    public async Task Ceiling_lies_above_every_revision_while_the_store_is_open()
    {
        var path = _directory.File("store.db");
        await using var store = SqliteStore.Open(new SqliteStoreOptions(path) { CeilingBlock = 5 });
        for (var i = 0; i < 30; i++)
        {
            var revision = await store.PutAsync("/a", "1", durability: Durability.Relaxed);
            using var database = Database.OpenReader(path);
            Assert.True(SqliteLayout.Meta(database, SqliteLayout.Ceiling) >= revision);
        }
    }

    private static List<string> Rows(Database database, string sql)
    {
        var rows = new List<string>();
        using var statement = database.Prepare(sql);
        while (statement.Step())
        {
            rows.Add(statement.Text(0));
        }

        return rows;
    }
}
