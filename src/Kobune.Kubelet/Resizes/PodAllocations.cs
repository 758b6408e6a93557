using System.Collections.Concurrent;
using Kobune.Api.Core.V1;
using Kobune.Kubelet.Containers;
using Kobune.Kubelet.Events;

namespace Kobune.Kubelet.Resizes;

/// <summary>
/// What each pod was given, what its containers really have, and the resizes between both (kubelet/allocation, AllocationManager). A pod asks in its
/// spec; it is given what it asks for when the node has room; the pod's worker then writes it to the containers. Kept on disk with the pod, so that
/// a kubelet that starts again knows what it had granted.
/// </summary>
/// <param name="store">Where it is kept.</param>
/// <param name="events">Told of each resize.</param>
/// <param name="node">The node as it is now; null when it is not known yet.</param>
/// <param name="active">All pods that have not ended.</param>
/// <param name="wake">Makes a pod's worker look again.</param>
/// <param name="time">The clock.</param>
internal sealed class PodAllocations(AllocationStore store, IKubeletEvents events, Func<Node?> node, Func<IEnumerable<Pod>> active, Action<string> wake, TimeProvider time)
{
    /// <summary>How long a deferred resize waits for another look when nothing else wakes it.</summary>
    internal static readonly TimeSpan RetryPeriod = TimeSpan.FromMinutes(3);

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>All that is known of one pod. Replaced whole, under the lock.</summary>
    private sealed record Entry(PodAllocation Allocated, PodAllocation Actuated)
    {
        /// <summary>The pod whose wish waits, and since when.</summary>
        internal PendingResize? Waits { get; init; }

        internal PodCondition? Pending { get; init; }

        internal PodCondition? InProgress { get; init; }
    }

    /// <summary>A pod came, or its spec changed.</summary>
    internal void Offer(Pod pod)
    {
        lock (_lock)
        {
            var uid = pod.Metadata.Uid;
            if (!_entries.TryGetValue(uid, out var entry))
            {
                var kept = store.Read(uid);
                entry = kept is { } known ? new(known.Allocated, known.Actuated) : new(PodAllocation.Of(pod), pod.Status.ContainerStatuses.Count > 0 ? PodAllocation.Of(pod) : PodAllocation.None);
                Put(uid, entry, changed: kept is null && PodQuality.QosClass(pod) != PodQuality.BestEffort); // what asks for nothing is never resized
            }

            if (ReferenceEquals(entry.Allocated.ApplyTo(pod), pod))
            {
                Put(uid, entry with { Waits = null, Pending = null }, changed: false);
                return;
            }

            Put(uid, entry with { Waits = new(pod, entry.Allocated, entry.Waits?.Since ?? time.GetUtcNow()) }, changed: false);
        }

        Retry();
    }

    internal void Forget(string uid)
    {
        _entries.TryRemove(uid, out _);
        Retry(); // there is room now
    }

    /// <summary>The pod with what it was given.</summary>
    internal Pod Apply(Pod pod) => _entries.TryGetValue(pod.Metadata.Uid, out var entry) ? entry.Allocated.ApplyTo(pod) : pod;

    /// <summary>What the containers of the pod really have, as far as they were started; null for a pod that is not known.</summary>
    internal PodAllocation? Actuated(Pod pod) => _entries.TryGetValue(pod.Metadata.Uid, out var entry) ? entry.Actuated : null;

    internal bool IsDeferred(string uid) => _entries.TryGetValue(uid, out var entry) && entry.Waits is not null;

    /// <summary>PodResizePending and PodResizeInProgress, those that hold.</summary>
    internal IReadOnlyList<PodCondition> Conditions(string uid) => !_entries.TryGetValue(uid, out var entry) ? []
        : [.. new[] { entry.Pending, entry.InProgress }.OfType<PodCondition>()];

