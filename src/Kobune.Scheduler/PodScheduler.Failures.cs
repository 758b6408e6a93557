using Kobune.Api.Core.V1;
using Kobune.Client.Events;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Metrics;
using Kobune.Scheduler.Queue;
using Microsoft.Extensions.Logging;

namespace Kobune.Scheduler;

/// <summary>What becomes of a pod that was not placed: back into the queue, told why, and room made for it where that helps.</summary>
internal sealed partial class PodScheduler
{
    /// <summary>The place that was taken is free again, for others too.</summary>
    private async Task UndoAsync(QueuedPod queued, CycleState state, PodInfo assumed, string nodeName, Status reason, CancellationToken ct)
    {
        await profiles.Of(assumed.Pod).Framework.UnreserveAsync(state, assumed, nodeName, ct);
        cache.Forget(assumed.Uid);
        if (!reason.IsRejection)
        {
            Fail(queued, reason.Message, isError: true, nominatedNodeName: "", ct);
            queue.Move(new ClusterEvent(EventResource.AssignedPod, ActionType.Delete, Old: assumed.Pod));
            return;
        }

        queued.Rejectors.Clear();
        queued.Rejectors.Add(reason.Plugin);
        var diagnosis = new Diagnosis(allNodes: 1);
        diagnosis.Add(nodeName, reason);
        Fail(queued, FitMessage.Of(diagnosis), isError: false, nominatedNodeName: "", ct);
        queue.Move(new ClusterEvent(EventResource.AssignedPod, ActionType.Delete, Old: assumed.Pod));
    }

    private void Fail(QueuedPod queued, string message, bool isError, string? nominatedNodeName, CancellationToken ct, Func<CancellationToken, Task>? work = null)
    {
        var metadata = queued.Pod.Metadata;
        metrics.Attempted(queued.Pod.Spec.SchedulerName, isError ? "error" : "unschedulable", queued.Meter!.Elapsed);
        queue.AddUnschedulable(queued, isError);

        // Asked after it is back in the queue: a delete that comes now finds it there, one that came before is seen here.
        if (pods.Find(metadata.Namespace, metadata.Name) is not { Spec.NodeName: "" } current || current.Metadata.Uid != metadata.Uid)
        {
            queue.Delete(metadata.Uid);
            if (work is not null)
            {
                _tasks.Run(() => MakeRoomAsync(queued, work, new CancellationToken(canceled: true))); // nobody needs it, and it learns so
            }

            return;
        }

        if (nominatedNodeName is not null)
        {
            nominator.Set(queued.Info, nominatedNodeName);
        }

        profiles.Of(queued.Pod).Events.Warning(current, "FailedScheduling", message);
        var written = Tell(queued, current, isError ? PodConditionWriter.SchedulerError : PodConditionWriter.Unschedulable, message, nominatedNodeName, ct);
        if (work is not null)
        {
            _tasks.Run(async () =>
            {
                await written;
                var (begun, isDone) = (time.GetTimestamp(), await MakeRoomAsync(queued, work, ct));
                if (nominatedNodeName is { Length: > 0 })
                {
                    metrics.Calls.Preempted(isDone, time.GetElapsedTime(begun));
                }
            });
        }
    }

    /// <summary>Writes into the pod's status after what earlier cycles still write, and at once takes the place for that: the last word is that of the last cycle.</summary>
    private Task Tell(QueuedPod queued, Pod pod, string reason, string message, string? nominatedNodeName, CancellationToken ct)
    {
        var (before, ended) = (queued.Telling, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var isOther = queued.Told is { } told && told != (reason, message, nominatedNodeName);
        (queued.Telling, queued.Told) = (ended.Task, (reason, message, nominatedNodeName));
        metrics.Calls.Waits(CallMetrics.Condition, 1);
        _tasks.Run(async () =>
        {
            try
            {
                await before;
                metrics.Calls.Waits(CallMetrics.Condition, -1);
                await conditions.WriteAsync(pod, reason, message, nominatedNodeName, isOther, ct);
            }
            finally
            {
                ended.SetResult();
            }
        });
        return ended.Task;
    }

    /// <summary>After the nomination is written: who sees victims go also sees for whom.</summary>
    /// <returns>Whether it was made.</returns>
    private async Task<bool> MakeRoomAsync(QueuedPod queued, Func<CancellationToken, Task> work, CancellationToken ct)
    {
        try
        {
            await work(ct);
            queue.Ungate(queued.Uid);
            return true;
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            LogNoRoom(queued.Pod.Metadata.Namespace, queued.Pod.Metadata.Name, e.Message);
            queue.RetryLater(queued.Uid);
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }

        return false;
    }

    [LoggerMessage(LogLevel.Warning, "Room for {Namespace}/{Name} could not be made: {Error}")]
    private partial void LogNoRoom(string @namespace, string name, string error);
}
