using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.ControlPlane.InProcess;
using Kobune.Storage.Memory;
using Kobune.Testing.History;

namespace Kobune.Testing;

/// <content>What happened, and going back.</content>
public sealed partial class TestCluster
{
    private static readonly TimeSpan Relist = TimeSpan.FromMilliseconds(200);

    private DateTimeOffset _start;

    /// <summary>Changes of objects, Events and requests since the start.</summary>
    public ClusterHistory History { get; private init; } = null!;

    /// <summary>The history as text, one line for each change, Event and refused request: what a failing test prints.</summary>
    /// <param name="where">Which changes; null for all, and then with refused requests.</param>
    public string Timeline(Func<ObjectChange, bool>? where = null) => TimelineText.Write(History, _start, where);

    /// <summary>Runs assertions; when they fail, the failure carries the timeline.</summary>
    public async Task ShouldAsync(Func<Task> assertions, Func<ObjectChange, bool>? where = null)
    {
        ArgumentNullException.ThrowIfNull(assertions);
        try
        {
            await assertions();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new ClusterAssertionException(e.Message, Timeline(where), e);
        }
    }

    /// <summary>Notes everything that the API holds; milliseconds, the values being shared.</summary>
    public async Task<ClusterSnapshot> SnapshotAsync(CancellationToken ct = default)
    {
        if (_clock is { } clock)
        {
            await clock.SettleAsync(ct);
        }

        return new(_store.Snapshot());
    }

    /// <summary>
    /// Brings back what the API held, as writes at new revisions: watches end as expired and continue tokens too, and every cache lists again. The clock does not go
    /// back; one of the test's own goes on by the fraction of a second that clients wait before they list.
    /// </summary>
    public async Task RestoreAsync(ClusterSnapshot snapshot, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (_clock is { } clock)
        {
            await clock.SettleAsync(ct);
        }

        await InsideAsync(() => RestoreAsync(snapshot.Objects, ct), ct);
        if (_clock is not null)
        {
            await _clock.AdvanceAsync(Relist, ct);
        }
    }

    /// <summary>Controllers that act on what they saw before would make again what is gone: they begin anew.</summary>
    private async Task RestoreAsync(MemorySnapshot objects, CancellationToken ct)
    {
        var stopped = new List<IComponent>();
        foreach (var name in (string[])["kube-scheduler", "kube-controller-manager"])
        {
            if (await _host.Components.StopAsync(name) is { } component)
            {
                stopped.Add(component);
            }
        }

        _store.Restore(objects);
        await _host.Clients.For(InProcessClients.Administrator).ListAsync<Namespace>("", null, ct); // as fresh as the store: from here on no list is of before
        stopped.ForEach(_host.Components.Start);
    }
}
