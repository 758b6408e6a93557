using System.Collections.Concurrent;
using Kobune.Api.Core.V1;
using Kobune.Kubelet.Events;
using Microsoft.Extensions.Logging;

namespace Kobune.Kubelet.Pods;

/// <summary>One worker a pod UID.</summary>
internal sealed partial class PodWorkers(PodWorkerServices services, ILogger logger)
{
    private readonly ConcurrentDictionary<string, (PodWorker Worker, Task Task)> _workers = new();
    private readonly Lock _lock = new();
    private CancellationToken _ct;

    internal IEnumerable<PodWorker> All => _workers.Values.Select(w => w.Worker);

    internal PodWorker? Find(string uid) => _workers.TryGetValue(uid, out var entry) ? entry.Worker : null;

    internal PodWorker? Find(string ns, string name) =>
        All.Where(w => w.Pod.Metadata.Name == name && w.Pod.Metadata.Namespace == ns).OrderBy(w => w.IsTerminating).FirstOrDefault();

    /// <summary>A pod came or changed. The admission's verdict counts for a pod that is new here.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="admit">Reason and message when it cannot run here; null when it can.</param>
    /// <param name="confirm">The same with the node as the API has it now, asked before a pod fails: the scheduler may have seen a label or a taint's end before us.</param>
    internal void Update(Pod pod, Func<Pod, (string Reason, string Message)?> admit, Func<Pod, CancellationToken, Task<(string Reason, string Message)?>> confirm)
    {
        lock (_lock)
        {
            if (_workers.TryGetValue(pod.Metadata.Uid, out var known))
            {
                services.Allocations.Offer(pod);
                known.Worker.Update(pod);
                return;
            }

            var verdict = pod.Metadata.DeletionTimestamp is null && pod.Status.Phase is not (PodPhase.Failed or PodPhase.Succeeded) ? admit(pod) : null;
            services.Allocations.Offer(pod);
            var worker = new PodWorker(pod, services, logger);
            // A worker must be findable before it runs: else the first result of a quick probe wakes nobody.
            var registered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _workers[pod.Metadata.Uid] = (worker, RunAsync(worker, registered.Task, verdict is null ? null : confirm));
            registered.SetResult();
        }
    }

    /// <summary>The pod is gone from its source.</summary>
    internal void Remove(string uid) => Find(uid)?.Remove();

    internal void Wake(string uid) => Find(uid)?.Wake();

    internal void WakeAll()
    {
        foreach (var worker in All)
        {
            worker.Wake();
        }
    }

    /// <summary>Must be called once before the first update.</summary>
    internal void Start(CancellationToken ct) => _ct = ct;

    /// <summary>Waits for all workers after the token was cancelled. Containers live on.</summary>
    internal Task StopAsync() => Task.WhenAll(_workers.Values.Select(w => w.Task));

    private async Task RunAsync(PodWorker worker, Task registered, Func<Pod, CancellationToken, Task<(string Reason, string Message)?>>? confirm)
    {
        await registered;
        try
        {
            if (confirm is not null && await confirm(worker.Pod, _ct) is { } refusal)
            {
                services.Events.Pod(worker.Pod, null, EventReasons.Warning, refusal.Reason, refusal.Message);
                worker.Fail(refusal.Reason, "Pod was rejected: " + refusal.Message);
            }

            await worker.RunAsync(_ct);
            _workers.TryRemove(worker.Uid, out _);
            services.Statuses.Forget(worker.Uid);
            services.Allocations.Forget(worker.Uid);
        }
        catch (OperationCanceledException) when (_ct.IsCancellationRequested)
        {
            // The kubelet stops; the pods do not.
        }
        catch (Exception e)
        {
            LogDied(worker.Uid, e);
            throw;
        }
        finally
        {
            worker.Dispose();
        }
    }

    [LoggerMessage(LogLevel.Error, "The worker of pod {Uid} died")]
    private partial void LogDied(string uid, Exception exception);
}
