using Kobune.Storage.Sqlite;

namespace Kobune.Storage.Tests.Crash;

/// <summary>Writes to a store as fast as it can and tells on standard output what was acknowledged, until it is killed.</summary>
internal static class CrashWriter
{
    public const string Argument = "crash-writer";

    private const int Writers = 8;
    private const int KeysEach = 40;
    private const int KeptRevisions = 800;

    public static async Task<int> RunAsync(string path)
    {
        var store = SqliteStore.Open(new SqliteStoreOptions(path) { RecentBytes = 10_000, CeilingBlock = 300 });
        using var stdout = Console.OpenStandardOutput();
        using var output = new StreamWriter(stdout) { AutoFlush = true };
        var tasks = Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(store, writer, output)));
        await await Task.WhenAny(tasks.Append(Task.Run(() => CompactAsync(store)))); // none ends but by a failure
        return 0;
    }

    private static async Task WriteAsync(SqliteStore store, int writer, StreamWriter output)
    {
        for (var i = 0L; ; i++)
        {
            var durability = i % 5 == 4 ? Durability.Relaxed : Durability.Synced;
            var (first, second) = ($"/{writer}/{i % KeysEach}", $"/{writer}/pair-{i % KeysEach}");
            var value = $"{i}:{new string('x', (int)(i * 37 % 3000))}";
            var result = await store.CommitAsync(
                new Transaction([], [Operation.Put(first, StoreExtensions.Bytes(value)), i % 3 == 2 ? Operation.Delete(second) : Operation.Put(second, StoreExtensions.Bytes(value))], durability),
                CancellationToken.None);
            lock (output)
            {
                output.WriteLine($"{result.Revision} {first} {value.Length} .");
            }
        }
    }

    private static async Task CompactAsync(SqliteStore store)
    {
        while (true)
        {
            await foreach (var batch in store.WatchAsync("/", await store.GetRevisionAsync(CancellationToken.None), CancellationToken.None))
            {
                var statistics = await store.GetStatisticsAsync(CancellationToken.None);
                if (batch.Revision - statistics.CompactedRevision > 2 * KeptRevisions)
                {
                    await store.CompactAsync(batch.Revision - KeptRevisions, CancellationToken.None);
                }
            }
        }
    }
}
