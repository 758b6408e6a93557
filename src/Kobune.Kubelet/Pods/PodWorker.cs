using System.Threading.Channels;
using Kobune.Api.Core.V1;
using Kobune.Grpc;
using Kobune.Kubelet.Containers;
using Kobune.Kubelet.Resizes;
using Kobune.Kubelet.Runtime;
using Kobune.Kubelet.Statuses;
using Microsoft.Extensions.Logging;

namespace Kobune.Kubelet.Pods;

/// <summary>
/// The life of one pod UID, one step at a time: it lives (sync), it ends (containers are stopped), it has ended (volumes are gone, the status
/// says so, the API server may forget it), it is removed (sandboxes, logs and folders go). Updates are latest-wins; any event wakes it.
/// </summary>
internal sealed partial class PodWorker : IDisposable
{
    private readonly PodWorkerServices _services;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly ITimer _timer;
    private Pod _pod;
    private bool _removed;
    private (string Reason, string Message)? _failure;
    private CancellationTokenSource? _living;
    private CancellationTokenSource? _killing;
    private TimeSpan _killGrace;
    private DateTimeOffset? _due;
    private int _faults;

    internal PodWorker(Pod pod, PodWorkerServices services, ILogger logger)
    {
        _pod = pod;
        _services = services;
        _logger = logger;
        _timer = services.Time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _wake.Writer.TryWrite(true);
    }

    internal string Uid => _pod.Metadata.Uid;

    /// <summary>Containers and sandboxes seen by the last look.</summary>
    internal PodRuntimeStatus Status { get; private set; } = PodRuntimeStatus.None("");

    internal bool IsTerminating { get; private set; }

    /// <summary>Nothing runs any more and the volumes are gone.</summary>
    internal bool IsTerminated { get; private set; }

    /// <summary>Whether all its containers have ended for good: it uses nothing of the node any more, though its volumes may still be there.</summary>
    internal bool HasStopped { get; private set; }

    /// <summary>The newest status, written or not.</summary>
    internal PodStatus PublishedStatus => _services.Statuses.Find(Uid) ?? Pod.Status;

    /// <summary>Whether a container waits to run again.</summary>
    internal bool Waits(string container) => PublishedStatus.ContainerStatuses.Concat(PublishedStatus.InitContainerStatuses).Any(s => s.Name == container && s.State.Waiting is not null);

    internal Pod Pod
    {
        get
        {
            lock (_lock)
            {
                return _pod;
            }
        }
    }

    /// <summary>The pod with what it was given, which may be less than it asks for.</summary>
    private Pod Allocated => _services.Allocations.Apply(Pod);

    /// <summary>A newer revision of the pod.</summary>
    internal void Update(Pod pod)
    {
        lock (_lock)
        {
            _pod = pod;
            HurryLocked();
        }

        Wake();
    }

    /// <summary>A newer revision that differs in its status alone.</summary>
    internal void Refresh(Pod pod, bool wake)
    {
        lock (_lock)
        {
            _pod = pod;
        }

        if (wake)
        {
            Wake();
        }
    }

    /// <summary>The pod is gone from its source: it ends, and everything of it is removed.</summary>
    internal void Remove()
    {
        lock (_lock)
        {
            _removed = true;
            HurryLocked();
        }

        Wake();
    }

    /// <summary>The kubelet fails the pod (admission, deadline, eviction).</summary>
    internal void Fail(string reason, string message)
    {
        lock (_lock)
        {
            _failure ??= (reason, message);
        }

        Wake();
    }

    internal void Wake() => _wake.Writer.TryWrite(true);

    public void Dispose() => _timer.Dispose();

    /// <summary>Runs until the pod is removed, or the kubelet stops.</summary>
    internal async Task RunAsync(CancellationToken ct)
    {
        while (await _wake.Reader.WaitToReadAsync(ct))
        {
            _wake.Reader.TryRead(out _);
            try
            {
                if (await StepAsync(ct))
                {
                    return;
                }

                _faults = 0;
            }
            catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
            {
                if (e is not OperationCanceledException)
                {
                    LogFault(Uid, e.Message, e is RpcException ? null : e);
                }

                WakeAt(_services.Time.GetUtcNow() + TimeSpan.FromSeconds(Math.Min(60, 1 << Math.Min(_faults++, 6))));
            }
        }
    }

    private async Task<bool> StepAsync(CancellationToken ct)
    {
        Status = await _services.Reader.ReadAsync(Uid, ct);
        if (_services.Allocations.IsDeferred(Uid))
        {
            _services.Allocations.Retry();
        }

        var pod = Allocated;
        Deadline(pod);
        IsTerminating |= _removed || _failure is not null || pod.Metadata.DeletionTimestamp is not null || pod.Status.Phase is PodPhase.Failed or PodPhase.Succeeded;
        if (!IsTerminating)
        {
            await LiveAsync(pod, ct);
            IsTerminating |= EndsNow();
        }

        if (IsTerminating && !IsTerminated)
        {
            await EndAsync(ct);
        }

        if (!IsTerminated)
        {
            return false;
        }

        _services.Statuses.Terminated(Pod);
        return _removed && await _services.Cleaner.TryRemoveAsync(Pod, ct);
    }

    private bool EndsNow()
    {
        lock (_lock)
        {
            return _removed || _pod.Metadata.DeletionTimestamp is not null;
        }
    }

