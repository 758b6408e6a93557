using System.Diagnostics;
using System.Globalization;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.Proxy;
using Kobune.Tests.Collections;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Bench.Services;

/// <summary>The proxy of this network namespace, fed from collections in memory; `nft monitor` says when the kernel has committed.</summary>
internal sealed class Lab : IAsyncDisposable
{
    private const string Node = "bench";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly CollectionTransport _api = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _committed = new(0);
    private Process? _monitor;
    private Task[] _running = [];
    private int _transactions;
    private int _changes;

    /// <summary>How many the kernel has committed so far.</summary>
    public int Transactions => Volatile.Read(ref _transactions);

    public static async Task<Lab> CreateAsync()
    {
        await ShellAsync("ip link set lo up && ip addr add 10.244.0.1/32 dev lo && ip route add 10.96.0.0/12 dev lo");
        return new();
    }

    /// <summary>Adds Services with two endpoints each, and waits until the kernel has them when the proxy runs.</summary>
    public async Task AddAsync(int from, int to)
    {
        for (var i = from; i <= to; i++)
        {
            Put(i, 0);
            _api.Put(new Service
            {
                Metadata = new() { Name = "s" + i, Namespace = "default" },
                Spec = new() { Type = "ClusterIP", ClusterIP = ClusterIP(i), ClusterIPs = [ClusterIP(i)], Ports = [new() { Port = 80, Protocol = "TCP" }] },
            });
        }

        while (_running.Length > 0 && !await HasAsync(to))
        {
            await _committed.WaitAsync(Patience);
        }
    }

    public async Task StartAsync()
    {
        _api.Put(new Node { Metadata = new() { Name = Node }, Status = new() { Addresses = [new() { Type = "InternalIP", Address = "10.244.0.1" }] } });
        _monitor = Process.Start(new ProcessStartInfo("nft", ["monitor"]) { RedirectStandardOutput = true })!;
        var informers = new InformerFactory(new KubernetesClient(_api, TimeProvider.System), TimeProvider.System, NullLoggerFactory.Instance);
        var options = new ProxyOptions { NodeName = Node, ClusterCIDRs = ["10.244.0.0/16"], MinSyncPeriod = TimeSpan.Zero };
        var proxy = new ProxyComponent(options, informers, TimeProvider.System, NullLoggerFactory.Instance);
        _running = [informers.RunAsync(_stop.Token), proxy.RunAsync(_stop.Token), CountAsync(_monitor)];
        while (!await HasAsync(10))
        {
            await _committed.WaitAsync(Patience);
        }
    }

    /// <summary>Another address for one endpoint of a Service; the time until the kernel has committed it.</summary>
    public async Task<TimeSpan> ChangeAsync(int service)
    {
        while (_committed.Wait(0))
        {
            // commits before this change
        }

        var started = Stopwatch.GetTimestamp();
        Put(service, ++_changes);
        if (!await _committed.WaitAsync(Patience))
        {
            throw new TimeoutException("the change did not reach the kernel");
        }

        return Stopwatch.GetElapsedTime(started);
    }

    /// <summary>Microseconds of one connection by way of the first Service.</summary>
    public static async Task<double> ConnectAsync() =>
        double.Parse(await ShellAsync($"{Environment.ProcessPath} connect {ClusterIP(1)}:80 10.244.0.1:8080 2000"), CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _monitor?.Kill(entireProcessTree: true);
        await Task.WhenAll(_running).ContinueWith(static _ => { }, TaskScheduler.Default);
        _monitor?.Dispose();
        _committed.Dispose();
        _stop.Dispose();
    }

    private static string ClusterIP(int i) => $"10.{96 + (i >> 16)}.{(i >> 8) & 255}.{i & 255}";

    // The first Service leads to the listener alone.
    private void Put(int i, int generation) => _api.Put(new EndpointSlice
    {
        Metadata = new() { Name = $"s{i}-1", Namespace = "default", Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = "s" + i } },
        AddressType = "IPv4",
        Ports = [new() { Name = "", Port = 8080, Protocol = "TCP" }],
        Endpoints = i == 1 ? [Endpoint("10.244.0.1")] : [Endpoint($"10.244.{10 + (generation / 250)}.{1 + (generation % 250)}"), Endpoint($"10.244.2.{1 + (i % 250)}")],
    });

    private static Endpoint Endpoint(string address) => new() { Addresses = [address], NodeName = "other", Conditions = new() { Ready = true } };

    private static async Task<bool> HasAsync(int i) => (await ShellAsync($"nft get element ip kobune-proxy cluster-ips '{{ {ClusterIP(i)} }}' 2>&1 || true")).Contains("elements =", StringComparison.Ordinal);

    private async Task CountAsync(Process monitor)
    {
        while (await monitor.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("# new generation", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref _transactions);
                _committed.Release();
            }
        }
    }

    private static async Task<string> ShellAsync(string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", script]) { RedirectStandardOutput = true })!;
        var output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        return shell.ExitCode == 0 ? output : throw new InvalidOperationException($"{script}: {output}");
    }
}
