using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using static Kobune.ControllerManager.Tests.Jobs.JobObjects;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>Cron jobs and their Jobs, and Jobs with a time to live.</summary>
public sealed class CronJobTests : IAsyncLifetime
{
    private const string Controller = "cronjob-controller";
    private JobCluster _cluster = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await JobCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_job_is_made_for_each_time_and_recorded()
    {
        var cron = await CreateAsync(new() { TimeZone = "UTC", JobTemplate = new() { Metadata = new ObjectMeta { Labels = new Dictionary<string, string> { ["a"] = "b" } } } });
        _cluster.Time.Advance(TimeSpan.FromMinutes(1));
        var job = (await _cluster.Jobs("the first Job", all => all.Count == 1))[0];
        var due = Minute(_cluster.Time.GetUtcNow());
        Assert.Equal($"c-{due.ToUnixTimeSeconds() / 60}", job.Metadata.Name);
        Assert.Equal(due.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"), job.Metadata.Annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"]);
        Assert.Equal("b", job.Metadata.Labels["a"]);
        var owner = Assert.Single(job.Metadata.OwnerReferences);
        Assert.Equal(("batch/v1", "CronJob", "c", cron.Metadata.Uid, true, true), (owner.APIVersion, owner.Kind, owner.Name, owner.Uid, owner.Controller, owner.BlockOwnerDeletion));
        var active = Assert.Single((await Sees("it is active", s => s.Active.Count == 1 && s.LastScheduleTime == due)).Status.Active);
        Assert.Equal(("Job", "batch/v1", "default", job.Metadata.Name, job.Metadata.Uid), (active.Kind, active.APIVersion, active.Namespace, active.Name, active.Uid));
        await _cluster.Event("SuccessfulCreate", "Created job " + job.Metadata.Name, component: Controller);

