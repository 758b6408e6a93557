using Kobune.Storage.Sqlite;
using Kobune.Storage.Tests.Conformance;

namespace Kobune.Storage.Tests.Sqlite;

public sealed class SqliteStoreTests : StoreConformanceTests
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Dictionary<IStore, string> _files = [];

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Dispose();
    }

    protected override ValueTask<IStore> OpenAsync(StoreOptions options, TimeProvider time) => Open(_directory.File($"{_files.Count}.db"), options, time);

    protected override async ValueTask<IStore> ReopenAsync(IStore store, StoreOptions options, TimeProvider time)
    {
        await store.DisposeAsync();
        return await Open(_files[store], options, time);
    }

    private ValueTask<IStore> Open(string file, StoreOptions options, TimeProvider time)
    {
        // Small bounds, so that values come from the file and ceilings move within a test.
        var store = SqliteStore.Open(new SqliteStoreOptions(file) { Store = options, RecentBytes = 500, CeilingBlock = 20 }, time);
        _files[store] = file;
        return ValueTask.FromResult<IStore>(store);
    }
}
