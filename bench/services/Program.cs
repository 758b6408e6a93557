using System.Diagnostics;
using System.Globalization;
using Kobune.Bench.Services;

// Usage: Kobune.Bench.Services [services] [changes]     (as root: it makes a network namespace of its own)
// Prints: the time until all Services are in the kernel, the time from one changed endpoint to the kernel's commit, the number of nftables
// transactions, and the time of a connection through a cluster IP beside few and beside many Services.
// Budget: one endpoint change among 10,000 Services in 20 ms and one transaction; a connection costs the same among few and among many.
if (args is ["connect", var target, var listen, var count])
{
    return await Connections.RunAsync(target, listen, int.Parse(count, CultureInfo.InvariantCulture));
}

var services = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10_000;
var changes = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 100;
await using var lab = await Lab.CreateAsync();
await lab.AddAsync(from: 1, to: 10);
await lab.StartAsync();
Console.WriteLine($"connection among 10 Services          {await lab.ConnectAsync():F1} us");
var load = Stopwatch.StartNew();
await lab.AddAsync(from: 11, to: services);
Console.WriteLine($"all {services} Services in the kernel     {load.Elapsed.TotalMilliseconds:F0} ms");
Console.WriteLine($"connection among {services} Services      {await lab.ConnectAsync():F1} us");
var times = new List<double>();
var before = lab.Transactions;
for (var i = 0; i < changes; i++)
{
    times.Add((await lab.ChangeAsync(2 + (i % (services - 2)))).TotalMilliseconds);
}

times.Sort();
Console.WriteLine($"one endpoint change                   median {times[times.Count / 2]:F1} ms, p95 {times[(int)(times.Count * 0.95)]:F1} ms, max {times[^1]:F1} ms");
Console.WriteLine($"transactions for {changes} changes           {lab.Transactions - before}");
Console.WriteLine($"memory of this process                {Environment.WorkingSet / 1048576} MiB");
return 0;
