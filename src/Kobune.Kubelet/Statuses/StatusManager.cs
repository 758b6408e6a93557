using System.Collections.Concurrent;
using System.Threading.Channels;
using Kobune.Api.Core.V1;
using Microsoft.Extensions.Logging;

namespace Kobune.Kubelet.Statuses;

/// <summary>
/// The newest status of each pod and its way to the API server (kubelet/status/status_manager.go). A pod that has ended and is being deleted is
/// finally deleted here, after its last status was written.
/// </summary>
internal sealed partial class StatusManager(IStatusWriter writer, Func<Pod, Pod?> apiPod, TimeProvider time, ILogger logger)
{
    private const int Writers = 4;
    private readonly ConcurrentDictionary<string, Entry> _entries = new();
    private readonly Channel<string> _queue = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = false });

    /// <summary>What is known and what was said of one pod. Guarded by itself.</summary>
    private sealed class Entry
    {
        internal Pod Pod = Pod.Empty;
        internal PodStatus Status = PodStatus.Empty;
        internal PodStatus? Written;
        internal string WrittenTo = "";
        internal bool Terminated;
        internal bool Queued;
        internal bool Busy;
    }

    /// <summary>Computes and keeps a status; it is written soon when it changed.</summary>
    internal PodStatus Set(Pod pod, Func<PodStatus, PodStatus> compute)
    {
        var entry = _entries.GetOrAdd(pod.Metadata.Uid, _ => new Entry { Status = pod.Status });
        lock (entry)
        {
            entry.Pod = pod;
            entry.Status = compute(entry.Status);
            Enqueue(entry);
            return entry.Status;
        }
    }

    internal PodStatus? Find(string uid) => _entries.TryGetValue(uid, out var entry) ? entry.Status : null;

    internal DateTimeOffset? StartTime(Pod pod) => Find(pod.Metadata.Uid)?.StartTime ?? pod.Status.StartTime;

    /// <summary>Nothing of the pod runs and its volumes are gone: it may be deleted when that was asked for.</summary>
    internal void Terminated(Pod pod)
    {
        var entry = _entries.GetOrAdd(pod.Metadata.Uid, _ => new Entry { Status = pod.Status, Written = pod.Status, WrittenTo = pod.Metadata.Uid });
        lock (entry)
        {
            entry.Pod = pod;
            entry.Terminated = true;
            Enqueue(entry);
        }
    }

    /// <summary>The pod's API object changed: what it says may have been overwritten.</summary>
    internal void Observe(Pod pod)
    {
        if (_entries.TryGetValue(pod.Metadata.Uid, out var entry))
        {
            lock (entry)
            {
                entry.Pod = pod;
                Enqueue(entry);
            }
        }
    }

    internal void Forget(string uid) => _entries.TryRemove(uid, out _);

    internal Task RunAsync(CancellationToken ct) => Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => WriteLoopAsync(ct)));

    private void Enqueue(Entry entry)
    {
        if (!entry.Queued)
        {
            entry.Queued = true;
            _queue.Writer.TryWrite(entry.Pod.Metadata.Uid);
        }
    }

    private async Task WriteLoopAsync(CancellationToken ct)
    {
        await foreach (var uid in _queue.Reader.ReadAllAsync(ct))
        {
            if (!_entries.TryGetValue(uid, out var entry))
            {
                continue;
            }

            lock (entry)
            {
                if (entry.Busy)
                {
                    continue; // its writer looks again when it is done
                }

                entry.Busy = true;
                entry.Queued = false;
            }

            await WriteAsync(uid, entry, ct);
            lock (entry)
            {
                entry.Busy = false;
                if (entry.Queued)
                {
                    _queue.Writer.TryWrite(uid);
                }
            }
        }
    }

    private async Task WriteAsync(string uid, Entry entry, CancellationToken ct)
    {
        Pod pod;
        PodStatus status;
        PodStatus? written;
        string writtenTo;
        bool terminated;
        lock (entry)
        {
            (pod, status, written, writtenTo, terminated) = (entry.Pod, entry.Status, entry.Written, entry.WrittenTo, entry.Terminated);
        }

        try
        {
            if (apiPod(pod) is not { } target)
            {
                return; // a static pod whose mirror is not there yet: its creation observes again
            }

            if (target.Metadata.Uid != writtenTo)
            {
                written = null; // a mirror that was made anew knows nothing yet
            }

            if (!Equals(written, status) && !await writer.WriteAsync(target, written ?? target.Status, status, ct))
            {
                return;
            }

            lock (entry)
            {
                entry.Written = status;
                entry.WrittenTo = target.Metadata.Uid;
            }

            if (terminated && target.Metadata.DeletionTimestamp is not null)
            {
                await writer.FinishDeletionAsync(target, ct);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            LogFailed(uid, e.Message);
            await Task.Delay(TimeSpan.FromSeconds(1), time, ct);
            lock (entry)
            {
                Enqueue(entry);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Status of pod {Uid} was not written: {Message}")]
    private partial void LogFailed(string uid, string message);
}
