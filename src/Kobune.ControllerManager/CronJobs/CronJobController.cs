using Kobune.Api.Batch.V1;
using Kobune.Api.Schedules;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.CronJobs;

/// <summary>Registration of the CronJob controller. Between two times of a schedule nothing runs but the queue's timer.</summary>
internal static class CronJobController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("cronjob", "cronjob-controller");
        var (cronJobs, jobs, time) = (controller.Informer<CronJob>(), controller.Informer<Job>(), context.Time);
        controller.Runner
            .On(cronJobs, change =>
            {
                // A new schedule starts with its next time: what it would have meant before is not made up for.
                var wait = change is { Old: { } old, New: { } now } && IsOther(old, now) ? Wait(now, time) : TimeSpan.Zero;
                controller.Runner.Queue.AddAfter(change.Key, wait);
            })
            .Owns(jobs, "CronJob");
        return controller.Build(new CronJobReconciler(cronJobs.Cache, jobs.Cache, controller.Client, controller.Events, time, context.Options.Metrics.Workloads));
    }

    private static bool IsOther(CronJob old, CronJob now) => old.Spec.Schedule != now.Spec.Schedule || old.Spec.TimeZone != now.Spec.TimeZone;

    private static TimeSpan Wait(CronJob cron, TimeProvider time)
    {
        var zone = cron.Spec.TimeZone is { } name ? TimeZones.Find(name) : time.LocalTimeZone;
        return zone is not null && CronSchedule.TryParse(cron.Spec.Schedule, out _) is { } schedule
            ? CronJobTimes.UntilNext(cron, schedule, zone, time.GetUtcNow()) ?? TimeSpan.Zero
            : TimeSpan.Zero; // the reconciler says what is wrong
    }
}
