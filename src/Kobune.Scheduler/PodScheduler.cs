using Kobune.Api.Core.V1;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Metrics;
using Kobune.Scheduler.Queue;
using Microsoft.Extensions.Logging;

namespace Kobune.Scheduler;

/// <summary>
/// The loop: one pod after the other gets its node (scheduling cycle); binding it is a task of its own, so that a decision never waits for the server.
/// </summary>
/// <remarks>
/// pop -> filter, score -> assume -> reserve -> permit -> [task: wait for permit -> pre-bind -> bind -> post-bind]
/// Whatever fails on the way undoes what was done and puts the pod back into the queue.
/// </remarks>
internal sealed partial class PodScheduler(
    Profiles profiles,
    SchedulingQueue queue,
    SchedulerCache cache,
    Snapshot snapshot,
    Nominator nominator,
    ICache<Pod> pods,
    PodConditionWriter conditions,
    SchedulerMetrics metrics,
    TimeProvider time,
    ILogger logger)
{
    private const int CloselyOneOf = 10;

    private readonly OwnedTasks _tasks = new();
    private int _cycles;

    /// <summary>Schedules until cancelled; all bindings have ended when it returns.</summary>
    public async Task RunAsync(int maxBindings, CancellationToken ct)
    {
        try
        {
            while (true)
            {
                var queued = await queue.PopAsync(ct);
                await _tasks.WaitForRoomAsync(maxBindings, ct);
                await ScheduleOneAsync(queued, ct);
            }
        }
        finally
        {
            await _tasks.WaitForAllAsync();
        }
    }

    private async Task ScheduleOneAsync(QueuedPod queued, CancellationToken ct)
    {
        var pod = queued.Info;
        if (IsToSkip(pod))
        {
            queue.Done(pod.Uid);
            return;
        }

        var meter = new CycleMeter(metrics, pod.Pod.Spec.SchedulerName, time, _cycles++ % CloselyOneOf == 0);
        var state = new CycleState { Meter = meter };
        queued.Meter = meter;
        try
        {
            cache.Update(snapshot);
            var nodeName = profiles.Of(pod.Pod).Algorithm.Schedule(state, pod, out var diagnosis);
            metrics.Decided(meter.Elapsed);
            if (nodeName is null)
            {
                Reject(queued, state, diagnosis, ct);
                return;
            }

            await PlaceAsync(queued, pod, state, nodeName, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            LogFailed(pod.Pod.Metadata.Namespace, pod.Pod.Metadata.Name, e);
            Fail(queued, e.Message, isError: true, nominatedNodeName: "", ct);
        }
    }

    /// <summary>A pod that is being deleted needs no node; one whose binding is under way has one.</summary>
    private bool IsToSkip(PodInfo pod)
    {
        var metadata = pod.Pod.Metadata;
        if (metadata.DeletionTimestamp is null)
        {
            return cache.IsAssumed(pod.Uid);
        }

        profiles.Of(pod.Pod).Events.Warning(pod.Pod, "FailedScheduling", $"skip schedule deleting pod: {metadata.Namespace}/{metadata.Name}");
        return true;
    }

    private void Reject(QueuedPod queued, CycleState state, Diagnosis diagnosis, CancellationToken ct)
    {
        queued.Rejectors.Clear();
        if (diagnosis.AllNodes == 0)
        {
            queued.Rejectors.Add("NodeName"); // it waits for nodes, any node
            Fail(queued, FitMessage.NoNodes, isError: false, nominatedNodeName: "", ct);
            return;
        }

        queued.Rejectors.UnionWith(diagnosis.UnschedulablePlugins);
        var start = queued.Meter!.Now();
        var result = profiles.Of(queued.Pod).Framework.PostFilter(state, queued.Info, diagnosis);
        queued.Meter.Point("PostFilter", result.Status, start);
        metrics.TriedToPreempt(result.Victims);
        if (result.Status is { IsRejection: false } failure)
        {
            LogNoPostFilter(queued.Pod.Metadata.Namespace, queued.Pod.Metadata.Name, failure.Message); // it fits nowhere all the same, which is what it is told
        }

        diagnosis.PostFilterMessage = result.Status?.Message ?? "";
        Fail(queued, FitMessage.Of(diagnosis), isError: false, result.NominatedNodeName, ct, result.Work);
    }

    private async Task PlaceAsync(QueuedPod queued, PodInfo pod, CycleState state, string nodeName, CancellationToken ct)
    {
        var assumed = new PodInfo(pod.Pod with { Spec = pod.Pod.Spec with { NodeName = nodeName } });
        cache.Assume(assumed, nodeName);
        nominator.Remove(pod.Uid);
        var framework = profiles.Of(pod.Pod).Framework;
        var start = queued.Meter!.Now();
        var refusal = framework.Reserve(state, assumed, nodeName);
        queued.Meter.Point("Reserve", refusal, start);
        if (refusal is not null)
        {
            await UndoAsync(queued, state, assumed, nodeName, refusal, ct);
            return;
        }

        start = queued.Meter.Now();
        var permit = framework.PermitAsync(state, assumed, nodeName, ct);
        queued.Meter.Point("Permit", null, start);
        if (permit.IsCompletedSuccessfully && await permit is { } denial)
        {
            await UndoAsync(queued, state, assumed, nodeName, denial, ct);
            return;
        }

        metrics.Binding(1);
        _tasks.Run(async () =>
        {
            try
            {
                await BindAsync(queued, state, assumed, nodeName, permit, ct);
            }
            finally
            {
                metrics.Binding(-1);
            }
        });
    }

    private async Task BindAsync(QueuedPod queued, CycleState state, PodInfo pod, string nodeName, Task<Status?> permit, CancellationToken ct)
    {
        var framework = profiles.Of(pod.Pod).Framework;
        var meter = queued.Meter!;
        try
        {
            var refusal = await permit;
            await queued.Telling; // else a bound pod could be told that it has no node
            if (refusal is null)
            {
                // From here on the pod is not unschedulable any more, whatever fails: events need not be kept for it.
                queue.Done(pod.Uid);
                var start = meter.Now();
                refusal = await framework.PreBindAsync(state, pod, nodeName, ct);
                meter.Point("PreBind", refusal, start);
            }

            if (refusal is null)
            {
                var start = meter.Now();
                refusal = await framework.BindAsync(state, pod, nodeName, ct);
                meter.Point("Bind", refusal, start);
            }

            if (refusal is not null)
            {
                await UndoAsync(queued, state, pod, nodeName, refusal, ct);
                return;
            }

            metrics.Scheduled(pod.Pod.Spec.SchedulerName, meter.Elapsed, queued.Attempts, time.GetUtcNow() - (queued.FirstActiveAt ?? queued.QueuedAt));
            if (queued.WasFlushed)
            {
                metrics.ScheduledAfterFlush();
            }

            LogBound(pod.Pod.Metadata.Namespace, pod.Pod.Metadata.Name, nodeName);
            profiles.Of(pod.Pod).Events.Normal(pod.Pod, "Scheduled", $"Successfully assigned {pod.Pod.Metadata.Namespace}/{pod.Pod.Metadata.Name} to {nodeName}");
            var after = meter.Now();
            framework.PostBind(state, pod, nodeName);
            meter.Point("PostBind", null, after);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            await UndoAsync(queued, state, pod, nodeName, Status.Error("", e.Message), ct);
        }
        catch (OperationCanceledException)
        {
            cache.Forget(pod.Uid); // stopping; the server knows whether it is bound
        }
    }

    [LoggerMessage(LogLevel.Debug, "Bound {Namespace}/{Name} to {Node}")]
    private partial void LogBound(string @namespace, string name, string node);

    [LoggerMessage(LogLevel.Error, "No room was looked for {Namespace}/{Name}: {Error}")]
    private partial void LogNoPostFilter(string @namespace, string name, string error);

    [LoggerMessage(LogLevel.Error, "Scheduling {Namespace}/{Name} failed")]
    private partial void LogFailed(string @namespace, string name, Exception error);
}
