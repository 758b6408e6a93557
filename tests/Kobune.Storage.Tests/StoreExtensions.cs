using System.Text;

namespace Kobune.Storage.Tests;

/// <summary>Short forms of the store's members for tests.</summary>
internal static class StoreExtensions
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(this KeyValue item) => Encoding.UTF8.GetString(item.Value.Span);

    public static async Task<CommitResult> CommitAsync(this IStore store, Compare[] compares, params Operation[] operations) =>
        await store.CommitAsync(new Transaction(compares, operations), Token);

    /// <summary>Writes a key whatever it holds and returns the revision.</summary>
    public static async Task<long> PutAsync(this IStore store, string key, string value, TimeSpan? timeToLive = null, Durability durability = Durability.Synced)
    {
        var result = await store.CommitAsync(new Transaction([], [Operation.Put(key, Bytes(value), timeToLive)], durability), Token);
        Assert.True(result.Succeeded);
        return result.Revision;
    }

    public static async Task<long> DeleteAsync(this IStore store, string key) => (await store.CommitAsync([], Operation.Delete(key))).Revision;

    public static async Task<string?> ReadAsync(this IStore store, string key, long revision = 0) => (await store.GetAsync(key, revision, Token)).Item?.Text();

    /// <summary>A range as "key=value" texts.</summary>
    public static async Task<string[]> ListAsync(this IStore store, string prefix, long revision = 0)
    {
        var result = await store.RangeAsync(new RangeRequest(prefix, Revision: revision), Token);
        Assert.Equal(result.Items.Count, result.Count);
        Assert.False(result.More);
        return [.. result.Items.Select(item => $"{item.Key}={item.Text()}")];
    }

    public static async Task<long> RevisionAsync(this IStore store) => await store.GetRevisionAsync(Token);

    public static async Task<StoreStatistics> StatisticsAsync(this IStore store) => await store.GetStatisticsAsync(Token);

    public static async Task CompactAsync(this IStore store, long revision) => await store.CompactAsync(revision, Token);
}
