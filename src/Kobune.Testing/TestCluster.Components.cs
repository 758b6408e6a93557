using Kobune.Client;
using Kobune.SimulatedNode;

namespace Kobune.Testing;

/// <content>Parts of the cluster that stop and start.</content>
public sealed partial class TestCluster
{
    private readonly Dictionary<string, IComponent> _stopped = new(StringComparer.Ordinal);

    /// <summary>Calls of components that the clock does not count.</summary>
    internal IReadOnlyCollection<string> Strays => _clock?.Scheduler.Strays ?? [];

    /// <summary>Stops a controller ("deployment-controller"), or all of them ("kube-controller-manager"), or "kube-scheduler"; what it had in hand is left as it is.</summary>
    /// <exception cref="ArgumentException">None of this name runs.</exception>
    public Task StopControllerAsync(string name) => InsideAsync(async () =>
    {
        if (await _host.Components.StopAsync(name) is { } component)
        {
            _stopped[name] = component;
            return;
        }

        await (_host.Controllers ?? throw new ArgumentException($"No controllers run: {name}", nameof(name))).StopControllerAsync(name);
    });

    /// <summary>Starts what was stopped; it begins anew from what the API says.</summary>
    public Task StartControllerAsync(string name) => InsideAsync(() =>
    {
        if (_stopped.Remove(name, out var component))
        {
            _host.Components.Start(component);
        }
        else
        {
            (_host.Controllers ?? throw new ArgumentException($"No controllers run: {name}", nameof(name))).StartController(name);
        }

        return Task.CompletedTask;
    });

    /// <summary>A simulated node goes silent, as one that lost its power: no lease, no status, its pods stand still.</summary>
    public void StopNode(string name) => Nodes.StopNode(name);

    /// <summary>A silent node is back.</summary>
    public Task StartNodeAsync(string name, CancellationToken ct = default) => InsideAsync(() => Nodes.StartNodeAsync(name, ct), ct);

    private SimulatedNodeComponent Nodes => _nodes ?? throw new InvalidOperationException("The cluster has no simulated nodes");

    /// <summary>Does something inside of the cluster, where its clock counts it and gives it the time that it waits for.</summary>
    private Task InsideAsync(Func<Task> work, CancellationToken ct = default)
    {
        return _clock is { } clock ? clock.CompleteAsync(DoneAsync, ct) : work();

        async Task<bool> DoneAsync()
        {
            await work();
            return true;
        }
    }
}
