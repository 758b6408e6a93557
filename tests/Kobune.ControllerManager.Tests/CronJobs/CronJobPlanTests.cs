using System.Globalization;
using Kobune.Api.Batch.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Schedules;
using Kobune.ControllerManager.CronJobs;

namespace Kobune.ControllerManager.Tests.CronJobs;

public class CronJobPlanTests
{
    private static readonly DateTimeOffset Created = new(2026, 3, 1, 12, 0, 30, TimeSpan.Zero);

    [Theory]
    [InlineData("0 * * * *", null, "12:59:00", null, "None", 60)]
    [InlineData("0 * * * *", null, "13:00:00", "13:00:00", "None", 3600)]
    [InlineData("0 * * * *", null, "13:10:00", "13:00:00", "None", 3000)]
    [InlineData("0 * * * *", "13:00:00", "13:10:00", null, "None", 3000)]
    [InlineData("0 * * * *", "13:00:00", "14:00:00", "14:00:00", "None", 3600)]
    [InlineData("0 * * * *", "13:00:00", "17:30:00", "17:00:00", "Few", 1800)]
    [InlineData("* * * * *", null, "15:00:10", "15:00:00", "Many", 50)]
    [InlineData("30 6-16/4 * * 1-5", null, "23:00:00", null, "None", 27000)] // a Sunday: the next one is on Monday at 6:30
    [InlineData("@every 1h", null, "14:30:30", "14:00:30", "Few", 1800)]
    public void The_latest_time_is_due(string schedule, string? last, string now, string? due, string missed, int untilNext)
    {
        var cron = Cron(schedule, last is null ? null : At(last));
        var (parsed, time) = (CronSchedule.TryParse(schedule, out _)!, At(now));
        Assert.Equal(new CronJobTimes(due is null ? null : At(due), Enum.Parse<Missed>(missed), false), CronJobTimes.Of(cron, parsed, TimeZoneInfo.Utc, time));
        var wait = CronJobTimes.UntilNext(cron, parsed, TimeZoneInfo.Utc, time)!.Value;
        Assert.Equal(TimeSpan.FromSeconds(untilNext) + TimeSpan.FromMilliseconds(100), wait);
    }

    [Fact]
    public void A_deadline_leaves_out_what_is_older()
    {
        var parsed = CronSchedule.TryParse("0 * * * *", out _)!;
        var cron = Cron("0 * * * *", null) with { Spec = new() { StartingDeadlineSeconds = 60 } };
        Assert.Null(CronJobTimes.Of(cron, parsed, TimeZoneInfo.Utc, At("17:30:00")).Due);
        Assert.Equal(At("17:00:00"), CronJobTimes.Of(cron, parsed, TimeZoneInfo.Utc, At("17:00:59")).Due);
        Assert.Equal(At("17:00:00"), CronJobTimes.Of(cron with { Spec = new() { StartingDeadlineSeconds = long.MaxValue } }, parsed, TimeZoneInfo.Utc, At("17:30:00")).Due);
    }

    [Fact]
    public void A_time_that_never_comes_is_invalid()
    {
        var times = CronJobTimes.Of(Cron("59 23 31 2 *", null), CronSchedule.TryParse("59 23 31 2 *", out _)!, TimeZoneInfo.Utc, At("17:30:00"));
        Assert.True(times.IsInvalid);
        Assert.Null(CronJobTimes.UntilNext(Cron("59 23 31 2 *", null), CronSchedule.TryParse("59 23 31 2 *", out _)!, TimeZoneInfo.Utc, At("17:30:00")));
    }

    [Fact]
    public void A_job_is_made_from_the_template_and_named_by_its_minute()
    {
        var cron = Cron("* * * * *", null);
        cron = cron with
        {
            Spec = cron.Spec with { JobTemplate = new() { Metadata = new ObjectMeta { Labels = new Dictionary<string, string> { ["l"] = "1" }, Annotations = new Dictionary<string, string> { ["a"] = "2" } }, Spec = new() { Parallelism = 7 } } },
        };
        var tokyo = TimeZoneInfo.CreateCustomTimeZone("t", TimeSpan.FromHours(9), "t", "t");
        var job = CronJobPlan.JobOf(cron, At("13:05:00"), tokyo);
        Assert.Equal(("default", $"c-{At("13:05:00").ToUnixTimeSeconds() / 60}", 7), (job.Metadata.Namespace, job.Metadata.Name, job.Spec.Parallelism));
        Assert.Equal(("1", "2", "2026-03-01T22:05:00+09:00"), (job.Metadata.Labels["l"], job.Metadata.Annotations["a"], job.Metadata.Annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"]));
        Assert.Equal("2026-03-01T13:05:00Z", CronJobPlan.JobOf(cron, At("13:05:00"), TimeZoneInfo.Utc).Metadata.Annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"]);
    }

    [Theory]
    [InlineData(2, 1, "a,d")]
    [InlineData(0, 0, "a,b,c,d,e")]
    [InlineData(null, 5, "")]
    [InlineData(3, null, "")]
    public void The_oldest_ended_jobs_go(int? successes, int? failures, string expected)
    {
        Job[] jobs = [Ended("c", "Complete", 3), Ended("a", "Complete", 1), Ended("b", "Complete", 2), Ended("e", "Failed", 5), Ended("d", "Failed", 4), new() { Metadata = new ObjectMeta { Name = "running" } }];
        var cron = Cron("* * * * *", null);
        cron = cron with { Spec = cron.Spec with { SuccessfulJobsHistoryLimit = successes, FailedJobsHistoryLimit = failures } };
        Assert.Equal(expected, string.Join(',', CronJobPlan.Surplus(cron, jobs).Select(j => j.Metadata.Name)));
        Assert.Equal(At("12:03:00"), CronJobPlan.LastSuccess(cron.Status, jobs));
        Assert.Equal(At("20:00:00"), CronJobPlan.LastSuccess(new() { LastSuccessfulTime = At("20:00:00") }, jobs));
    }

    private static CronJob Cron(string schedule, DateTimeOffset? last) => new()
    {
        Metadata = new ObjectMeta { Namespace = "default", Name = "c", Uid = "uid-c", CreationTimestamp = Created },
        Spec = new() { Schedule = schedule },
        Status = new() { LastScheduleTime = last },
    };

    private static Job Ended(string name, string how, int minute) => new()
    {
        Metadata = new ObjectMeta { Name = name, Uid = name },
        Status = new() { StartTime = At($"12:0{minute}:00"), CompletionTime = how == "Complete" ? At($"12:0{minute}:00") : null, Conditions = [new() { Type = how, Status = "True" }] },
    };

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse($"2026-03-01T{time}Z", CultureInfo.InvariantCulture);
}
