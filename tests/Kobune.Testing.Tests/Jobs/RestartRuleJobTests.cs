using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;

namespace Kobune.Testing.Tests.Jobs;

/// <summary>Jobs whose containers have restart rules of their own: what a rule restarts has not failed, and counts towards nothing.</summary>
public sealed class RestartRuleJobTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_container_that_its_rule_restarts_is_no_failure_whatever_the_limit()
    {
        await using var cluster = await StartAsync();
        await CreateAsync(cluster, 42, Rule("Restart", 42), j => j with { BackoffLimit = 0 });
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(5), Ct);
        var (job, pod) = await LookAsync(cluster);
        Assert.Equal((1, 0, true), (job.Status.Active, job.Status.Failed, pod.Status.ContainerStatuses[0].RestartCount >= 3));
        Assert.Equal(42, pod.Status.ContainerStatuses[0].LastTerminationState.Terminated!.ExitCode);

        await cluster.Client.UpdateAsync(pod with { Metadata = pod.Metadata with { Annotations = new Dictionary<string, string> { ["simulated.kobune/exit-code"] = "0" } } }, Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(6), Ct);
        Assert.Equal((1, 0, "Complete"), await EndAsync(cluster));
    }

    [Fact]
    public async Task An_exit_code_that_no_rule_restarts_fails_the_pod_and_the_limit_counts()
    {
        await using var cluster = await StartAsync();
        await CreateAsync(cluster, 7, Rule("Restart", 42), j => j with { BackoffLimit = 1 });
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(5), Ct);
        Assert.Equal((0, 2, "Failed"), await EndAsync(cluster));
        Assert.Equal(2, cluster.History.Created<Pod>("default").Count);
    }

    [Theory]
    [InlineData(42, 0, "")]
    [InlineData(7, 1, "Failed PodFailurePolicy")]
    public async Task A_failure_policy_hears_of_pods_and_not_of_restarts(int exitCode, int failed, string end)
    {
        await using var cluster = await StartAsync();
        var policy = new PodFailurePolicy { Rules = [new() { Action = "FailJob", OnExitCodes = new() { Operator = "In", Values = [7, 42] } }] };
        await CreateAsync(cluster, exitCode, Rule("Restart", 42), j => j with { PodFailurePolicy = policy });
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(2), Ct);
        var (job, _) = await LookAsync(cluster);
        Assert.Equal((failed, end), (job.Status.Failed, string.Join(' ', job.Status.Conditions.Where(c => c.Type == "Failed").Select(c => $"{c.Type} {c.Reason}"))));
    }

    [Fact]
    public async Task A_rule_of_one_container_takes_all_away_and_none_waits_for_a_back_off()
    {
        await using var cluster = await StartAsync();
        await CreateAsync(cluster, 42, Rule("RestartAllContainers", 42), j => j with { BackoffLimit = 0 });
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(65), Ct);
        var (job, pod) = await LookAsync(cluster);
        Assert.Equal((1, 0), (job.Status.Active, job.Status.Failed));
        Assert.Equal(["a 6 RestartingAllContainers 137", "b 6 RestartingAllContainers 137"], pod.Status.ContainerStatuses.Select(s =>
            $"{s.Name} {s.RestartCount} {s.LastTerminationState.Terminated!.Reason} {s.LastTerminationState.Terminated.ExitCode}"));
        Assert.Equal("False", pod.Status.Conditions.Single(c => c.Type == "AllContainersRestarting").Status);
    }

    private static Task<TestCluster> StartAsync() => TestCluster.StartAsync(new TestClusterOptions { FakeTime = true }, Ct);

    private static ContainerRestartRule Rule(string action, int exitCode) => new() { Action = action, ExitCodes = new() { Operator = "In", Values = [exitCode] } };

    /// <summary>A Job whose pods run for ten seconds and whose container a has the rule; where that takes all away there is a b without any.</summary>
    private static async Task CreateAsync(TestCluster cluster, int exitCode, ContainerRestartRule rule, Func<JobSpec, JobSpec> with)
    {
        var job = Manifests.Job("j", ("run-duration", "10s"), ("exit-code", exitCode.ToString()));
        var template = job.Spec.Template;
        Container[] other = rule.Action == "RestartAllContainers" ? [template.Spec.Containers[0] with { Name = "b" }] : [];
        Container[] containers = [template.Spec.Containers[0] with { Name = "a", RestartPolicy = "Never", RestartPolicyRules = [rule] }, .. other];
        await cluster.Client.CreateAsync(job with { Spec = with(job.Spec with { Template = template with { Spec = template.Spec with { Containers = containers } } }) }, Ct);
    }

    private static async Task<(Job Job, Pod Pod)> LookAsync(TestCluster cluster) =>
        (await cluster.Client.GetAsync<Job>("default", "j", Ct), Assert.Single((await cluster.Client.ListAsync<Pod>("default", null, Ct)).Items));

    private static async Task<(int Succeeded, int Failed, string End)> EndAsync(TestCluster cluster)
    {
        var status = (await cluster.Client.GetAsync<Job>("default", "j", Ct)).Status;
        return (status.Succeeded, status.Failed, status.Conditions.Single(c => c.Type is "Complete" or "Failed").Type);
    }
}
