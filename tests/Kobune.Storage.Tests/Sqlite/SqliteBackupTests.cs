using Kobune.Storage.Sqlite;

namespace Kobune.Storage.Tests.Sqlite;

public sealed class SqliteBackupTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Restored_backup_holds_the_values_and_starts_a_new_life()
    {
        long kept, later;
        await using (var store = Open("store.db"))
        {
            await store.PutAsync("/a", "1");
            kept = await store.PutAsync("/a", "2");
            await store.BackupAsync(_directory.File("backup.db"), TestContext.Current.CancellationToken);
            later = await store.PutAsync("/a", "3");
        }

        await using var restored = Open("backup.db");
        var revision = await restored.RevisionAsync();
        Assert.True(revision > later);
        Assert.Equal(["/a=2"], await restored.ListAsync("/"));
        await using var old = await WatchReader.StartAsync(restored, "/", later);
        Assert.Equal(StoreWatchEnd.Compacted, await old.EndAsync());
        await Assert.ThrowsAsync<CompactedException>(() => restored.ListAsync("/", kept));
        await using var fresh = await WatchReader.StartAsync(restored, "/", revision);
        var next = await restored.PutAsync("/a", "4");
        Assert.Equal([$"PUT /a=4 was 2@{kept} @{next}"], await fresh.EventsAsync(1));
    }

    [Fact]
    public async Task Restored_backup_jumps_once()
    {
        await using (var store = Open("store.db"))
        {
            await store.PutAsync("/a", "1");
            await store.BackupAsync(_directory.File("backup.db"), TestContext.Current.CancellationToken);
        }

        long first;
        await using (var restored = Open("backup.db"))
        {
            first = await restored.PutAsync("/b", "1");
        }

        await using var again = Open("backup.db");
        Assert.Equal(first, await again.RevisionAsync());
    }

    [Fact]
    public async Task Backup_under_load_is_whole()
    {
        await using var store = Open("store.db");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var load = Task.Run(
            async () =>
            {
                for (var i = 0; !stop.IsCancellationRequested; i++)
                {
                    await store.CommitAsync([], Operation.Put("/a", StoreExtensions.Bytes($"{i}")), Operation.Put("/b", StoreExtensions.Bytes($"{i}")));
                }
            },
            TestContext.Current.CancellationToken);
        for (var i = 0; i < 3; i++)
        {
            await store.BackupAsync(_directory.File($"{i}.db"), TestContext.Current.CancellationToken);
            await using var copy = Open($"{i}.db");
            Assert.Equal(await copy.ReadAsync("/a"), await copy.ReadAsync("/b"));
        }

        await stop.CancelAsync();
        await load;
    }

    [Fact]
    public async Task Backup_never_overwrites()
    {
        await using var store = Open("store.db");
        File.WriteAllText(_directory.File("there"), "mine");
        var error = await Assert.ThrowsAsync<StoreException>(() => store.BackupAsync(_directory.File("there"), TestContext.Current.CancellationToken));
        Assert.Contains("name a new file", error.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(_directory.File("there")));
    }

    private SqliteStore Open(string name) => SqliteStore.Open(new SqliteStoreOptions(_directory.File(name)));
}
