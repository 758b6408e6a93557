using Kobune.Api;
using Kobune.Api.Clocks;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Discovery;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Metrics;
using Microsoft.Extensions.Logging;

namespace Kobune.ControllerManager.GarbageCollector;

/// <summary>
/// One reflector per kind that can be listed, watched and deleted. The set follows discovery, which is asked again when a CRD or an APIService
/// changes (also during the first look), when an owner is of a kind that it has not named, and while a group does not answer.
/// </summary>
internal sealed partial class ResourceMonitors(IClient client, OwnerGraph graph, OwnerKinds kinds, UpkeepMetrics metrics, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(1); // definitions change several times while they are established
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SyncPatience = TimeSpan.FromSeconds(60);
    private readonly Dictionary<ResourceDescriptor, Monitor> _monitors = [];
    private readonly WakeSignal _changed = new(time);
    private readonly TaskCompletionSource _firstSync = new();
    private readonly DiscoveryClient _discovery = new(client.Transport, time);

    /// <summary>Completes when every kind was seen once.</summary>
    public Task FirstSync => _firstSync.Task;

    /// <summary>Discovery is asked again: it must have told too little.</summary>
    public void LookAgain() => _changed.Wake();

    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                var complete = await RefreshAsync(ct);
                if (!FirstSync.IsCompleted)
                {
                    await AwaitSyncAsync(ct);
                    _firstSync.TrySetResult();
                }

                await _changed.WaitAsync(complete ? null : Retry, ct);
                await Task.Delay(Settle, time, ct);
                _changed.Forget(); // many changes, one look
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The normal end.
        }
        finally
        {
            foreach (var monitor in _monitors.Values)
            {
                await monitor.StopAsync();
            }

            _monitors.Clear();
        }
    }

    private static bool IsFollowed(ApiResourceInfo info) =>
        info.Can("list", "watch", "delete") && info.Resource is not { Plural: "events", Group: "" or "events.k8s.io" };

    /// <summary>Starts and stops reflectors as discovery says. False when a group did not answer.</summary>
    private async Task<bool> RefreshAsync(CancellationToken ct)
    {
        ApiResources served;
        try
        {
            served = await _discovery.PreferredResourcesAsync(ct);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException)
        {
            metrics.KindsUnknown();
            LogDiscoveryFailed(e.Message);
            return false;
        }

        var wanted = served.Items.Where(IsFollowed).Select(i => i.Resource).ToHashSet();
        kinds.Replace(served.Items.Select(i => i.Resource));
        graph.Resolve(kinds.Find);
        foreach (var gone in _monitors.Keys.Where(r => !wanted.Contains(r) && !served.Failures.ContainsKey(r.ApiVersion)).ToList())
        {
            _monitors.Remove(gone, out var monitor);
            await monitor!.StopAsync();
            graph.Replace(gone, [], kinds.Find);
        }

        foreach (var resource in wanted.Where(r => !_monitors.ContainsKey(r)))
        {
            _monitors[resource] = Start(resource, ct);
        }

        return served.Failures.Count == 0;
    }

    private Monitor Start(ResourceDescriptor resource, CancellationToken ct)
    {
        var changesDiscovery = resource is { Plural: "customresourcedefinitions", Group: "apiextensions.k8s.io" } or { Plural: "apiservices", Group: "apiregistration.k8s.io" };
        var feed = new OwnerGraph.Feed(graph, resource, kinds.Find, changesDiscovery ? LookAgain : () => { });
        var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var reflector = new Reflector<PartialObjectMetadata>(client.Transport, resource, new ReflectorOptions(), feed, time, logger);
        return new(feed, reflector.RunAsync(stop.Token), stop);
    }

    private async Task AwaitSyncAsync(CancellationToken ct)
    {
        try
        {
            await Waits.UntilAllAsync([.. _monitors.Values.Select(m => m.Feed.Synced)], SyncPatience, time, ct);
        }
        catch (TimeoutException)
        {
            // A kind that cannot be listed must not keep all others' garbage.
            metrics.KindsUnknown();
            LogNotSynced(string.Join(", ", _monitors.Values.Where(m => !m.Feed.Synced.IsCompleted).Select(m => m.Feed.Resource.Plural)));
        }
    }

    [LoggerMessage(LogLevel.Warning, "The garbage collector could not ask which kinds there are: {Error}")]
    private partial void LogDiscoveryFailed(string error);

    [LoggerMessage(LogLevel.Warning, "The garbage collector goes on without these kinds, which could not be listed: {Resources}")]
    private partial void LogNotSynced(string resources);

    private sealed record Monitor(OwnerGraph.Feed Feed, Task Run, CancellationTokenSource Stop)
    {
        public async Task StopAsync()
        {
            await Stop.CancelHereAsync();
            await Run;
            Stop.Dispose();
        }
    }
}