        await _cluster.EndAsync((await _cluster.Running(1))[0], 0);
        await Sees("its success", s => s.Active.Count == 0 && s.LastSuccessfulTime is not null);
        await _cluster.Event("SawCompletedJob", $"Saw completed job: {job.Metadata.Name}, condition: Complete", component: Controller);
    }

    [Theory]
    [InlineData("Allow", 2, 2)]
    [InlineData("Forbid", 1, 1)]
    [InlineData("Replace", 1, 1)]
    public async Task A_job_that_still_runs_at_the_next_time_is_let_run_or_forbids_it_or_is_replaced(string policy, int jobs, int active)
    {
        await CreateAsync(new() { ConcurrencyPolicy = policy });
        _cluster.Time.Advance(TimeSpan.FromMinutes(1));
        var first = (await _cluster.Jobs("the first Job", all => all.Count == 1))[0];
        var recorded = await Sees("it is active", s => s.Active.Count == 1);
        _cluster.Time.Advance(TimeSpan.FromMinutes(1));
        if (policy == "Forbid")
        {
            await _cluster.Event("JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid", component: Controller);
        }
        else
        {
            await Sees("the second time", s => s.LastScheduleTime > recorded.Status.LastScheduleTime);
        }

        var now = await _cluster.Jobs($"{jobs} Jobs", all => all.Count == jobs && all.Any(j => j.Metadata.Uid == first.Metadata.Uid) != (policy == "Replace"));
        Assert.Equal(jobs, now.Count);
        await Sees("as many active ones", s => s.Active.Count == active);
        if (policy == "Replace")
        {
            await _cluster.Event("SuccessfulDelete", "Deleted job " + first.Metadata.Name, component: Controller);
        }
    }

    [Fact]
    public async Task A_suspended_one_starts_nothing_and_a_new_schedule_makes_up_for_nothing()
    {
        await CreateAsync(new() { Suspend = true });
        await CreateAsync(new(), "other");
        _cluster.Time.Advance(TimeSpan.FromMinutes(3));
        await _cluster.Jobs("a Job of the other", all => all.Count == 1 && all[0].Metadata.Name.StartsWith("other-", StringComparison.Ordinal));
        await ChangeAsync(c => c with { Spec = c.Spec with { Schedule = "0 0 1 1 *", Suspend = false } });
        await ChangeAsync(c => c with { Metadata = c.Metadata with { Labels = new Dictionary<string, string> { ["touched"] = "yes" } } }, "other");
        _cluster.Time.Advance(TimeSpan.FromMinutes(1));
        await _cluster.Jobs("two Jobs of the other", all => all.Count == 2 && all.All(j => j.Metadata.Name.StartsWith("other-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task History_keeps_as_many_as_its_limits()
    {
        await CreateAsync(new() { SuccessfulJobsHistoryLimit = 1, FailedJobsHistoryLimit = 0 });
        var names = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            _cluster.Time.Advance(TimeSpan.FromMinutes(1));
            var job = (await _cluster.Jobs("a new Job", all => all.Any(j => !names.Contains(j.Metadata.Name)))).Single(j => !names.Contains(j.Metadata.Name));
            names.Add(job.Metadata.Name);
            var pod = (await _cluster.Pods("its pod", all => all.Any(p => p.Metadata.Labels["job-name"] == job.Metadata.Name && p.Status.Phase == "Running"))).Single(p => p.Metadata.Labels["job-name"] == job.Metadata.Name);
            await _cluster.EndAsync(pod, i == 2 ? 1 : 0);
            await Sees("it has ended", s => s.Active.Count == 0 && s.LastScheduleTime is not null);
        }

        await _cluster.Jobs("the last success alone", all => all.Select(j => j.Metadata.Name).SequenceEqual([names[1]]));
        await _cluster.Event("SuccessfulDelete", "Deleted job " + names[0], component: Controller);
    }

    [Fact]
    public async Task An_active_job_that_was_deleted_goes_missing_and_one_of_unknown_origin_is_told_of()
    {
        var cron = await CreateAsync(new() { Schedule = "0 0 1 1 *" });
        var owner = new OwnerReference { APIVersion = "batch/v1", Kind = "CronJob", Name = "c", Uid = cron.Metadata.Uid, Controller = true };
        await _cluster.Admin.CreateAsync(new Job { Metadata = new ObjectMeta { Namespace = "default", Name = "manual", OwnerReferences = [owner] }, Spec = Spec() }, Ct);
        await _cluster.Event("UnexpectedJob", "Saw a job that the controller did not create or forgot: manual", "Warning", Controller);
        await ChangeStatusAsync(c => c with { Status = c.Status with { Active = [new() { Kind = "Job", APIVersion = "batch/v1", Namespace = "default", Name = "ghost", Uid = "uid-ghost" }] } });
        await _cluster.Event("MissingJob", "Active job went missing: ghost", component: Controller);
        await Sees("it is not active", s => s.Active.Count == 0);
    }

    [Fact]
    public async Task A_time_after_the_deadline_is_missed_and_many_missed_ones_are_told_of()
    {
        await CreateAsync(new() { Schedule = "0 * * * *", TimeZone = "UTC", Suspend = true, StartingDeadlineSeconds = 1 }, "strict");
        await CreateAsync(new() { Suspend = true }, "late");
        _cluster.Time.Advance(TimeSpan.FromHours(3));
        await ChangeAsync(c => c with { Spec = c.Spec with { Suspend = false } }, "strict");
        await ChangeAsync(c => c with { Spec = c.Spec with { Suspend = false } }, "late");
        await _cluster.Event("TooManyMissedTimes", "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew", "Warning", Controller);
        await _cluster.Jobs("one Job for all of the late one's times", all => all.Count == 1 && all[0].Metadata.Name.StartsWith("late-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_finished_job_goes_with_its_pods_when_its_time_to_live_is_over()
    {
        await _cluster.CreateAsync(Spec() with { TTLSecondsAfterFinished = 100 });
        await _cluster.CreateAsync(Spec(), "stays");
        foreach (var pod in await _cluster.Running(2))
        {
            await _cluster.EndAsync(pod, 0);
        }

        await _cluster.Jobs("both ended", all => all.Count(j => JobCluster.Condition(j, "Complete") is not null) == 2);
        _cluster.Time.Advance(TimeSpan.FromSeconds(50));
        Assert.Null((await _cluster.Admin.GetAsync<Job>("default", "j", Ct)).Metadata.DeletionTimestamp);
        _cluster.Time.Advance(TimeSpan.FromSeconds(51));
        await _cluster.Jobs("the other one alone", all => all.Count == 1 && all[0].Metadata.Name == "stays");
        await _cluster.Pods("its pod alone", all => all.Count == 1 && all[0].Metadata.Labels["job-name"] == "stays");
    }

    private Task<CronJob> CreateAsync(CronJobSpec spec, string name = "c") => _cluster.Admin.CreateAsync(
        new CronJob
        {
            Metadata = new ObjectMeta { Namespace = "default", Name = name },
            Spec = spec with
            {
                Schedule = spec.Schedule.Length > 0 ? spec.Schedule : "* * * * *",
                JobTemplate = spec.JobTemplate with { Spec = Spec() with { BackoffLimit = 0 } },
            },
        },
        Ct);

    private Task<CronJob> Sees(string expected, Func<CronJobStatus, bool> holds, string name = "c") => _cluster.SeesCron(expected, c => holds(c.Status), name);

    private async Task ChangeAsync(Func<CronJob, CronJob> change, string name = "c")
    {
        while (true)
        {
            try
            {
                await _cluster.Admin.UpdateAsync(change(await _cluster.Admin.GetAsync<CronJob>("default", name, Ct)), Ct);
                return;
            }
            catch (ApiException e) when (e.IsConflict)
            {
                // Its controller wrote the status.
            }
        }
    }

    private async Task ChangeStatusAsync(Func<CronJob, CronJob> change) =>
        await _cluster.Admin.UpdateStatusAsync(change(await _cluster.Admin.GetAsync<CronJob>("default", "c", Ct)), Ct);

    private static DateTimeOffset Minute(DateTimeOffset time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
}
