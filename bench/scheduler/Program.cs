using System.Diagnostics;
using System.Globalization;
using Kobune.Bench.Scheduler;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.Scheduler;
using Microsoft.Extensions.Logging.Abstractions;

// Usage: Kobune.Bench.Scheduler [PODS]                  a burst of so many (5000) over 100 and over 5,000 nodes, and a decision alone
//        Kobune.Bench.Scheduler sustained [PODS]        5,000 after 5,000 until there are so many (150000) on 5,000 nodes; the rate of the last
// The scheduler with its informers, decoding and bindings over a server in memory. Prints one line per figure: name, value, unit, budget. CPU is that of the whole process: the server's
// encodings, the watch's decodings and the binding are in it.
const int Portion = 5_000;
if (args is ["sustained", ..])
{
    var all = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 150_000;
    await MeasureAsync(nodes: 5_000, [.. Enumerable.Repeat(Portion, all / Portion)], "", "");
    return;
}

var burst = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : Portion;
Print("a decision over 100 nodes, CPU", DecisionLoop.Measure(100, 20_000).TotalMicroseconds, "us", "100");
await MeasureAsync(nodes: 100, [2_000], null, "");
await MeasureAsync(nodes: 100, [burst], "burst over 100 empty nodes", "");
await MeasureAsync(nodes: 5_000, [burst], "burst over 5000 empty nodes", "at least 1000");

static async Task MeasureAsync(int nodes, int[] portions, string? name, string budget)
{
    using var stop = new CancellationTokenSource();
    var server = new BindingServer();
    server.AddNodes(nodes);
    var client = new KubernetesClient(server, TimeProvider.System);
    var informers = new InformerFactory(client, TimeProvider.System, NullLoggerFactory.Instance);
    var scheduler = new SchedulerComponent(client, informers, new SchedulerOptions(), TimeProvider.System, NullLoggerFactory.Instance);
    var running = Task.WhenAll(Task.Run(() => informers.RunAsync(stop.Token)), Task.Run(() => scheduler.RunAsync(stop.Token)));
    await server.IsWatched;
    await server.Burst("first", 10); // the snapshot of all nodes is made with the first decision
    var there = 0;
    foreach (var pods in portions)
    {
        var (clock, before) = (Stopwatch.StartNew(), Process.GetCurrentProcess().TotalProcessorTime);
        await server.Burst($"pod-{there}", pods);
        var (elapsed, cpu) = (clock.Elapsed, Process.GetCurrentProcess().TotalProcessorTime - before);
        there += pods;
        if (portions.Length > 1)
        {
            Print($"{pods} more, to {there} pods", pods / elapsed.TotalSeconds, "pods/s", "at least 400");
        }
        else if (name is not null)
        {
            Print(name, pods / elapsed.TotalSeconds, "pods/s", budget);
            Print($"{name}, CPU", cpu.TotalMicroseconds / pods, "us/pod", "");
        }
    }

    if (portions.Length > 1)
    {
        Print("memory of scheduler and server", Process.GetCurrentProcess().WorkingSet64 / 1048576.0, "MiB", "");
    }

    await stop.CancelAsync();
    await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

static void Print(string name, double value, string unit, string budget) =>
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-40} {value,12:F1} {unit}{(budget.Length > 0 ? $"   (budget: {budget})" : "")}"));
