using System.Diagnostics;
using Kobune.Storage;
using Kobune.Storage.Memory;
using Kobune.Storage.Sqlite;

// Usage: Kobune.Bench.Storage [memory|sqlite] [directory]
// Prints one line per figure: name, value, unit.
const int Objects = 25_000;
const int ValueBytes = 2_600;
const int LoneCommits = 500;
const int Ranges = 5;

var kind = args.ElementAtOrDefault(0) ?? "sqlite";
var directory = Path.Combine(args.ElementAtOrDefault(1) ?? Path.GetTempPath(), $"kobune-bench-{Environment.ProcessId}");
var path = Path.Combine(directory, "store.db");
var value = new byte[ValueBytes];
Random.Shared.NextBytes(value);
var none = CancellationToken.None;
try
{
    await RunAsync();
}
finally
{
    if (Directory.Exists(directory))
    {
        Directory.Delete(directory, recursive: true);
    }
}

IStore Open() => kind == "memory" ? new MemoryStore() : SqliteStore.Open(new SqliteStoreOptions(path));

async Task RunAsync()
{
    var store = Open();
    var before = Memory();
    foreach (var writers in new[] { 1, 16, 256 })
    {
        await MeasureWritesAsync(store, writers, writers == 1 ? LoneCommits : Objects);
    }

    Print($"memory with {Objects} objects of {ValueBytes} bytes", (Memory() - before) / 1048576.0, "MiB managed");
    await store.CompactAsync(await store.GetRevisionAsync(none), none);
    await MeasureRangesAsync(store);
    if (kind != "memory")
    {
        await store.DisposeAsync();
        var clock = Stopwatch.StartNew();
        store = Open();
        Print("open", clock.Elapsed.TotalMilliseconds, "ms");
        Print("disk", (await store.GetStatisticsAsync(none)).DiskBytes / 1048576.0, "MiB");
    }

    await store.DisposeAsync();
}

async Task MeasureWritesAsync(IStore store, int writers, int writes)
{
    var latencies = new double[writes];
    var next = -1;
    var clock = Stopwatch.StartNew();
    await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(async () =>
    {
        for (int i; (i = Interlocked.Increment(ref next)) < writes;)
        {
            var start = Stopwatch.GetTimestamp();
            await store.CommitAsync(new Transaction([], [Operation.Put($"/registry/pods/default/pod-{i:D6}", value)]), none);
            latencies[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
    })));
    var seconds = clock.Elapsed.TotalSeconds;
    Array.Sort(latencies);
    Print($"writes by {writers}", writes / seconds, "per s");
    Print($"commit latency by {writers}, p50", latencies[writes / 2], "ms");
    Print($"commit latency by {writers}, p99", latencies[writes * 99 / 100], "ms");
}

async Task MeasureRangesAsync(IStore store)
{
    var clock = Stopwatch.StartNew();
    for (var i = 0; i < Ranges; i++)
    {
        await store.RangeAsync(new RangeRequest("/registry/pods/"), none);
    }

    Print($"range over {Objects}", clock.Elapsed.TotalMilliseconds / Ranges, "ms");
    clock.Restart();
    for (var i = 0; i < Objects; i++)
    {
        await store.GetAsync($"/registry/pods/default/pod-{i:D6}", 0, none);
    }

    Print("get", clock.Elapsed.TotalMicroseconds / Objects, "us");
}

static long Memory() => GC.GetTotalMemory(forceFullCollection: true);

static void Print(string name, double figure, string unit) => Console.WriteLine($"{name,-50} {figure,12:F2} {unit}");
