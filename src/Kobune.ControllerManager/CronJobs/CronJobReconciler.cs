using System.Globalization;
using Kobune.Api.Batch.V1;
using Kobune.Api.Schedules;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Jobs;
using Kobune.ControllerManager.Metrics;

namespace Kobune.ControllerManager.CronJobs;

/// <summary>Keeps the record of a cron job's Jobs and starts the one that is due. Source: pkg/controller/cronjob/cronjob_controllerv2.go.</summary>
internal sealed class CronJobReconciler(ICache<CronJob> cronJobs, ICache<Job> jobs, IClient client, IEventRecorder events, TimeProvider time, WorkloadMetrics metrics) : IReconciler
{
    private readonly CronJobStarter _starter = new(client, events);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (cronJobs.Find(key) is not { } cron)
        {
            return ReconcileResult.Done;
        }

        List<Job> owned = [.. jobs.ByOwner(cron.Metadata.Uid).Where(j => j.ControllerRef()?.Uid == cron.Metadata.Uid)];
        var step = new CronJobStep(cron, cron.Status, null);
        foreach (var old in CronJobPlan.Surplus(cron, owned))
        {
            step = await _starter.DeleteAsync(step, old, ct) ?? step;
        }

        step = await RecordAsync(step, owned, ct);
        try
        {
            step = cron.IsDeleting() ? step : await ScheduleAsync(step, ct);
        }
        catch (CronJobStepException e)
        {
            // What was recorded so far must not be lost, for its Events were given.
            await WriteAsync(e.Step, ct);
            throw;
        }

        await WriteAsync(step, ct);
        return ReconcileResult.RequeueAfter(step.LookAgain);
    }

    private async Task WriteAsync(CronJobStep step, CancellationToken ct)
    {
        if (step.Status != step.Cron.Status)
        {
            await client.UpdateStatusAsync(step.Cron with { Status = step.Status }, ct);
        }
    }

    /// <summary>Jobs that ended, and those that are gone, leave status.active.</summary>
    private async Task<CronJobStep> RecordAsync(CronJobStep step, List<Job> owned, CancellationToken ct)
    {
        var (cron, status) = (step.Cron, step.Status);
        foreach (var job in owned)
        {
            var isActive = status.IsActive(job);
            if (isActive && job.End() is { } end)
            {
                status = status.Without(job.Metadata.Uid);
                events.Normal(cron, "SawCompletedJob", $"Saw completed job: {job.Metadata.Name}, condition: {end.Type}");
            }
            else if (!isActive && !job.IsFinished() && !(await client.GetAsync<CronJob>(cron.Metadata.Namespace, cron.Metadata.Name, ct)).Status.IsActive(job))
            {
                events.Warning(cron, "UnexpectedJob", $"Saw a job that the controller did not create or forgot: {job.Metadata.Name}");
            }
        }

        foreach (var active in status.Active.Where(a => owned.All(j => j.Metadata.Uid != a.Uid)))
        {
            if (await _starter.FindAsync(active, ct) is null)
            {
                status = status.Without(active.Uid);
                events.Normal(cron, "MissingJob", $"Active job went missing: {active.Name}");
            }
        }

        return step with { Status = status with { LastSuccessfulTime = CronJobPlan.LastSuccess(status, owned) } };
    }

    private async Task<CronJobStep> ScheduleAsync(CronJobStep step, CancellationToken ct)
    {
        var (cron, now) = (step.Cron, time.GetUtcNow());
        var zone = ZoneOf(cron);
        if (zone is null)
        {
            events.Warning(cron, "UnknownTimeZone", $"invalid timeZone: \"{cron.Spec.TimeZone}\": unknown time zone {cron.Spec.TimeZone}");
            return step;
        }

        if (cron.Spec.Suspend == true)
        {
            return step;
        }

        if (CronSchedule.TryParse(cron.Spec.Schedule, out var problem) is not { } schedule)
        {
            events.Warning(cron, "UnparseableSchedule", $"unparseable schedule: \"{cron.Spec.Schedule}\" : {problem}");
            return step;
        }

        var times = CronJobTimes.Of(cron, schedule, zone, now);
        if (times.IsInvalid)
        {
            events.Warning(cron, "InvalidSchedule", $"invalid schedule: {cron.Spec.Schedule} : time difference between two schedules is less than 1 second");
            return step;
        }

        if (times.Missed == Missed.Many && times.Due is not null)
        {
            events.Warning(cron, "TooManyMissedTimes", "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew");
        }

        if (times.Due is { } due && IsToStart(step, due))
        {
            var started = await _starter.StartAsync(step, due, cron.Spec.TimeZone is null ? TimeZoneInfo.Utc : zone, ct);
            if (started.Status.Active.Count > step.Status.Active.Count)
            {
                metrics.CronJobStarted(time.GetUtcNow() - due);
            }

            step = started;
        }

        return step with { LookAgain = CronJobTimes.UntilNext(cron with { Status = step.Status }, schedule, zone, now) };
    }

    private bool IsToStart(CronJobStep step, DateTimeOffset due)
    {
        var (cron, status) = (step.Cron, step.Status);
        if (status.LastScheduleTime == due || status.Active.Any(a => a.Name == CronJobPlan.JobName(cron, due)))
        {
            return false; // it has its Job already
        }

        if (cron.Spec.ConcurrencyPolicy == ConcurrencyPolicy.Forbid && status.Active.Count > 0)
        {
            events.Normal(cron, "JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid");
            return false;
        }

        return true;
    }

    /// <summary>Where no time zone is given, that of the controller manager; null when it is not known.</summary>
    private TimeZoneInfo? ZoneOf(CronJob cron) => cron.Spec.TimeZone is { } name ? TimeZones.Find(name) : time.LocalTimeZone;
}
