using Kobune.Api.Core.V1;
using Kobune.Kubelet.Pods;
using Kobune.Kubelet.Runtime;
using Kobune.Kubelet.Statuses;
using State = Kobune.Kubelet.Cri.ContainerState;

namespace Kobune.Kubelet.Tests.Statuses;

/// <summary>What the rules and the own policy of a container make of its pod's status.</summary>
public class RestartRuleStatusTests
{
    private sealed class NoProbes : IProbeResults
    {
        public bool? Liveness(string containerId) => null;

        public bool? Startup(string containerId) => null;

        public bool? Readiness(string containerId) => null;
    }

    /// <summary>A pod of one container; a rule is "Restart In 42".</summary>
    private static Pod Make(string policy, string own, string rule, bool init = false)
    {
        var container = new Container { Name = "a", RestartPolicy = own.Length > 0 ? own : null };
        if (rule.Split(' ') is [var action, var @operator, var code])
        {
            container = container with { RestartPolicyRules = [new() { Action = action, ExitCodes = new() { Operator = @operator, Values = [int.Parse(code, null)] } }] };
        }

        var spec = new PodSpec { RestartPolicy = policy, Containers = [init ? new() { Name = "b" } : container], InitContainers = init ? [container] : [] };
        return new() { Metadata = new() { Name = "p", Namespace = "d", Uid = "u" }, Spec = spec };
    }

    private static RuntimeContainer Run(string name, State state, int code = 0, int count = 0) => new($"id-{name}-{count}", name, "s", state) { ExitCode = code, RestartCount = count };

    private static PodStatus Compute(Pod pod, PodStatus old, StartErrors? errors, params RuntimeContainer[] runs)
    {
        var sandbox = new Cri.PodSandboxStatus { Id = "s", State = Cri.PodSandboxState.SandboxReady, Network = new() { Ip = "10.1.1.1" } };
        return PodStatusPlan.Compute(new(pod, old, new("u", [sandbox], runs), errors ?? new(), new NoProbes(), DateTimeOffset.UnixEpoch));
    }

    private static string? Restarting(PodStatus status) => status.Conditions.FirstOrDefault(c => c.Type == "AllContainersRestarting") is { } c ? $"{c.Status} {c.Reason}".Trim() : null;

    [Theory]
    [InlineData("Never", "Never", "Restart In 42", 42, "Running")]
    [InlineData("Never", "Never", "Restart In 42", 1, "Failed")]
    [InlineData("Never", "Never", "Restart In 42", 0, "Succeeded")]
    [InlineData("Never", "Never", "Restart In 0", 0, "Running")]
    [InlineData("Never", "Never", "Restart NotIn 42", 1, "Running")]
    [InlineData("Never", "Never", "Restart NotIn 42", 42, "Failed")]
    [InlineData("Never", "", "Restart In 42", 42, "Failed")] // rules without an own policy say nothing
    [InlineData("Never", "Never", "RestartAllContainers In 88", 88, "Running")]
    [InlineData("Never", "OnFailure", "", 1, "Running")]
    [InlineData("Never", "OnFailure", "", 0, "Succeeded")]
    [InlineData("Never", "Always", "", 0, "Running")]
    [InlineData("Always", "Never", "", 1, "Failed")]
    [InlineData("Always", "Never", "", 0, "Succeeded")]
    [InlineData("OnFailure", "Never", "", 1, "Failed")]
    public void Phase_after_an_end(string policy, string own, string rule, int code, string phase) =>
        Assert.Equal(phase, Compute(Make(policy, own, rule), PodStatus.Empty, null, Run("a", State.ContainerExited, code)).Phase);

    [Theory]
    [InlineData("Never", "Never", "Restart In 42", 42, "Pending")]
    [InlineData("Never", "Never", "Restart In 42", 1, "Failed")]
    [InlineData("Always", "Never", "", 1, "Failed")]
    [InlineData("Never", "OnFailure", "", 1, "Pending")]
    public void Phase_after_the_end_of_an_init_container(string policy, string own, string rule, int code, string phase) =>
        Assert.Equal(phase, Compute(Make(policy, own, rule, init: true), PodStatus.Empty, null, Run("a", State.ContainerExited, code)).Phase);

    [Fact]
    public void A_container_that_a_rule_restarts_waits_in_back_off_with_its_last_end()
    {
        var errors = new StartErrors();
        errors.Set("u", "a", "CrashLoopBackOff", "back-off");
        var status = Compute(Make("Never", "Never", "Restart In 42"), PodStatus.Empty, errors, Run("a", State.ContainerExited, 42, 3));
        var container = status.ContainerStatuses[0];
        Assert.Equal(("Running", "CrashLoopBackOff", 42, 3), (status.Phase, container.State.Waiting!.Reason, container.LastTerminationState.Terminated!.ExitCode, container.RestartCount));
        Assert.Null(Restarting(status));
    }

    [Theory]
    [InlineData("Never", "Never", "Restart In 137", "Running")]
    [InlineData("Never", "Never", "Restart In 42", "Failed")]
    public void A_run_that_the_runtime_lost_counts_as_killed(string policy, string own, string rule, string phase)
    {
        var pod = Make(policy, own, rule);
        var old = Compute(pod, PodStatus.Empty, null, Run("a", State.ContainerRunning));
        Assert.Equal(phase, Compute(pod, old, null).Phase);
    }

    [Fact]
    public void A_restart_of_all_shows_from_the_end_that_asked_for_it_to_the_new_run()
    {
        var pod = Make("Never", "Never", "RestartAllContainers In 88");
        pod = pod with { Spec = pod.Spec with { Containers = [.. pod.Spec.Containers, new() { Name = "b" }] } };
        var runs = Compute(pod, PodStatus.Empty, null, Run("a", State.ContainerRunning), Run("b", State.ContainerExited));
        Assert.Equal(("Running", "False"), (runs.Phase, Restarting(runs)));

        var asked = Compute(pod, runs, null, Run("a", State.ContainerExited, 88), Run("b", State.ContainerExited));
        Assert.Equal(("Running", "True RestartAllContainersStarted"), (asked.Phase, Restarting(asked)));

        var removed = Compute(pod, asked, null);
        Assert.Equal(("Running", "False"), (removed.Phase, Restarting(removed)));
        Assert.All(removed.ContainerStatuses, s => Assert.Equal(("RestartingAllContainers", "RestartingAllContainers", 137, 1), (s.State.Waiting!.Reason, s.LastTerminationState.Terminated!.Reason, s.LastTerminationState.Terminated.ExitCode, s.RestartCount)));

        var anew = Compute(pod, removed, null, Run("a", State.ContainerRunning, 0, 1), Run("b", State.ContainerRunning, 0, 1));
        Assert.Equal(("Running", "False"), (anew.Phase, Restarting(anew)));
        Assert.All(anew.ContainerStatuses, s => Assert.Equal(("RestartingAllContainers", 1), (s.LastTerminationState.Terminated!.Reason, s.RestartCount)));
    }
}
