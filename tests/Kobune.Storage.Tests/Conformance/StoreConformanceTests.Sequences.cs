namespace Kobune.Storage.Tests.Conformance;

public abstract partial class StoreConformanceTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    /// <summary>Random transactions, compactions, reads and reopenings, compared with a model after every step. The seed names the sequence.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Generated_sequences_agree_with_the_model(int seed)
    {
        var random = new Random(seed);
        var store = await StartAsync(new StoreOptions());
        var start = await store.RevisionAsync();
        var model = new StoreModel(start);
        var watch = await WatchReader.StartAsync(store, "/", start);
        var watched = 0;
        for (var step = 0; step < 300; step++)
        {
            switch (random.Next(20))
            {
                case < 13:
                    await TransactAsync(store, model, random);
                    break;
                case < 15:
                    await CompareReadsAsync(store, model, random);
                    break;
                case 15:
                    await CompareWatchAsync(store, model, random);
                    break;
                case 16:
                    var to = random.NextInt64(model.Compacted, model.Revision + 1);
                    await store.CompactAsync(to);
                    model.Compact(to);
                    break;
                case 17 when random.Next(4) == 0:
                    await watch.DisposeAsync();
                    store = await RestartAsync(store);
                    Assert.Equal(model.Revision, await store.RevisionAsync());
                    watch = await WatchReader.StartAsync(store, "/", model.Revision);
                    watched = model.Events.Count;
                    break;
                default:
                    var expected = model.Events.Count - watched;
                    Assert.Equal(model.Events.Skip(watched), await watch.EventsAsync(expected));
                    watched += expected;
                    break;
            }
        }

        await CompareReadsAsync(store, model, random);
        await watch.DisposeAsync();
    }

    private static string Key(Random random) => $"/{"pqr"[random.Next(3)]}/{random.Next(6)}";

    private static async Task TransactAsync(IStore store, StoreModel model, Random random)
    {
        var keys = Enumerable.Range(0, random.Next(1, 5)).Select(_ => Key(random)).Distinct().ToArray();
        var compares = keys.Take(random.Next(3)).Select(key => new Compare(key, Expected(key))).ToArray();
        var operations = keys.Select(key => (Key: key, Value: random.Next(4) == 0 ? null : new string((char)random.Next('a', 'z'), random.Next(200)))).ToArray();

        var holds = model.Holds(compares);
        var result = await store.CommitAsync(
            new Transaction(
                compares,
                [.. operations.Select(operation => operation.Value is { } value ? Operation.Put(operation.Key, StoreExtensions.Bytes(value)) : Operation.Delete(operation.Key))],
                random.Next(3) == 0 ? Durability.Relaxed : Durability.Synced),
            Token);
        Assert.Equal(holds, result.Succeeded);
        if (holds)
        {
            model.Apply(operations);
        }
        else
        {
            Assert.Equal(
                compares.Select(compare => model.Now.TryGetValue(compare.Key, out var held) ? $"{held.Value}@{held.Modified}" : null),
                result.Current.Select(item => item is null ? null : $"{item.Text()}@{item.ModRevision}"));
        }

        Assert.Equal(model.Revision, result.Revision);

        long Expected(string key) => random.Next(6) == 0 ? random.Next(5) : model.Now.TryGetValue(key, out var held) ? held.Modified : 0;
    }

    private static async Task CompareReadsAsync(IStore store, StoreModel model, Random random)
    {
        // Revision 0 cannot be asked for: it means now.
        var at = Math.Max(1, random.NextInt64(model.Compacted, model.Revision + 1));
        if (at > model.Revision)
        {
            return;
        }

        foreach (var prefix in new[] { "/", "/p/", "/q" })
        {
            var range = await store.RangeAsync(new RangeRequest(prefix, Revision: at), Token);
            Assert.Equal(model.List(prefix, at), range.Items.Select(item => $"{item.Key}={item.Text()} ({item.CreateRevision}, {item.ModRevision})"));
            var limited = await store.RangeAsync(new RangeRequest(prefix, Limit: 3, Revision: at), Token);
            Assert.Equal(range.Items.Take(3).Select(item => item.Key), limited.Items.Select(item => item.Key));
            Assert.Equal((range.Count, range.Count > 3), (limited.Count, limited.More));
        }

        var now = await store.RangeAsync(new RangeRequest("/"), Token);
        Assert.Equal(model.List("/", model.Revision), now.Items.Select(item => $"{item.Key}={item.Text()} ({item.CreateRevision}, {item.ModRevision})"));
        if (model.Compacted > 1)
        {
            await Assert.ThrowsAsync<CompactedException>(() => store.ListAsync("/", model.Compacted - 1));
        }
    }

    private static async Task CompareWatchAsync(IStore store, StoreModel model, Random random)
    {
        var after = random.NextInt64(model.Compacted, model.Revision + 1);
        var expected = model.Events.Where(text => text.Contains(" /q/", StringComparison.Ordinal) && long.Parse(text[(text.LastIndexOf('@') + 1)..]) > after).ToArray();
        await using var watch = await WatchReader.StartAsync(store, "/q/", after);
        Assert.Equal(expected, await watch.EventsAsync(expected.Length));
        Assert.Equal(model.Revision, watch.Last!.Revision);
    }
}
