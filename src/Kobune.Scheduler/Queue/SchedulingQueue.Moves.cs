using Kobune.Api.Core.V1;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Queue;

internal sealed partial class SchedulingQueue
{
    /// <summary>A cycle found no place for the pod (<see cref="QueuedPod.Rejectors"/> say who rejected it), or failed on the way.</summary>
    public void AddUnschedulable(QueuedPod queued, bool isError)
    {
        lock (_lock)
        {
            var missed = _inFlight.Remove(queued.Uid);
            if (!_all.TryAdd(queued.Uid, queued))
            {
                return; // it was deleted and added again meanwhile
            }

            queued.WasFlushed = false;
            queued.QueuedAt = _time.GetUtcNow();
            queued.UnschedulableCount += isError ? 0 : 1;
            queued.ErrorCount = isError ? queued.ErrorCount + 1 : 0;
            queued.BackoffUntil = EndOfWindow(queued.QueuedAt + Backoff(isError ? queued.ErrorCount : queued.UnschedulableCount));
            if (isError || missed.Exists(happened => _profiles.Of(queued.Pod).Framework.IsWorthRetrying(queued.Pod, queued.Rejectors, happened)))
            {
                Retry(queued, "ScheduleAttemptFailure");
                return;
            }

            _unschedulable[queued.Uid] = queued;
            _options.Metrics.Queued("unschedulable", "ScheduleAttemptFailure");
            SetTimer(queued.QueuedAt + _options.PodMaxInUnschedulablePodsDuration);
        }
    }

    /// <summary>A change of the cluster: moves on the pods that it may help, and is remembered for those in flight.</summary>
    public void Move(ClusterEvent happened)
    {
        lock (_lock)
        {
            _inFlight.Note(happened);
            if (_unschedulable.Count == 0)
            {
                return;
            }

            foreach (var queued in _unschedulable.Values.ToList())
            {
                MoveIfWorth(queued, happened);
            }
        }
    }

    /// <summary>Tries a pod again after its back-off though nothing has changed: what was to make room for it failed.</summary>
    public void RetryLater(string uid)
    {
        lock (_lock)
        {
            if (_unschedulable.Remove(uid, out var queued))
            {
                Retry(queued, "PreemptionFailure");
            }
        }
    }

    /// <summary>What kept a pod out of the queue may be over.</summary>
    public void Ungate(string uid)
    {
        lock (_lock)
        {
            if (_unschedulable.TryGetValue(uid, out var queued) && queued.IsGated)
            {
                _unschedulable.Remove(uid);
                Retry(queued, "ForceActivate");
            }
        }
    }

    private void Note(ActionType changes, Pod old, Pod pod)
    {
        if (changes != ActionType.None)
        {
            _inFlight.Note(new ClusterEvent(EventResource.UnscheduledPod, changes, old, pod));
        }
    }

    private void MoveIfWorth(QueuedPod queued, ClusterEvent happened)
    {
        if (_profiles.Of(queued.Pod).Framework.IsWorthRetrying(queued.Pod, queued.Rejectors, happened))
        {
            _unschedulable.Remove(queued.Uid);
            Retry(queued, happened.Label);
        }
    }

    private void Retry(QueuedPod queued, string why)
    {
        if (IsKeptOut(queued, why))
        {
            return;
        }

        if (queued.BackoffUntil <= _time.GetUtcNow())
        {
            Activate(queued, why);
            return;
        }

        queued.FirstActiveAt ??= _time.GetUtcNow();
        _backoff.Add(queued);
        _options.Metrics.Queued("backoff", why);
        if (_active.Count == 0 && queued.ErrorCount == 0)
        {
            Wake();
        }

        SetTimer(queued.BackoffUntil);
    }

    /// <summary>Doubles from the initial to the longest back-off.</summary>
    private TimeSpan Backoff(int failures)
    {
        var backoff = _options.PodInitialBackoff;
        for (var i = 1; i < failures && backoff < _options.PodMaxBackoff; i++)
        {
            backoff *= 2;
        }

        return backoff < _options.PodMaxBackoff ? backoff : _options.PodMaxBackoff;
    }

    /// <summary>Back-offs that end in the same second end together, so that the more important pod comes first. Source: backend/queue, backoff_queue.go.</summary>
    private static DateTimeOffset EndOfWindow(DateTimeOffset time) => time.AddTicks(TimeSpan.TicksPerSecond - (time.Ticks % TimeSpan.TicksPerSecond));

    /// <summary>Back-offs that are over, and pods that nothing has moved for long.</summary>
    private void Flush()
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            _timerDue = DateTimeOffset.MaxValue;
            while (_backoff.Min is { } first && first.BackoffUntil <= now)
            {
                _backoff.Remove(first);
                Activate(first, "BackoffComplete");
            }

            foreach (var queued in _unschedulable.Values.Where(queued => !queued.IsGated && queued.QueuedAt + _options.PodMaxInUnschedulablePodsDuration <= now).ToList())
            {
                queued.WasFlushed = true;
                MoveIfWorth(queued, ClusterEvent.Timeout);
            }

            if (_backoff.Min is { } next)
            {
                SetTimer(next.BackoffUntil);
            }

            var waiting = _unschedulable.Values.Where(queued => !queued.IsGated).ToList();
            if (waiting.Count > 0)
            {
                SetTimer(waiting.Min(queued => queued.QueuedAt) + _options.PodMaxInUnschedulablePodsDuration);
            }
        }
    }

    private void SetTimer(DateTimeOffset due)
    {
        if (due < _timerDue)
        {
            _timerDue = due;
            var wait = due - _time.GetUtcNow();
            _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
