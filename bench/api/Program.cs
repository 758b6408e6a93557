using System.Globalization;
using Kobune.Bench.Api;

// Usage: Kobune.Bench.Api [memory|sqlite] [--figures FILE]                              a server of its own
//        Kobune.Bench.Api <url> <folder of Credentials> <pid>[,<pid>] [--figures FILE]   any API server
// Prints one line per figure: requests per second, latency, the server's CPU per 1,000 requests, its memory. compare.sh sets it beside upstream's server.
const int Objects = 5_000;
const int Watchers = 500;
const int WarmUps = 4;
const int PodWarmUps = 1_000;

if (args is ["serve", var store, var folder])
{
    return await BenchServer.RunAsync(store, folder);
}

var file = Array.IndexOf(args, "--figures") is >= 0 and var at ? args[at + 1] : null;
using var writer = file is null ? null : new StreamWriter(file);
var figures = new Figures(writer);
var directory = Directory.CreateTempSubdirectory("kobune-bench-").FullName;
try
{
    if (args is [var url, var credentials, var pids, ..] && url.StartsWith("https:", StringComparison.Ordinal))
    {
        await RunAsync(url, new(credentials), new([.. pids.Split(',').Select(p => int.Parse(p, CultureInfo.InvariantCulture))]), figures);
    }
    else
    {
        var (process, address) = await ServerProcess.StartAsync(args.FirstOrDefault(a => a is "memory" or "sqlite") ?? "memory", directory);
        using (process)
        {
            await RunAsync(address, new(directory), new(process.Id), figures);
            process.StandardInput.Close();
            await process.WaitForExitAsync();
        }
    }

    return 0;
}
finally
{
    Directory.Delete(directory, recursive: true);
}

static async Task RunAsync(string url, Credentials credentials, ServerProcess server, Figures figures)
{
    using var admin = credentials.Client(url, "admin");
    using var user = credentials.Client(url, "user");
    using var account = Access.WithToken(credentials, url, await Access.GrantAsync(admin));
    var load = new Load(user, server, figures);
    var byToken = new Load(account, server, figures);

    load.PrintMemory("memory, empty");
    // Until the runtime has compiled what the load runs as well as it can, the figures are those of its compiler.
    for (var round = 1; round <= WarmUps; round++)
    {
        await load.MeasureAsync("warm-up create", Objects, i => Requests.Create($"warm-{i}"));
        await load.MeasureAsync("warm-up get", Objects, i => Requests.Get($"warm-{i}"));
        await load.MeasureAsync("warm-up update", Objects, i => Requests.Update($"warm-{i}"));
        await load.MeasureAsync("warm-up patch", Objects, i => Requests.Patch($"warm-{i}"));
        await byToken.MeasureAsync("warm-up delete, token", Objects, i => Requests.Delete($"warm-{i}"));
    }

    await load.MeasureAsync("warm-up create pod", PodWarmUps * WarmUps, i => Requests.CreatePod($"warm-{i}"));
    await load.MeasureAsync("warm-up lists of pods", 4, i => Requests.List(Requests.Pods, gzip: i == 0, table: i == 1), Load.EachUnit);
    await load.MeasureAsync("warm-up delete pod", PodWarmUps * WarmUps, i => Requests.DeletePod($"warm-{i}"));

    await load.MeasureAsync("create", Objects, i => Requests.Create($"m-{i}"));
    await load.MeasureAsync("get", Objects, i => Requests.Get($"m-{i}"));
    await byToken.MeasureAsync("get, token", Objects, i => Requests.Get($"m-{i}"));
    await load.MeasureAsync("update", Objects, i => Requests.Update($"m-{i}"));
    await byToken.MeasureAsync("update, token", Objects, i => Requests.Update($"m-{i}"));
    await load.MeasureAsync("patch", Objects, i => Requests.Patch($"m-{i}"));
    load.PrintMemory($"memory, {Objects} objects");
    await load.MeasureAsync("list", 50, _ => Requests.List(Requests.ConfigMaps), Load.EachUnit);
    await load.MeasureAsync("list, gzip", 50, _ => Requests.List(Requests.ConfigMaps, gzip: true), Load.EachUnit);
    await load.MeasureAsync("create pod", Objects, i => Requests.CreatePod($"p-{i}"));
    await load.MeasureAsync("list pods", 20, _ => Requests.List(Requests.Pods), Load.EachUnit);
    await load.MeasureAsync("list pods, gzip", 20, _ => Requests.List(Requests.Pods, gzip: true), Load.EachUnit);
    await load.MeasureAsync("table of pods", 20, _ => Requests.List(Requests.Pods, table: true), Load.EachUnit);
    await load.WatchAsync(Watchers, 100);
    await load.MeasureAsync("delete", Objects, i => Requests.Delete($"m-{i}"));
    load.PrintMemory("memory, after the load");
}
