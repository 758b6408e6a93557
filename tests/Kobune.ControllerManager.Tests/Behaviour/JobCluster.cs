using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>A cluster whose controllers' clock a test can move forward, and short ways to play the kubelet for a Job's pods.</summary>
internal sealed class JobCluster(TestCluster cluster, JumpingTime time) : IAsyncDisposable
{
    public IClient Admin => cluster.Admin;

    public JumpingTime Time => time;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <param name="hasRules">Whether cron jobs are validated.</param>
    public static async Task<JobCluster> StartAsync(bool hasRules = true)
    {
        // A few seconds into a minute: so no minute ends by itself while a test runs.
        var time = new JumpingTime();
        var into = TimeSpan.FromTicks(time.GetUtcNow().Ticks % TimeSpan.TicksPerMinute);
        time.Advance(TimeSpan.FromSeconds(62) - into);
        return new(await TestCluster.StartAsync(time: time, strategies: s => hasRules || s.Resource.Resource != "cronjobs"), time);
    }

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    public Task<Job> CreateAsync(JobSpec spec, string name = "j") =>
        Admin.CreateAsync(new Job { Metadata = new ObjectMeta { Namespace = "default", Name = name }, Spec = spec }, Ct);

    public async Task<Job> ChangeAsync(Func<Job, Job> change, string name = "j")
    {
        while (true)
        {
            try
            {
                return await Admin.UpdateAsync(change(await Admin.GetAsync<Job>("default", name, Ct)), Ct);
            }
            catch (ApiException e) when (e.IsConflict)
            {
                // The controller wrote its status meanwhile.
            }
        }
    }

    /// <summary>Waits until the Job looks as expected.</summary>
    public async Task<Job> Sees(string expected, Func<Job, bool> holds, string name = "j") =>
        (await cluster.Sees<Job>("default", expected, all => all.Any(j => j.Metadata.Name == name && holds(j)))).Single(j => j.Metadata.Name == name);

    /// <summary>Waits until the cron job looks as expected.</summary>
    public async Task<CronJob> SeesCron(string expected, Func<CronJob, bool> holds, string name) =>
        (await cluster.Sees<CronJob>("default", expected, all => all.Any(c => c.Metadata.Name == name && holds(c)))).Single(c => c.Metadata.Name == name);

    /// <summary>Waits until so many pods run, none of which is one of those that have ended; returns them in the order of their indexes.</summary>
    public async Task<List<Pod>> Running(int count, params Pod[] ended)
    {
        var gone = ended.Select(p => p.Metadata.Uid).ToHashSet();
        var pods = await cluster.Sees<Pod>("default", $"{count} running pods", all => all.Count(IsRunning) == count
            && !all.Any(p => p.Status.Phase is "Pending" or "" || (IsRunning(p) && gone.Contains(p.Metadata.Uid))));
        return [.. pods.Where(IsRunning).OrderBy(IndexOf, StringComparer.Ordinal)];
    }

    public Task<IReadOnlyList<Pod>> Pods(string expected, Func<IReadOnlyList<Pod>, bool> holds) => cluster.Sees("default", expected, holds);

    public Task<IReadOnlyList<Job>> Jobs(string expected, Func<IReadOnlyList<Job>, bool> holds) => cluster.Sees("default", expected, holds);

    public Task Event(string reason, string message, string type = "Normal", string component = "job-controller") => cluster.Sees<Event>(
        "default", $"an event {reason}", all => all.Any(e => e.Reason == reason && e.Message == message && e.Type == type && e.Source.Component == component));

    /// <summary>The pod ends now with this exit code.</summary>
    public Task EndAsync(Pod pod, int exitCode) => ChangeAsync(pod, live => live.Status with
    {
        Phase = exitCode == 0 ? PodPhase.Succeeded : PodPhase.Failed,
        ContainerStatuses = [new() { Name = "c", State = new() { Terminated = new() { ExitCode = exitCode, FinishedAt = time.GetUtcNow() } } }],
        Conditions = [.. live.Status.Conditions.Where(c => c.Type != PodConditionType.Ready)],
    });

    public async Task ChangeAsync(Pod pod, Func<Pod, PodStatus> status)
    {
        while (true)
        {
            try
            {
                var live = await Admin.GetAsync<Pod>("default", pod.Metadata.Name, Ct);
                await Admin.UpdateStatusAsync(live with { Status = status(live) }, Ct);
                return;
            }
            catch (ApiException e) when (e.IsConflict)
            {
                // Someone wrote meanwhile.
            }
        }
    }

    public static JobCondition? Condition(Job job, string type) => job.Status.Conditions.FirstOrDefault(c => c.Type == type && c.Status == "True");

    private static bool IsRunning(Pod pod) => pod.Status.Phase == PodPhase.Running && pod.Metadata.DeletionTimestamp is null;

    private static string IndexOf(Pod pod) => pod.Metadata.Annotations.GetValueOrDefault("batch.kubernetes.io/job-completion-index", "");
}
