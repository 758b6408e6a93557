using Kobune.Storage.Sqlite;
using SQLitePCL;

namespace Kobune.Storage.Tests.Sqlite;

public sealed class SqliteFaultTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Second_opener_is_told_who_has_the_store()
    {
        await using var store = Open();
        var error = Assert.Throws<StoreException>(() => Open());
        Assert.Equal(StoreFailure.InUse, error.Failure);
        Assert.Contains($"in use by process {Environment.ProcessId}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Full_disk_fails_the_write_and_nothing_else()
    {
        var options = new SqliteStoreOptions(_directory.File("store.db")) { MaxPages = 100 };
        var written = new Dictionary<string, long>();
        await using (var store = SqliteStore.Open(options))
        {
            var error = await Assert.ThrowsAsync<StoreException>(async () =>
            {
                for (var i = 0; ; i++)
                {
                    written[$"/{i}"] = await store.PutAsync($"/{i}", new string('x', 5000));
                }
            });
            Assert.Equal(StoreFailure.DiskFull, error.Failure);
            Assert.Contains("is full", error.Message, StringComparison.Ordinal);
            Assert.Equal(written.Count, (await store.ListAsync("/")).Length);

            // Making room helps without a restart, and the failed write's revision is not given again.
            await store.DeleteAsync("/0");
            await store.CompactAsync(await store.RevisionAsync());
            var revision = await store.PutAsync("/small", "1");
            Assert.True(revision > written.Values.Max() + 2, $"{revision} after {written.Values.Max()}");
        }

        await using var again = SqliteStore.Open(options with { MaxPages = 0 });
        Assert.Equal(written.Count, (await again.ListAsync("/")).Length); // one gone, one come
    }

    [Fact]
    public void Read_only_place_is_named()
    {
        File.WriteAllText(_directory.File("file"), "");
        var error = Assert.Throws<StoreException>(() => SqliteStore.Open(new SqliteStoreOptions(_directory.File("file/store.db"))));
        Assert.Equal(StoreFailure.ReadOnly, error.Failure);
        Assert.Contains("cannot be written", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Writing_over_a_read_only_connection_is_the_read_only_failure()
    {
        await using (Open())
        {
            // Only makes the file.
        }

        using var reader = Database.OpenReader(_directory.File("store.db"));
        Assert.Equal(StoreFailure.ReadOnly, Assert.Throws<StoreException>(() => SqliteLayout.SetMeta(reader, "x", 1)).Failure);
    }

    [Fact]
    public async Task Damaged_file_is_refused_with_what_to_do()
    {
        var path = _directory.File("store.db");
        await using (var store = Open())
        {
            for (var i = 0; i < 500; i++)
            {
                await store.PutAsync($"/{i}", new string('x', 500), durability: Durability.Relaxed);
            }
        }

        using (var file = File.OpenWrite(path))
        {
            file.Position = 4096 * 10;
            file.Write(new byte[4096 * 20]);
        }

        var error = Assert.Throws<StoreException>(() => Open());
        Assert.Equal(StoreFailure.Corrupt, error.Failure);
        Assert.Contains("put a backup in its place", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_others_are_refused()
    {
        var path = _directory.File("store.db");
        File.WriteAllText(path, new string('x', 5000));
        Assert.Equal(StoreFailure.Corrupt, Assert.Throws<StoreException>(() => Open()).Failure);

        File.Delete(path);
        using (var database = Database.OpenWriter(path))
        {
            database.Execute("CREATE TABLE other(x)");
        }

        Assert.Equal(StoreFailure.UnknownFormat, Assert.Throws<StoreException>(() => Open()).Failure);
    }

    [Fact]
    public async Task Newer_layout_is_refused()
    {
        await using (Open())
        {
            // Only makes the file.
        }

        using (var database = Database.OpenWriter(_directory.File("store.db")))
        {
            database.Execute("PRAGMA user_version=2");
        }

        var error = Assert.Throws<StoreException>(() => Open());
        Assert.Equal(StoreFailure.UnknownFormat, error.Failure);
        Assert.Contains("has layout 2, this program knows 1", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(raw.SQLITE_FULL, StoreFailure.DiskFull)]
    [InlineData(raw.SQLITE_READONLY, StoreFailure.ReadOnly)]
    [InlineData(raw.SQLITE_READONLY | (4 << 8), StoreFailure.ReadOnly)]
    [InlineData(raw.SQLITE_CANTOPEN, StoreFailure.ReadOnly)]
    [InlineData(raw.SQLITE_BUSY, StoreFailure.InUse)]
    [InlineData(raw.SQLITE_NOTADB, StoreFailure.Corrupt)]
    [InlineData(raw.SQLITE_IOERR | (4 << 8), StoreFailure.InputOutput)]
    public void Codes_become_failures(int code, StoreFailure failure) => Assert.Equal(failure, SqliteErrors.FailureOf(code));

    [Theory]
    [InlineData(3_007_017, false)]
    [InlineData(3_035_004, false)]
    [InlineData(3_035_005, true)]
    [InlineData(3_040_001, true)]
    [InlineData(3_052_000, false)]
    [InlineData(3_053_000, true)]
    public void Library_versions_with_known_defects_are_refused(int version, bool isSound) => Assert.Equal(isSound, SqliteVersions.Defect(version) is null);

    [Fact]
    public void System_library_is_preferred()
    {
        if (!File.Exists("/usr/lib/x86_64-linux-gnu/libsqlite3.so.0"))
        {
            return;
        }

        SqliteLibrary.Require();
        raw.sqlite3_libversion();
        Assert.Contains("libsqlite3.so.0", File.ReadAllText("/proc/self/maps"), StringComparison.Ordinal);
    }

    private SqliteStore Open() => SqliteStore.Open(new SqliteStoreOptions(_directory.File("store.db")));
}