    private async Task LiveAsync(Pod pod, CancellationToken ct)
    {
        using var living = CancellationTokenSource.CreateLinkedTokenSource(ct);
        lock (_lock)
        {
            _living = living;
        }

        try
        {
            await LiveOnceAsync(pod, living.Token);
        }
        catch (Exception e) when (living.IsCancellationRequested && !ct.IsCancellationRequested && e is OperationCanceledException or RpcException)
        {
            Status = await _services.Reader.ReadAsync(Uid, ct); // what was half started is ended with the rest
        }
        finally
        {
            lock (_lock)
            {
                _living = null;
            }
        }
    }

    private async Task LiveOnceAsync(Pod pod, CancellationToken ct)
    {
        _services.Probes.Update(pod, Status);
        var status = Publish(pod);
        var deadline = Deadline(pod); // counts from the start time, which the first status sets
        _due = deadline;
        if (status.Phase is PodPhase.Succeeded or PodPhase.Failed)
        {
            IsTerminating = true;
            return;
        }

        var outcome = await _services.Syncer.SyncAsync(pod, Status, WholeRestart.IsDue(pod, Status, status), ct);
        if (outcome.Changed)
        {
            // What this step started shows at once; the runtime's own events come on top.
            Status = await _services.Reader.ReadAsync(Uid, ct);
            _services.Probes.Update(pod, Status);
            status = Publish(pod);
            if (status.Phase is PodPhase.Succeeded or PodPhase.Failed)
            {
                IsTerminating = true;
                return;
            }

            if (!PodActionPlan.Compute(pod, Status, _services.Probes, null, WholeRestart.IsDue(pod, Status, status)).IsNothing && !outcome.Waits)
            {
                Wake(); // the next init container, or the containers after the last one
            }
        }
        else
        {
            Publish(pod); // a start that failed shows as the waiting reason
        }

        await _services.Cleaner.PruneAsync(Status, ct);
        if (_services.Allocations.IsDeferred(Uid))
        {
            outcome = outcome.Earlier(_services.Time.GetUtcNow() + PodAllocations.RetryPeriod);
        }

        WakeAt(deadline is { } end && (outcome.Again is null || end < outcome.Again) ? end : outcome.Again);
    }

    private async Task EndAsync(CancellationToken ct)
    {
        var pod = Allocated;
        Publish(pod);
        CancellationTokenSource killing;
        lock (_lock)
        {
            _killGrace = GraceLocked();
            _killing = killing = CancellationTokenSource.CreateLinkedTokenSource(ct);
        }

        try
        {
            await _services.Killer.KillPodAsync(pod, Status, _killGrace, killing.Token);
        }
        catch (Exception e) when (killing.IsCancellationRequested && !ct.IsCancellationRequested && e is OperationCanceledException or RpcException)
        {
            Wake(); // the grace was shortened: once more, quicker
            return;
        }
        finally
        {
            lock (_lock)
            {
                _killing = null;
            }

            killing.Dispose();
        }

        Status = await _services.Reader.ReadAsync(Uid, ct);
        if (Status.Containers.Any(c => c.IsRunning) || Status.ReadySandbox is not null)
        {
            throw new InvalidOperationException("containers still run after the pod was stopped");
        }

        _services.Probes.Forget(Uid, Status.Containers.Select(c => c.Id));
        HasStopped = true; // before anybody can see it: the next pod may be bound here at once
        Publish(Allocated, terminated: true);
        _services.Cleaner.ReleaseVolumes(Pod);
        IsTerminated = true;
        _services.Allocations.Retry(); // there is room now
    }

    private PodStatus Publish(Pod pod, bool terminated = false) => _services.Statuses.Set(pod, old => PodStatusPlan.Compute(new(pod, old, Status, _services.Errors, _services.Probes, _services.Time.GetUtcNow())
    {
        HostIPs = _services.Environment.HostIPs,
        ShowsReadyToStart = _services.ShowsReadyToStart,
        Terminating = IsTerminating,
        Terminated = terminated || IsTerminated,
        Failure = _failure,
        TerminationMessage = TerminationMessages.Read,
        Actuated = _services.Allocations.Actuated(pod),
        Resizes = _services.Allocations.Conditions(Uid),
    }));

    /// <summary>activeDeadlineSeconds counts from the start of the pod.</summary>
    private DateTimeOffset? Deadline(Pod pod)
    {
        if (pod.Spec.ActiveDeadlineSeconds is not { } seconds || _services.Statuses.StartTime(pod) is not { } started)
        {
            return null;
        }

        var end = started.AddSeconds(seconds);
        if (end <= _services.Time.GetUtcNow() && pod.Status.Phase is not (PodPhase.Succeeded or PodPhase.Failed))
        {
            _failure ??= ("DeadlineExceeded", "Pod was active on the node longer than the specified deadline");
        }

        return end;
    }

    private TimeSpan GraceLocked() => _removed && _pod.Metadata.DeletionTimestamp is null ? TimeSpan.FromSeconds(_pod.Spec.TerminationGracePeriodSeconds ?? 30) : PodKiller.Grace(_pod);

    /// <summary>A deletion may shorten its grace while the containers are being stopped.</summary>
    private void HurryLocked()
    {
        if (_removed || _pod.Metadata.DeletionTimestamp is not null)
        {
            _living?.Cancel(); // no hook or pull holds up the end of the pod
        }

        if (_killing is { } killing && GraceLocked() < _killGrace)
        {
            killing.Cancel();
        }
    }

    private void WakeAt(DateTimeOffset? at)
    {
        if (at is { } time && (_due is null || time <= _due || _due <= _services.Time.GetUtcNow()))
        {
            _due = time;
        }

        if (_due is { } due)
        {
            var delay = due - _services.Time.GetUtcNow();
            _timer.Change(delay > TimeSpan.Zero ? delay : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Pod {Uid}: {Message}")]
    private partial void LogFault(string uid, string message, Exception? exception);
}
