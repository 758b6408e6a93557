using Kobune.Api.Batch.V1;
using Kobune.Api.Meta.V1;
using static Kobune.ControllerManager.Tests.Jobs.JobObjects;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>Cron jobs that no server would take now: from an older one, or with a time zone whose data the system has lost.</summary>
public class UnvalidatedCronJobTests
{
    private const string Controller = "cronjob-controller";

    [Fact]
    public async Task What_is_wrong_is_told_and_nothing_is_started()
    {
        await using var cluster = await JobCluster.StartAsync(hasRules: false);
        await CreateAsync(cluster, "zone", new() { Schedule = "* * * * *", TimeZone = "Mars/Olympus" });
        await CreateAsync(cluster, "text", new() { Schedule = "now and then" });
        await CreateAsync(cluster, "never", new() { Schedule = "59 23 31 2 *" });
        await cluster.Event("UnknownTimeZone", "invalid timeZone: \"Mars/Olympus\": unknown time zone Mars/Olympus", "Warning", Controller);
        await cluster.Event("UnparseableSchedule", "unparseable schedule: \"now and then\" : expected exactly 5 fields, found 3: [now and then]", "Warning", Controller);
        await cluster.Event("InvalidSchedule", "invalid schedule: 59 23 31 2 * : time difference between two schedules is less than 1 second", "Warning", Controller);
        cluster.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Empty((await cluster.Admin.ListAsync<Job>("default", null, TestContext.Current.CancellationToken)).Items);
    }

    private static Task<CronJob> CreateAsync(JobCluster cluster, string name, CronJobSpec spec) => cluster.Admin.CreateAsync(
        new CronJob { Metadata = new ObjectMeta { Namespace = "default", Name = name }, Spec = spec with { JobTemplate = new() { Spec = Spec() } } }, TestContext.Current.CancellationToken);
}
