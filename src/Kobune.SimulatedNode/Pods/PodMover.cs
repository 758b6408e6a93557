using Kobune.Api.Clocks;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;
using Kobune.SimulatedNode.Nodes;
using Microsoft.Extensions.Logging;

namespace Kobune.SimulatedNode.Pods;

/// <summary>Moves the pods of all simulated nodes through their stages: one watch, one queue, a few workers.</summary>
internal sealed partial class PodMover(SimulatedNodeOptions options, SimulatedNodes nodes, IInformer<Pod> pods, IInformer<Node> nodeInformer, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan AddressRetry = TimeSpan.FromMilliseconds(200);
    private readonly WorkQueue<ObjectKey> _queue = new(time, new() { Max = TimeSpan.FromSeconds(30) });
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, Appointment> _appointments = [];

    /// <summary>When a stage falls due for a pod that does not change meanwhile.</summary>
    private readonly record struct Appointment(string Uid, string Stage, DateTimeOffset Due);

    public async Task RunAsync(CancellationToken ct)
    {
        using var subscription = pods.Subscribe(OnChange);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var workers = Enumerable.Range(0, options.Workers).Select(_ => WorkAsync(stop.Token)).ToList();
        var first = await Task.WhenAny(workers);
        await stop.CancelHereAsync();
        await Task.WhenAll(workers).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await first;
    }

    public void Dispose() => _queue.Dispose();

    /// <summary>A node that stood still goes on with its pods.</summary>
    public void Resume(string node)
    {
        foreach (var pod in pods.Cache.List().Where(p => p.Spec.NodeName == node))
        {
            _queue.Add(ObjectKey.Of(pod));
        }
    }

    private void OnChange(Change<Pod> change)
    {
        var pod = change.Object;
        if (!nodes.Has(pod.Spec.NodeName))
        {
            return;
        }

        if (change.New is null)
        {
            nodes.Release(pod.Spec.NodeName, pod.Metadata.Uid);
            lock (_gate)
            {
                _appointments.Remove(change.Key);
            }
        }
        else
        {
            if (change.Old is null && pod is { Status.PodIP.Length: > 0, Spec.HostNetwork: false } && pod.Status.Phase == PodPhase.Running)
            {
                nodes.PoolOf(nodeInformer.Cache.Find("", pod.Spec.NodeName))?.Keep(pod.Metadata.Uid, pod.Status.PodIP);
            }

            _queue.Add(change.Key);
        }
    }

    private async Task WorkAsync(CancellationToken ct)
    {
        while (true)
        {
            var key = await _queue.TakeAsync(ct);
            try
            {
                await MoveAsync(key, ct);
                _queue.Forget(key);
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                _queue.Forget(key); // the pod went
            }
            catch (Exception e) when (e is ApiException or HttpRequestException)
            {
                LogNotMoved(key, e.Message);
                _queue.AddRateLimited(key);
            }
            finally
            {
                _queue.Done(key);
            }
        }
    }

    private async Task MoveAsync(ObjectKey key, CancellationToken ct)
    {
        if (pods.Cache.Find(key.Namespace, key.Name) is not { } pod || !nodes.IsRunning(pod.Spec.NodeName) || options.Stages.FirstOrDefault(s => s.Matches(pod)) is not { } stage)
        {
            return;
        }

        var rest = DueIn(key, pod, stage);
        if (rest > TimeSpan.Zero)
        {
            _queue.AddAfter(key, rest);
            return;
        }

        LogMoving(key, stage.Name);
        await (stage.Result switch
        {
            PodStageResult.Running or PodStageResult.Unready => StartAsync(key, pod, stage.Result == PodStageResult.Running, ct),
            PodStageResult.Restarted => WriteAsync(pod, ContainerRestarts.Restarted(pod, stage.ExitCode?.Invoke(pod) ?? 0, time.GetUtcNow()), ct),
            PodStageResult.BackingOff => WriteAsync(pod, ContainerRestarts.BackingOff(pod, stage.ExitCode?.Invoke(pod) ?? 1, time.GetUtcNow()), ct),
            PodStageResult.Resized => WriteAsync(pod, PodResize.Apply(pod, options.Capacity, time.GetUtcNow()), ct),
            PodStageResult.Succeeded => WriteAsync(pod, PodStatuses.Ended(pod, 0, time.GetUtcNow()), ct),
            PodStageResult.Failed => WriteAsync(pod, PodStatuses.Ended(pod, stage.ExitCode?.Invoke(pod) is { } code and not 0 ? code : 1, time.GetUtcNow()), ct),
            _ => DeleteAsync(pod, ct),
        });
        if (stage.Result == PodStageResult.Restarted)
        {
            lock (_gate)
            {
                _appointments.Remove(key); // what runs anew may come to the same stage, and has all its time again
            }
        }
    }

    /// <summary>The delay counts from when the pod was first seen fit for the stage.</summary>
    private TimeSpan DueIn(ObjectKey key, Pod pod, PodStage stage)
    {
        var delay = stage.Delay?.Invoke(pod) ?? TimeSpan.Zero;
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (delay <= TimeSpan.Zero)
            {
                _appointments.Remove(key);
                return TimeSpan.Zero;
            }

            if (!_appointments.TryGetValue(key, out var known) || known.Uid != pod.Metadata.Uid || known.Stage != stage.Name)
            {
                _appointments[key] = known = new(pod.Metadata.Uid, stage.Name, now + delay);
            }

            return known.Due - now;
        }
    }

    private async Task StartAsync(ObjectKey key, Pod pod, bool ready, CancellationToken ct)
    {
        var host = nodes.AddressOf(pod.Spec.NodeName);
        var address = pod.Spec.HostNetwork ? host : nodes.PoolOf(nodeInformer.Cache.Find("", pod.Spec.NodeName))?.Take(pod.Metadata.Uid);
        if (address is null)
        {
            _queue.AddAfter(key, AddressRetry); // the node has no range yet, or all its addresses are taken
            return;
        }

        await WriteAsync(pod, PodStatuses.Running(pod, host, address, ready, time.GetUtcNow()), ct);
    }

    private async Task WriteAsync(Pod pod, PodStatus status, CancellationToken ct)
    {
        if (Patch.Between(pod, pod with { Status = status }) is { } patch)
        {
            await nodes.ClientOf(pod.Spec.NodeName).PatchAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name, patch.WithRevision(pod.Metadata.ResourceVersion), "status", ct);
        }
    }

    /// <summary>
    /// Removes the object for good. A pod that others hold by finalizers is first reported as ended, because they count on it; for all others
    /// that report would be seen by nobody.
    /// </summary>
    private async Task DeleteAsync(Pod pod, CancellationToken ct)
    {
        var ended = pod.Status.Phase is PodPhase.Succeeded or PodPhase.Failed;
        if (pod.Metadata.Finalizers.Count > 0 && !ended)
        {
            await WriteAsync(pod, PodStatuses.Ended(pod, pod.Status.Phase == PodPhase.Running ? 143 : 1, time.GetUtcNow()), ct);
            return; // the next event goes on
        }

        if (pod.Metadata.DeletionGracePeriodSeconds is 0 && ended)
        {
            return; // only finalizers keep it
        }

        await nodes.ClientOf(pod.Spec.NodeName).DeleteAsync<Pod>(
            pod.Metadata.Namespace,
            pod.Metadata.Name,
            new() { GracePeriodSeconds = 0, Preconditions = new() { Uid = pod.Metadata.Uid } },
            ct);
    }

    [LoggerMessage(LogLevel.Debug, "Pod {Key}: {Stage}")]
    private partial void LogMoving(ObjectKey key, string stage);

    [LoggerMessage(LogLevel.Warning, "Pod {Key} was not moved, trying again: {Message}")]
    private partial void LogNotMoved(ObjectKey key, string message);
}
