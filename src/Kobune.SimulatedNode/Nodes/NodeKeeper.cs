using Kobune.Api.Coordination.V1;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Microsoft.Extensions.Logging;

namespace Kobune.SimulatedNode.Nodes;

/// <summary>Registers the nodes and renews their leases.</summary>
internal sealed partial class NodeKeeper(SimulatedNodeOptions options, SimulatedNodes nodes, ICache<Node> cache, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);
    private readonly Node?[] _registered = new Node?[options.Count];

    /// <summary>Returns when every node is there with a lease.</summary>
    public Task RegisterAsync(CancellationToken ct) => EachAsync(RegisterAsync, ct);

    /// <summary>Renews all leases, period after period.</summary>
    public async Task RenewAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(options.LeasePeriod, time);
        while (await timer.WaitForNextTickAsync(ct))
        {
            await EachAsync(TryRenewAsync, ct);
        }
    }

    /// <summary>A node that was silent tells of itself at once.</summary>
    public async Task ReportAsync(string name, CancellationToken ct)
    {
        var number = nodes.NumberOf(name);
        _registered[number] = await EnsureNodeAsync(number, ct);
        await RenewAsync(number, ct);
    }

    private Task EachAsync(Func<int, CancellationToken, ValueTask> action, CancellationToken ct) =>
        Parallel.ForEachAsync(Enumerable.Range(0, options.Count), new ParallelOptions { MaxDegreeOfParallelism = options.Workers, CancellationToken = ct, TaskScheduler = TaskScheduler.Current }, action);

    private async ValueTask RegisterAsync(int number, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                _registered[number] = await EnsureNodeAsync(number, ct);
                await RenewAsync(number, ct);
                return;
            }
            catch (Exception e) when (e is ApiException or HttpRequestException)
            {
                LogNotRegistered(options.NameOf(number), e.Message);
                await Task.Delay(RetryDelay, time, ct);
            }
        }
    }

    private async Task<Node> EnsureNodeAsync(int number, CancellationToken ct)
    {
        var wanted = NodeObjects.Node(options, number, time.GetUtcNow());
        var client = nodes.ClientOf(wanted.Metadata.Name);
        Node node;
        try
        {
            node = await client.CreateAsync(wanted, ct);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            node = await client.GetAsync<Node>("", wanted.Metadata.Name, ct);
        }

        // A node that was there before (a restart, or made by hand) gets our status.
        var status = node with { Status = wanted.Status };
        return node.Status.Conditions.Any(c => c is { Type: "Ready", Status: "True" }) || Patch.Between(node, status) is not { } patch
            ? node
            : await client.PatchAsync<Node>("", node.Metadata.Name, patch, "status", ct);
    }

    private async ValueTask TryRenewAsync(int number, CancellationToken ct)
    {
        var name = options.NameOf(number);
        if (!nodes.IsRunning(name))
        {
            return;
        }

        try
        {
            await RenewAsync(number, ct);
            if (cache.Find("", name)?.Status.Conditions.Any(c => c is { Type: "Ready", Status: "Unknown" }) == true)
            {
                await EnsureNodeAsync(number, ct); // it was taken for lost, and is not: a kubelet writes its status again too
            }
        }
        catch (Exception e) when (e is ApiException or HttpRequestException)
        {
            LogNotRenewed(options.NameOf(number), e.Message);
        }
    }

    private async Task RenewAsync(int number, CancellationToken ct)
    {
        var node = _registered[number]!;
        var lease = NodeObjects.Lease(options, node, time.GetUtcNow());
        var client = nodes.ClientOf(node.Metadata.Name);
        try
        {
            var renewal = Patch.Between(lease with { Spec = new() }, lease)!;
            await client.PatchAsync<Lease>(NodeObjects.LeaseNamespace, node.Metadata.Name, renewal, null, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            await client.CreateAsync(lease, ct);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Node {Node} is not registered yet: {Message}")]
    private partial void LogNotRegistered(string node, string message);

    [LoggerMessage(LogLevel.Warning, "The lease of node {Node} was not renewed: {Message}")]
    private partial void LogNotRenewed(string node, string message);
}
