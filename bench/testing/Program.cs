using System.Diagnostics;
using System.Globalization;
using Kobune.Api.Apps.V1;
using Kobune.Api.Batch.V1;
using Kobune.Testing;

// What a cluster inside a test costs: the first start in a process, further ones, memory of each, an hour of cluster time, a snapshot and the way back.
// Usage: bench/testing [clusters], 20 when not said.
const int Defaults = 20;
var count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : Defaults;
var watch = Stopwatch.StartNew();
var clusters = new List<TestCluster> { await TestCluster.StartAsync() };
Print("first cluster", watch.Elapsed.TotalMilliseconds, "ms", "budget 1000");

var heap = Heap();
var starts = new List<double>();
for (var i = 0; i < count; i++)
{
    watch.Restart();
    clusters.Add(await TestCluster.StartAsync());
    starts.Add(watch.Elapsed.TotalMilliseconds);
}

starts.Sort();
Print($"a further cluster, median of {count}", starts[count / 2], "ms", "budget 150");
Print("the slowest of them", starts[^1], "ms", "");
Print("managed memory of each", (Heap() - heap) / 1048576.0 / count, "MiB", "budget 15");
Print("resident memory of the process", Environment.WorkingSet / 1048576.0, "MiB", "");
foreach (var cluster in clusters)
{
    await cluster.DisposeAsync();
}

watch.Restart();
await using var timed = await TestCluster.StartAsync(new() { FakeTime = true });
Print("a cluster with its own clock", watch.Elapsed.TotalMilliseconds, "ms", "");
watch.Restart();
await timed.Time.AdvanceAsync(TimeSpan.FromHours(1));
Print("an hour in which nothing is asked", watch.Elapsed.TotalMilliseconds, "ms", "");
await timed.Client.CreateAsync(
    new CronJob
    {
        Metadata = new() { Name = "tick", Namespace = "default" },
        Spec = new()
        {
            Schedule = "* * * * *",
            JobTemplate = new() { Spec = new() { Template = new() { Spec = new() { RestartPolicy = "Never", Containers = [new() { Name = "c", Image = "i" }] } } } },
        },
    },
    CancellationToken.None);
watch.Restart();
await timed.Time.AdvanceAsync(TimeSpan.FromHours(1));
Print("an hour with 60 runs of a CronJob", watch.Elapsed.TotalMilliseconds, "ms", "");

var labels = new Dictionary<string, string> { ["app"] = "web" };
var web = new Deployment
{
    Metadata = new() { Name = "web", Namespace = "default" },
    Spec = new() { Replicas = 100, Selector = new() { MatchLabels = labels }, Template = new() { Metadata = new() { Labels = labels }, Spec = new() { Containers = [new() { Name = "c", Image = "i" }] } } },
};
watch.Restart();
await timed.Client.CreateAsync(web, CancellationToken.None);
await timed.Time.AdvanceAsync(TimeSpan.FromSeconds(30));
Print("a Deployment of 100 pods and half a minute", watch.Elapsed.TotalMilliseconds, "ms", "");
watch.Restart();
var snapshot = await timed.SnapshotAsync();
Print($"a snapshot of {snapshot.Count} objects", watch.Elapsed.TotalMilliseconds, "ms", "");
watch.Restart();
await timed.RestoreAsync(snapshot);
Print("the way back, caches filled again", watch.Elapsed.TotalMilliseconds, "ms", "");

static long Heap()
{
    GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
    GC.WaitForPendingFinalizers();
    return GC.GetTotalMemory(forceFullCollection: true);
}

static void Print(string what, double value, string unit, string budget) =>
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-48} {value,10:0.0} {unit,-4} {budget}"));
