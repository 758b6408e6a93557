using Kobune.Api.Clocks;
using Kobune.Api.Core.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Metrics;

namespace Kobune.Scheduler.Queue;

/// <summary>
/// Pods that want a node, in three places: active (sorted by the queue-sort plugin), backing off, and unschedulable, from where changes of the
/// cluster move them on when a plugin that rejected them sees hope. Safe from any thread. Source: pkg/scheduler/backend/queue.
/// </summary>
internal sealed partial class SchedulingQueue : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Profiles _profiles;
    private readonly SchedulerOptions _options;
    private readonly TimeProvider _time;
    private readonly SortedSet<QueuedPod> _active;
    private readonly SortedSet<QueuedPod> _backoff;
    private readonly Dictionary<string, QueuedPod> _unschedulable = new(StringComparer.Ordinal);
    private readonly Dictionary<string, QueuedPod> _all = new(StringComparer.Ordinal);
    private readonly InFlightPods _inFlight = new();
    private readonly ITimer _timer;
    private DateTimeOffset _timerDue = DateTimeOffset.MaxValue;
    private TaskCompletionSource? _waiting;
    private long _sequence;

    public SchedulingQueue(Profiles profiles, SchedulerOptions options, TimeProvider time)
    {
        _profiles = profiles;
        _options = options;
        _time = time;
        _active = new(Comparer<QueuedPod>.Create(Compare));
        _backoff = new(Comparer<QueuedPod>.Create((left, right) => left.BackoffUntil.CompareTo(right.BackoffUntil) is var order && order != 0 ? order : Compare(left, right)));
        _timer = time.CreateTimer(static queue => ((SchedulingQueue)queue!).Flush(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many pods are in each place, for metrics and tests.</summary>
    public (int Active, int Backoff, int Unschedulable, int InFlight) Counts
    {
        get
        {
            lock (_lock)
            {
                return (_active.Count, _backoff.Count, _unschedulable.Count, _inFlight.Count);
            }
        }
    }

    /// <summary>The same for metrics: gated pods apart, and which plugins rejected how many.</summary>
    public SchedulerState State
    {
        get
        {
            lock (_lock)
            {
                var gated = _unschedulable.Values.Count(q => q.IsGated);
                var rejected = _unschedulable.Values.SelectMany(q => q.Rejectors.Select(r => (Plugin: r, Profile: q.Pod.Spec.SchedulerName))).GroupBy(r => r).Select(g => (g.Key.Plugin, g.Key.Profile, g.Count()));
                return new() { Active = _active.Count, Backoff = _backoff.Count, Unschedulable = _unschedulable.Count - gated, Gated = gated, Rejected = [.. rejected], InFlight = _inFlight.Counts };
            }
        }
    }

    /// <summary>A pod that has no node yet, seen for the first time.</summary>
    public void Add(Pod pod)
    {
        lock (_lock)
        {
            var uid = pod.Metadata.Uid;
            if (_all.ContainsKey(uid) || _inFlight.Contains(uid))
            {
                return;
            }

            var queued = new QueuedPod(new PodInfo(pod), _time.GetUtcNow(), _sequence++);
            _all.Add(uid, queued);
            Activate(queued, "PodAdd");
        }
    }

    /// <summary>A newer revision of a waiting pod.</summary>
    public void Update(Pod old, Pod pod)
    {
        lock (_lock)
        {
            var changes = PodChanges.Of(old, pod);
            if (_inFlight.Find(pod.Metadata.Uid) is { } flying)
            {
                // The cycle goes on with what it has; when it fails, it fails with the new one in mind.
                flying.Info = new PodInfo(pod);
                Note(changes, old, pod);
                return;
            }

            if (!_all.TryGetValue(pod.Metadata.Uid, out var queued))
            {
                return;
            }

            var place = _active.Remove(queued) ? _active : _backoff.Remove(queued) ? _backoff : null;
            queued.Info = new PodInfo(pod);
            if (place is not null)
            {
                place.Add(queued); // its order may be another now
            }
            else if (_unschedulable.ContainsKey(queued.Uid) && changes != ActionType.None)
            {
                MoveIfWorth(queued, new ClusterEvent(EventResource.UnscheduledPod, changes, old, pod));
            }
        }
    }

    /// <summary>The pod is gone, or has a node.</summary>
    public void Delete(string uid)
    {
        lock (_lock)
        {
            if (_all.Remove(uid, out var queued))
            {
                _active.Remove(queued);
                _backoff.Remove(queued);
                _unschedulable.Remove(uid);
            }
        }
    }

    /// <summary>The next pod to schedule; it is in flight until <see cref="Done"/> or <see cref="AddUnschedulable"/>.</summary>
    public async ValueTask<QueuedPod> PopAsync(CancellationToken ct)
    {
        while (true)
        {
            TaskCompletionSource waiting;
            lock (_lock)
            {
                if (TakeNext() is { } next)
                {
                    _all.Remove(next.Uid);
                    next.Attempts++;
                    _inFlight.Add(next);
                    return next;
                }

                _waiting = waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously); // one loop pops
            }

            using var cancelled = ct.Cancels(waiting);
            await waiting.Task;
        }
    }

    /// <summary>The pod needs no more scheduling.</summary>
    public void Done(string uid)
    {
        lock (_lock)
        {
            _inFlight.Remove(uid);
        }
    }

    public void Dispose() => _timer.Dispose();

    private int Compare(QueuedPod left, QueuedPod right) => _profiles.QueueSort.Compare(left, right) is var order && order != 0 ? order : left.Sequence.CompareTo(right.Sequence);

    /// <summary>The first active pod; when there is none, one that backs off without an error, for then waiting would serve nobody.</summary>
    private QueuedPod? TakeNext()
    {
        var next = _active.Min;
        if (next is not null)
        {
            _active.Remove(next);
            return next;
        }

        foreach (var candidate in _backoff)
        {
            if (candidate.ErrorCount == 0)
            {
                _backoff.Remove(candidate);
                return candidate;
            }
        }

        return null;
    }

    private void Activate(QueuedPod queued, string why)
    {
        if (!IsKeptOut(queued, why))
        {
            queued.FirstActiveAt ??= _time.GetUtcNow();
            _active.Add(queued);
            _options.Metrics.Queued("active", why);
            Wake();
        }
    }

    /// <summary>A plugin that does not want the pod to be tried is asked again when what it waits for happens.</summary>
    private bool IsKeptOut(QueuedPod queued, string why)
    {
        var gate = _profiles.Of(queued.Pod).Framework.PreEnqueue(queued.Pod);
        queued.IsGated = gate is not null;
        if (gate is not null)
        {
            queued.Rejectors.Clear();
            queued.Rejectors.Add(gate.Plugin);
            _unschedulable[queued.Uid] = queued;
            _options.Metrics.Queued("gated", why);
        }

        return queued.IsGated;
    }

    private void Wake()
    {
        _waiting?.TrySetResult();
        _waiting = null;
    }
}
