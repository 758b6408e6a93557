using System.Collections.Concurrent;
using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.Api.Selectors;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Metrics;
using Kobune.ControllerManager.Ownership;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.Jobs;

/// <summary>Runs Jobs to their end. Source: pkg/controller/job/job_controller.go.</summary>
internal sealed class JobReconciler(ICache<Job> jobs, ICache<Pod> pods, IClient client, IEventRecorder events, FeatureGates features, TimeProvider time, JobMetrics metrics) : IReconciler
{
    private readonly JobPods _actions = new(client, events, features);

    // Upstream keeps it in memory too: after a restart a Job waits no longer than its first back-off.
    private readonly ConcurrentDictionary<string, JobBackoff> _backoff = new();

    /// <summary>The Job is gone or has ended: nothing waits for its back-off.</summary>
    public void Forget(string uid) => _backoff.TryRemove(uid, out _);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (jobs.Find(key) is not { } stored || stored.IsManagedElsewhere() || stored.IsFinished())
        {
            return ReconcileResult.Done;
        }

        var start = time.GetTimestamp();
        var measure = new Measure();
        var failed = true;
        try
        {
            var result = await SyncAsync(stored, measure, ct);
            failed = false;
            return result;
        }
        finally
        {
            metrics.Synced(stored, measure.Action, failed, time.GetElapsedTime(start));
        }
    }

    private async Task<ReconcileResult> SyncAsync(Job stored, Measure measure, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var isFirst = stored.Status.StartTime is null && !stored.IsSuspended();
        var job = isFirst ? stored with { Status = stored.Status with { StartTime = JobConditions.Stamp(now) } } : stored;

        var selector = Selector.From(job.Spec.Selector);
        var owned = await OwnerClaim.ClaimAsync(client, job, p => selector.Matches(p.Metadata.Labels), pods, JobPodFacts.TrackingFinalizer, ct);
        var facts = JobFacts.Of(job, owned, _backoff.GetValueOrDefault(job.Metadata.Uid));
        var step = await StepAsync(facts, measure, now, ct);
        await TrackAsync(facts, stored, step, now, ct);
        if (step.Error is not null)
        {
            throw step.Error;
        }

        var deadline = step.Verdict is null ? JobVerdict.DeadlineIn(job, now) : null;
        return ReconcileResult.RequeueAfter(deadline is null || step.LookAgain < deadline ? step.LookAgain ?? deadline : deadline);
    }

    /// <summary>Creates and deletes pods; the status is what it will be when the caches show that.</summary>
    private async Task<JobStep> StepAsync(JobFacts facts, Measure measure, DateTimeOffset now, CancellationToken ct)
    {
        var step = new JobStep(facts);
        if (JobVerdict.Of(facts, now) is { } verdict)
        {
            var gone = await _actions.DeleteAsync(facts.Job, facts.Active, keepFinalizers: true, ct);

            // A pod that could not be deleted still runs: it must not be counted.
            return step.Less(gone) with { Verdict = gone.Error is null ? verdict : null };
        }

        var mayManage = !facts.Job.IsDeleting();
        if (mayManage)
        {
            var plan = JobPlan.Compute(facts, now);
            step = step.Less(await _actions.DeleteAsync(facts.Job, plan.Delete, keepFinalizers: false, ct)) with { LookAgain = plan.LookAgain };
            var (created, refused, error) = await _actions.CreateAsync(facts, plan.Create, ct);
            metrics.PodsCreated(facts, created, refused);
            measure.Action = plan.Action;
            step = step with { Active = step.Active + created, Error = step.Error ?? error };
        }

        if (JobVerdict.Completion(facts, step.Active, now) is { } completion)
        {
            return step with { Verdict = completion };
        }

        return mayManage ? Suspension(facts.Job, step, now) : step;
    }

    /// <summary>Says that the Job rests or goes on. One that goes on starts anew, so that its deadline does not count the rest.</summary>
    private JobStep Suspension(Job job, JobStep step, DateTimeOffset now)
    {
        var condition = job.IsSuspended()
            ? JobConditions.New(JobConditionType.Suspended, "True", "JobSuspended", "Job suspended", now)
            : JobConditions.New(JobConditionType.Suspended, "False", "JobResumed", "Job resumed", now);
        var status = step.Status.With(condition);
        if (ReferenceEquals(status, step.Status))
        {
            return step;
        }

        events.Normal(job, job.IsSuspended() ? "Suspended" : "Resumed", condition.Message);
        return step with { Status = job.IsSuspended() ? status : status with { StartTime = JobConditions.Stamp(now) } };
    }

    private async Task TrackAsync(JobFacts facts, Job stored, JobStep step, DateTimeOffset now, CancellationToken ct)
    {
        var status = step.Status with { Active = step.Active, Ready = step.Ready, Terminating = step.Terminating };
        var tracking = JobTracking.Compute(facts, status, step.Verdict);
        stored = await WriteAsync(stored, tracking.Status, ct);
        metrics.PoliciesApplied(tracking.PolicyActions);
        _backoff[facts.Job.Metadata.Uid] = facts.Backoff;
        var (released, error) = await _actions.ReleaseAsync(tracking.Release, ct);
        var tracked = JobTracking.Tracked(facts.Pods);
        tracked.ExceptWith(released);
        status = JobTracking.Counted(tracking.Status, tracked);
        var finished = step.Verdict is { } verdict && tracking.IsWhole ? JobTracking.Finished(status, verdict, now) : null;
        stored = await WriteAsync(stored, finished ?? status, ct);
        if (finished is not null)
        {
            Announce(stored);
        }

        if (error is not null)
        {
            throw error;
        }
    }

    private async Task<Job> WriteAsync(Job stored, JobStatus status, CancellationToken ct)
    {
        if (stored.Status == status)
        {
            return stored;
        }

        var written = await client.UpdateStatusAsync(stored with { Status = status }, ct);
        metrics.Counted(stored, stored.Status, status);
        return written;
    }

    private void Announce(Job job)
    {
        if (job.End() is not { } end)
        {
            return;
        }

        if (end.Type == JobConditionType.Failed)
        {
            events.Warning(job, end.Reason, end.Message);
            return;
        }

        if (job.Status.Succeeded > job.Spec.Completions)
        {
            events.Warning(job, "TooManySucceededPods", "Too many succeeded pods running after completion count reached");
        }

        events.Normal(job, "Completed", "Job completed");
    }

    /// <summary>What one look at a Job did, for the metrics.</summary>
    private sealed class Measure
    {
        public string Action { get; set; } = "reconciling";
    }
}