    /// <summary>A container was started with, or has been given, these resources.</summary>
    internal void SetActuated(string uid, string container, ResourceRequirements resources)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(uid, out var entry) && entry.Allocated.Find(container) is not null && entry.Actuated.Find(container) != resources)
            {
                // What asks for nothing, and gets nothing, needs no file.
                Put(uid, entry with { Actuated = entry.Actuated.With(container, resources) }, changed: resources != ResourceRequirements.Empty);
            }
        }
    }

    /// <summary>A part of the resize failed; the next step of the pod tries again.</summary>
    internal void Failed(Pod pod, string message)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(pod.Metadata.Uid, out var entry) || entry.InProgress?.Message == message)
            {
                return;
            }

            var condition = entry.InProgress ?? InProgress(pod);
            Put(pod.Metadata.Uid, entry with { InProgress = condition with { Reason = "Error", Message = message } }, changed: false);
        }

        events.Pod(pod, null, EventReasons.Warning, EventReasons.ResizeError, ResizeMessages.Failed(pod, message));
    }

    /// <summary>Nothing that runs differs from what the pod was given.</summary>
    internal void Completed(Pod allocated)
    {
        long generation;
        lock (_lock)
        {
            if (!_entries.TryGetValue(allocated.Metadata.Uid, out var entry) || entry.InProgress is not { } condition)
            {
                return;
            }

            generation = condition.ObservedGeneration;
            Put(allocated.Metadata.Uid, entry with { InProgress = null }, changed: false);
        }

        events.Pod(allocated, null, EventReasons.Normal, EventReasons.ResizeCompleted, ResizeMessages.Completed(allocated, generation));
        Retry(); // a pod that shrank made room
    }

    /// <summary>Looks at all wishes again, the most deserving first.</summary>
    internal void Retry()
    {
        var told = new List<Action>();
        lock (_lock)
        {
            var waiting = _entries.Values.Select(e => e.Waits).OfType<PendingResize>().ToList();
            if (waiting.Count == 0 || node() is not { } now)
            {
                return;
            }

            foreach (var pending in ResizeAdmission.Sorted(waiting))
            {
                Decide(pending, now, told);
            }
        }

        foreach (var tell in told)
        {
            tell();
        }
    }

    private void Decide(PendingResize pending, Node now, List<Action> told)
    {
        var pod = pending.Pod;
        var uid = pod.Metadata.Uid;
        var entry = _entries[uid];
        var others = active().Where(p => p.Metadata.Uid != uid).Select(Apply).ToList();
        if (ResizeAdmission.Refusal(pod, now, others) is not var (reason, message))
        {
            Put(uid, entry with { Allocated = PodAllocation.Of(pod), Waits = null, Pending = null, InProgress = InProgress(pod) }, changed: true);
            told.Add(() => events.Pod(pod, null, EventReasons.Normal, EventReasons.ResizeStarted, ResizeMessages.Started(pod)));
            told.Add(() => wake(uid));
            return;
        }

        var waits = reason == ResizeAdmission.Deferred ? pending : null;
        if (entry.Pending is { } known && known.Reason == reason && known.Message == message && known.ObservedGeneration == pod.Metadata.Generation)
        {
            Put(uid, entry with { Waits = waits }, changed: false);
            return;
        }

        var since = entry.Pending?.LastTransitionTime ?? Second();
        Put(uid, entry with { Waits = waits, Pending = new() { Type = "PodResizePending", Status = "True", Reason = reason, Message = message, ObservedGeneration = pod.Metadata.Generation, LastTransitionTime = since } }, changed: false);
        told.Add(() => events.Pod(pod, null, EventReasons.Warning, waits is null ? EventReasons.ResizeInfeasible : EventReasons.ResizeDeferred, ResizeMessages.Pending(pod, reason, message)));
        told.Add(() => wake(uid));
    }

    private PodCondition InProgress(Pod pod) => new() { Type = "PodResizeInProgress", Status = "True", ObservedGeneration = pod.Metadata.Generation, LastTransitionTime = Second() };

    private void Put(string uid, Entry entry, bool changed)
    {
        _entries[uid] = entry;
        if (changed)
        {
            store.Write(uid, entry.Allocated, entry.Actuated);
        }
    }

    private DateTimeOffset Second()
    {
        var now = time.GetUtcNow();
        return new(now.Ticks - (now.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
    }
}
