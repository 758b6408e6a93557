using System.Diagnostics;
using System.Globalization;
using Kobune.Bench.Services;

// Usage: Kobune.Bench.Services [services] [changes]     (as root: it runs in a network namespace of its own)
// Prints: the time until all Services are in the kernel, the time from one changed endpoint to the kernel's commit, the number of nftables
// transactions, and the time of a connection through a cluster IP beside few and beside many Services.
// A change right after another waits for that one's nft, which ends some 10 ms after its commit, when the kernel has freed what was replaced.
// Budget: one endpoint change among 10,000 Services in 20 ms and one transaction; a connection costs the same among few and among many.
if (args is ["connect", var target, var listen, var count])
{
    return await Connections.RunAsync(target, listen, int.Parse(count, CultureInfo.InvariantCulture));
}

if (args is not ["inside", ..])
{
    using var inside = Process.Start("unshare", ["--net", Environment.ProcessPath!, "inside", .. args]);
    await inside.WaitForExitAsync();
    return inside.ExitCode;
}

var services = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 10_000;
var changes = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 100;
await using var lab = await Lab.CreateAsync();
await lab.AddAsync(from: 1, to: 10);
await lab.StartAsync();
Console.WriteLine($"connection among 10 Services          {await Lab.ConnectAsync():F1} us");
var load = Stopwatch.StartNew();
await lab.AddAsync(from: 11, to: services);
Console.WriteLine($"all {services} Services in the kernel     {load.Elapsed.TotalMilliseconds:F0} ms");
Console.WriteLine($"connection among {services} Services      {await Lab.ConnectAsync():F1} us");
await ChangeAsync("one endpoint change      ", pause: TimeSpan.FromMilliseconds(50));
await ChangeAsync("one right after the other", pause: TimeSpan.Zero);
Console.WriteLine($"memory of this process                {Environment.WorkingSet / 1048576} MiB");
return 0;

async Task ChangeAsync(string what, TimeSpan pause)
{
    var times = new List<double>();
    var before = lab.Transactions;
    for (var i = 0; i < changes; i++)
    {
        await Task.Delay(pause, TimeProvider.System);
        times.Add((await lab.ChangeAsync(2 + (i % (services - 2)))).TotalMilliseconds);
    }

    times.Sort();
    Console.WriteLine($"{what}             median {times[times.Count / 2]:F1} ms, p95 {times[(int)(times.Count * 0.95)]:F1} ms, max {times[^1]:F1} ms, {lab.Transactions - before} transactions for {changes} changes");
}
