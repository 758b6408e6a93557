using System.Diagnostics;
using System.Globalization;
using Kobune.Bench.Scheduler;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.Scheduler;
using Microsoft.Extensions.Logging.Abstractions;

// Usage: Kobune.Bench.Scheduler [pods of a burst]
// The scheduler with its informers, decoding and bindings over a server in memory. Prints one line per figure: name, value, unit, budget. CPU is that of the whole process, so a
// decision's is an upper bound: it has the server's encodings, the watch's decodings and the binding in it.
var burst = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5_000;
await MeasureAsync(nodes: 100, pods: 2_000, "warm-up", print: false);
await MeasureAsync(nodes: 100, burst, "burst over 100 empty nodes", print: true);
await MeasureAsync(nodes: 5_000, burst, "burst over 5000 empty nodes", print: true);

static async Task MeasureAsync(int nodes, int pods, string name, bool print)
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
    var (clock, before) = (Stopwatch.StartNew(), Process.GetCurrentProcess().TotalProcessorTime);
    await server.Burst("pod", pods);
    var (elapsed, cpu) = (clock.Elapsed, Process.GetCurrentProcess().TotalProcessorTime - before);
    if (print)
    {
        Print(name, pods / elapsed.TotalSeconds, "pods/s", nodes == 100 ? "" : "at least 1000");
        Print($"{name}, CPU", cpu.TotalMicroseconds / pods, "us/pod", nodes == 100 ? "a decision 100" : "");
    }

    await stop.CancelAsync();
    await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

static void Print(string name, double value, string unit, string budget) =>
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-40} {value,12:F1} {unit}{(budget.Length > 0 ? $"   (budget: {budget})" : "")}"));
