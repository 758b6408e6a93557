using System.Diagnostics;
using System.Globalization;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Testing;

// Usage: Kobune.Bench.Scale [nodes] [pods]        5000 and 150000 when not said
// A test cluster of that many simulated nodes; pods come from Deployments of 1,000, pass through controllers and scheduler, and run. Prints a line per figure; the last one is the memory as a share
// of the budget (8 GiB for 5,000 nodes and 150,000 pods). Exit code 1: over it.
const long Budget = 8L << 30;
const int Group = 1_000;

var nodes = Number(0, 5_000);
var pods = Number(1, 150_000);
var clock = Stopwatch.StartNew();
await using var cluster = await TestCluster.StartAsync(o => o with { Nodes = nodes });
Print("start", clock.Elapsed.TotalSeconds, "s");
await WaitForNodesAsync();
Print($"{nodes} nodes ready", clock.Elapsed.TotalSeconds, "s");
PrintMemory($"{nodes} nodes");
clock.Restart();
await Task.WhenAll(Enumerable.Range(0, (pods + Group - 1) / Group).Select(CreateAsync));
await WaitForPodsAsync();
Print($"{pods} pods ready", clock.Elapsed.TotalSeconds, "s");
Print("pods ready per second", pods / clock.Elapsed.TotalSeconds, "1/s");
var used = PrintMemory($"{nodes} nodes, {pods} pods");
Print("share of the budget of 8 GiB", (double)used / Budget, "");
return used <= Budget ? 0 : 1;

int Number(int at, int otherwise) => args.Length > at ? int.Parse(args[at], CultureInfo.InvariantCulture) : otherwise;

async Task WaitForNodesAsync()
{
    var ready = new HashSet<string>();
    await foreach (var change in cluster.Client.WatchAsync<Node>("", null, CancellationToken.None))
    {
        if (change.Object.Status.Conditions.Any(c => c is { Type: "Ready", Status: "True" }) && ready.Add(change.Object.Metadata.Name) && ready.Count == nodes)
        {
            return;
        }
    }
}

Task<Deployment> CreateAsync(int number)
{
    var labels = new Dictionary<string, string> { ["app"] = $"web-{number}" };
    return cluster.Client.CreateAsync(
        new Deployment
        {
            Metadata = new() { Name = $"web-{number}", Namespace = "default" },
            Spec = new()
            {
                Replicas = Math.Min(Group, pods - (number * Group)),
                ProgressDeadlineSeconds = int.MaxValue,
                Selector = new() { MatchLabels = labels },
                Template = new() { Metadata = new() { Labels = labels }, Spec = new() { Containers = [new() { Name = "web", Image = "web:1" }] } },
            },
        },
        CancellationToken.None);
}

async Task WaitForPodsAsync()
{
    var ready = new Dictionary<string, int>();
    var (sum, told) = (0, 0);
    await foreach (var change in cluster.Client.WatchAsync<Deployment>("default", null, CancellationToken.None))
    {
        var (name, now) = (change.Object.Metadata.Name, change.Object.Status.ReadyReplicas);
        sum += now - ready.GetValueOrDefault(name);
        ready[name] = now;
        if (sum >= told + 10_000)
        {
            told = sum / 10_000 * 10_000;
            Print($"{told} pods ready", clock.Elapsed.TotalSeconds, "s");
        }

        if (sum >= pods)
        {
            return;
        }
    }
}

long PrintMemory(string what)
{
    using var process = Process.GetCurrentProcess();
    Print($"managed memory, {what}", GC.GetTotalMemory(forceFullCollection: true) / 1048576.0, "MiB");
    Print($"resident memory at its highest, {what}", process.PeakWorkingSet64 / 1048576.0, "MiB");
    return process.PeakWorkingSet64;
}

static void Print(string name, double value, string unit) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-64} {value,12:F2} {unit}"));
