using System.Diagnostics;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.Tests;
using Kobune.Tests.Collections;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Proxy.Tests;

/// <summary>
/// A node with three pods and a host beside it, each a network namespace of its own, and the proxy at work in the node:
/// host 192.0.2.1 -- 192.0.2.2 node 10.244.0.1 -- pods client .5, b1 .6, b2 .7. The pods b1 and b2 answer on 8080 (TCP) and 5353 (UDP) with
/// their name and the sender's address.
/// </summary>
public sealed class NetworkLab : IAsyncLifetime
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _prefix = "kp" + Environment.ProcessId + "-";
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Process> _servers = [];
    private Task[] _running = [];

    internal CollectionTransport Api { get; } = new();

    /// <summary>What the proxy said.</summary>
    internal RecentLog Log { get; } = new();

    internal ProxyComponent Proxy { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var script = new List<string> { "set -e" };
        foreach (var name in (string[])["node", "host", "client", "b1", "b2"])
        {
            script.Add($"ip netns add {_prefix}{name}; ip -n {_prefix}{name} link set lo up");
        }

        script.Add($"ip -n {_prefix}node link add cni0 type bridge; ip -n {_prefix}node addr add 10.244.0.1/24 dev cni0; ip -n {_prefix}node link set cni0 up");
        script.Add($"ip netns exec {_prefix}node sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'");
        Link(script, "client", "10.244.0.5/24", "10.244.0.1", "master cni0");
        Link(script, "b1", "10.244.0.6/24", "10.244.0.1", "master cni0");
        Link(script, "b2", "10.244.0.7/24", "10.244.0.1", "master cni0");
        Link(script, "host", "192.0.2.1/24", "192.0.2.2", "");
        script.Add($"ip -n {_prefix}node addr add 192.0.2.2/24 dev v-host; ip -n {_prefix}node route add default via 192.0.2.1");
        foreach (var pod in (string[])["client", "b1", "b2"])
        {
            script.Add($"ip -n {_prefix}node link set v-{pod} type bridge_slave hairpin on"); // as the CNI plugin does with hairpinMode
        }

        Assert.Equal("", await ShellAsync(string.Join('\n', script)));
        foreach (var name in (string[])["b1", "b2"])
        {
            Serve(name, "TCP-LISTEN:8080,fork,reuseaddr,backlog=128");
            Serve(name, "UDP-RECVFROM:5353,fork");
            await SayAsync(name, "127.0.0.1:8080", $"{name} 127.0.0.1");
        }

        Api.Put(new Node { Metadata = new() { Name = Objects.ThisNode }, Status = new() { Addresses = [new() { Type = "InternalIP", Address = "192.0.2.2" }] } });
        var informers = new InformerFactory(new KubernetesClient(Api, TimeProvider.System), TimeProvider.System, NullLoggerFactory.Instance);
        var options = new ProxyOptions { NodeName = Objects.ThisNode, NodeIPs = [System.Net.IPAddress.Parse("192.0.2.2")], ClusterCIDRs = ["10.244.0.0/16"], MinSyncPeriod = TimeSpan.Zero, GuardPeriod = TimeSpan.FromSeconds(2), CommandPrefix = ["ip", "netns", "exec", _prefix + "node"] };
        Proxy = new(options, informers, TimeProvider.System, Log);
        _running = [informers.RunAsync(_stop.Token), Proxy.RunAsync(_stop.Token)];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running).ContinueWith(static _ => { }, TaskScheduler.Default).WaitAsync(Patience);
        foreach (var server in _servers)
        {
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync();
            server.Dispose();
        }

        await ShellAsync(string.Join('\n', ((string[])["node", "host", "client", "b1", "b2"]).Select(n => $"ip netns del {_prefix}{n}")));
        _stop.Dispose();
    }

    /// <summary>Runs a shell line in one of the namespaces.</summary>
    public Task<string> InAsync(string name, string line) => ShellAsync($"exec ip netns exec {_prefix}{name} sh -c '{line}'");

    /// <summary>One connection; what the server says, or why not.</summary>
    public Task<string> ConnectAsync(string from, string target, string options = "") =>
        InAsync(from, $"socat -t5 -u TCP:{target},connect-timeout=3{options} STDOUT 2>&1");

    /// <summary>Connects until the answer is the expected one.</summary>
    public Task SayAsync(string from, string target, string expected) => UntilAsync(() => ConnectAsync(from, target), s => s.Trim() == expected, $"{target} from {from} should say \"{expected}\"");

    /// <summary>Waits until the node's rules hold this text, or no longer hold it.</summary>
    public Task RulesAsync(string text, bool present = true) =>
        UntilAsync(() => InAsync("node", "nft list table ip kobune-proxy 2>&1"), s => s.Contains(text, StringComparison.Ordinal) == present, $"the rules should {(present ? "" : "not ")}hold \"{text}\"");

    public static async Task UntilAsync(Func<Task<string>> look, Predicate<string> good, string expectation)
    {
        var started = Stopwatch.StartNew();
        while (true)
        {
            var seen = await look();
            if (good(seen))
            {
                return;
            }

            Assert.True(started.Elapsed < Patience, $"{expectation}; last seen: {seen}");
        }
    }

    private static async Task<string> ShellAsync(string script)
    {
        using var timeout = new CancellationTokenSource(Patience);
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = shell.StandardError.ReadToEndAsync(timeout.Token);
        var output = await shell.StandardOutput.ReadToEndAsync(timeout.Token);
        await shell.WaitForExitAsync(timeout.Token);
        return output + await errors;
    }

    private void Link(List<string> script, string name, string address, string gateway, string master) =>
        script.Add($"""
            ip -n {_prefix}{name} link add eth0 type veth peer name v-{name} netns {_prefix}node
            ip -n {_prefix}{name} addr add {address} dev eth0; ip -n {_prefix}{name} link set eth0 up
            ip -n {_prefix}node link set v-{name} {master} up
            ip -n {_prefix}{name} route add default via {gateway}
            """);

    private void Serve(string name, string listen) =>
        _servers.Add(Process.Start(new ProcessStartInfo("ip", ["netns", "exec", _prefix + name, "socat", listen, $"SYSTEM:echo {name} $SOCAT_PEERADDR"]) { RedirectStandardError = true })!);
}
