using Kobune.Storage;
using Kobune.Storage.Memory;
using Kobune.Storage.Sqlite;

namespace Kobune.ApiServer.Tests.Watch;

/// <summary>The stores on which the resourceVersion table is tested.</summary>
public static class StoreKinds
{
    internal static IStore Open(string kind, DirectoryInfo folder) => kind == "memory"
        ? new MemoryStore()
        : SqliteStore.Open(new SqliteStoreOptions(Path.Combine(folder.FullName, "state.db")));
}
