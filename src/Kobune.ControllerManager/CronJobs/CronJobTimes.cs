using Kobune.Api.Batch.V1;
using Kobune.Api.Schedules;

namespace Kobune.ControllerManager.CronJobs;

/// <summary>How many times have gone by without a Job.</summary>
internal enum Missed
{
    /// <summary>None, or the one that is due.</summary>
    None,

    /// <summary>Some.</summary>
    Few,

    /// <summary>More than a hundred: something is wrong with a clock, or the cluster was off for long.</summary>
    Many,
}

/// <summary>Which time of a cron job is due, and when to look again. Source: pkg/controller/cronjob/utils.go, mostRecentScheduleTime.</summary>
/// <param name="Due">The latest time that has come since the last Job; null when none has.</param>
/// <param name="Missed">Times before that.</param>
/// <param name="IsInvalid">The schedule is well-formed, but its times never come (30 February).</param>
internal readonly record struct CronJobTimes(DateTimeOffset? Due, Missed Missed, bool IsInvalid)
{
    // Timers may fire a little early, and a key that comes early waits for nothing.
    private static readonly TimeSpan Delta = TimeSpan.FromMilliseconds(100);

    /// <summary>The time that is due; startingDeadlineSeconds leaves out what is older.</summary>
    public static CronJobTimes Of(CronJob job, CronSchedule schedule, TimeZoneInfo zone, DateTimeOffset now) => Of(Earliest(job, now, withDeadline: true), schedule, zone, now);

    /// <summary>From now until the next time; null when there is none.</summary>
    public static TimeSpan? UntilNext(CronJob job, CronSchedule schedule, TimeZoneInfo zone, DateTimeOffset now)
    {
        var earliest = Earliest(job, now, withDeadline: false);
        var times = Of(earliest, schedule, zone, now);
        var from = times.IsInvalid ? now : times.Due ?? (times.Missed == Missed.None ? earliest : now);
        return schedule.Next(from, zone) + Delta - now;
    }

    private static DateTimeOffset Earliest(CronJob job, DateTimeOffset now, bool withDeadline)
    {
        var earliest = job.Status.LastScheduleTime ?? job.Metadata.CreationTimestamp ?? now;
        var deadline = withDeadline && job.Spec.StartingDeadlineSeconds is { } seconds ? now - Seconds(seconds) : earliest;
        return deadline > earliest ? deadline : earliest;
    }

    // A deadline of centuries is no deadline, and no error.
    private static TimeSpan Seconds(long seconds) => TimeSpan.FromSeconds(Math.Min(seconds, (long)TimeSpan.FromDays(36500).TotalSeconds));

    private static CronJobTimes Of(DateTimeOffset earliest, CronSchedule schedule, TimeZoneInfo zone, DateTimeOffset now)
    {
        if (schedule.Next(earliest, zone) is not { } first)
        {
            return new(null, Missed.None, IsInvalid: true);
        }

        if (now < first)
        {
            return default;
        }

        var second = schedule.Next(first, zone);
        if (second is null || now < second)
        {
            return new(first, Missed.None, IsInvalid: false);
        }

        // Of a job that was not looked at for years, the times are estimated from the first two, so that it does not take years to count them.
        var distance = second.Value - first;
        var passed = ((now - first).Ticks / distance.Ticks) + 1;
        DateTimeOffset? due = null;
        for (var time = schedule.Next(first + (distance * (passed - 2)), zone); time <= now; time = schedule.Next(time.Value, zone))
        {
            due = time;
        }

        return new(due, passed > 100 ? Missed.Many : Missed.Few, IsInvalid: false);
    }
}
