using Kobune.Api.Core.V1;
using Kobune.Kubelet.Pods;
using Kobune.Kubelet.Runtime;
using Kobune.Kubelet.Statuses;
using State = Kobune.Kubelet.Cri.ContainerState;

namespace Kobune.Kubelet.Tests.Statuses;

public class PodStatusPlanTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static RuntimeContainer Run(string name, State state, int code = 0, int count = 0) => new($"id-{name}-{count}", name, "s", state) { ExitCode = code, RestartCount = count, StartedAt = Now, FinishedAt = Now };

    private sealed class Probes(params string[] ready) : IProbeResults
    {
        public bool? Liveness(string containerId) => null;

        public bool? Startup(string containerId) => null;

        public bool? Readiness(string containerId) => ready.Contains(containerId);
    }

    private static Pod Make(string policy = "Always", string[]? init = null, bool probe = false) => new()
    {
        Metadata = new() { Name = "p", Namespace = "d", Uid = "u", Generation = 3 },
        Spec = new()
        {
            RestartPolicy = policy,
            InitContainers = [.. (init ?? []).Select(i => new Container { Name = i })],
            Containers = [new() { Name = "a", ReadinessProbe = probe ? new() : null }],
        },
    };

    private static PodStatus Compute(Pod pod, RuntimeContainer[] runs, Action<StartErrors>? errors = null, bool terminating = false, bool terminated = false, IProbeResults? probes = null, PodStatus? old = null, (string, string)? failure = null)
    {
        var known = new StartErrors();
        errors?.Invoke(known);
        var sandbox = new Cri.PodSandboxStatus { Id = "s", State = terminated ? Cri.PodSandboxState.SandboxNotready : Cri.PodSandboxState.SandboxReady, Network = new() { Ip = "10.1.1.1" } };
        return PodStatusPlan.Compute(new(pod, old ?? pod.Status, new("u", [sandbox], runs), known, probes ?? new Probes(), Now) { HostIPs = ["192.168.49.2"], Terminating = terminating, Terminated = terminated, Failure = failure });
    }

    private static string Condition(PodStatus status, string type) => status.Conditions.First(c => c.Type == type) is var c ? $"{c.Status} {c.Reason} {c.Message}".Trim() : "";

    [Fact]
    public void Running_pod_without_probes_is_ready()
    {
        var status = Compute(Make(), [Run("a", State.ContainerRunning)]);
        Assert.Equal(PodPhase.Running, status.Phase);
        Assert.Equal("10.1.1.1", status.PodIP);
        Assert.Equal("192.168.49.2", status.HostIP);
        Assert.Equal(3, status.ObservedGeneration);
        Assert.All((string[])["Ready", "ContainersReady", "Initialized", "PodReadyToStartContainers", "PodScheduled"], t => Assert.Equal("True", Condition(status, t)));
        Assert.Equal("containerd://id-a-0", status.ContainerStatuses[0].ContainerID);
    }

    [Fact]
    public void The_condition_of_a_sandbox_is_a_feature()
    {
        var pod = Make();
        PodStatus Of(bool shows) => PodStatusPlan.Compute(new(pod, pod.Status, new("u", [], []), new StartErrors(), new Probes(), Now) { ShowsReadyToStart = shows });
        Assert.Contains(Of(true).Conditions, c => c.Type == "PodReadyToStartContainers");
        Assert.DoesNotContain(Of(false).Conditions, c => c.Type == "PodReadyToStartContainers");
    }

    [Fact]
    public void Readiness_waits_for_its_probe()
    {
        var pod = Make(probe: true);
        Assert.Equal("False ContainersNotReady containers with unready status: [a]", Condition(Compute(pod, [Run("a", State.ContainerRunning)]), "Ready"));
        Assert.Equal("True", Condition(Compute(pod, [Run("a", State.ContainerRunning)], probes: new Probes("id-a-0")), "Ready"));
    }

    [Fact]
    public void Readiness_gate_decides_with_the_containers()
    {
        var pod = Make();
        pod = pod with { Spec = pod.Spec with { ReadinessGates = [new() { ConditionType = "x/y" }] } };
        Assert.Equal("False ReadinessGatesNotReady corresponding condition of pod readiness gate \"x/y\" does not exist.", Condition(Compute(pod, [Run("a", State.ContainerRunning)]), "Ready"));
        pod = pod with { Status = pod.Status with { Conditions = [new() { Type = "x/y", Status = "True" }] } };
        var status = Compute(pod, [Run("a", State.ContainerRunning)]);
        Assert.Equal("True", Condition(status, "Ready"));
        Assert.Equal("True", Condition(status, "x/y"));
    }

    [Fact]
    public void Init_containers_hold_the_pod_pending()
    {
        var status = Compute(Make(init: ["i", "j"]), [Run("i", State.ContainerExited)]);
        Assert.Equal(PodPhase.Pending, status.Phase);
        Assert.Equal("False ContainersNotInitialized containers with incomplete status: [j]", Condition(status, "Initialized"));
        Assert.Equal("PodInitializing", status.ContainerStatuses[0].State.Waiting!.Reason);
    }

    [Fact]
    public void Crash_loop_shows_the_last_run()
    {
        var status = Compute(Make(), [Run("a", State.ContainerExited, 5, 2), Run("a", State.ContainerExited, 4, 1)], e => e.Set("u", "a", "CrashLoopBackOff", "back-off"));
        var container = status.ContainerStatuses[0];
        Assert.Equal("CrashLoopBackOff", container.State.Waiting!.Reason);
        Assert.Equal(5, container.LastTerminationState.Terminated!.ExitCode);
        Assert.Equal(2, container.RestartCount);
        Assert.Equal(PodPhase.Running, status.Phase);
    }

    [Theory]
    [InlineData("Never", 0, "Succeeded")]
    [InlineData("Never", 1, "Failed")]
    [InlineData("OnFailure", 0, "Succeeded")]
    [InlineData("OnFailure", 1, "Running")]
    [InlineData("Always", 0, "Running")]
    public void Phase_of_an_ended_container(string policy, int code, string phase) => Assert.Equal(phase, Compute(Make(policy), [Run("a", State.ContainerExited, code)]).Phase);

    [Theory]
    [InlineData(0, "Succeeded")]
    [InlineData(137, "Failed")]
    public void Deleted_pod_ends_in_a_final_phase(int code, string phase)
    {
        var status = Compute(Make(), [Run("a", State.ContainerExited, code)], terminating: true, terminated: true);
        Assert.Equal(phase, status.Phase);
        Assert.Equal("False", Condition(status, "PodReadyToStartContainers"));
    }

    [Fact]
    public void Pod_whose_init_container_failed_keeps_its_containers_initializing()
    {
        var status = Compute(Make("Never", ["i"]), [Run("i", State.ContainerExited, code: 4)], terminated: true);
        Assert.Equal("Failed", status.Phase);
        Assert.Equal("PodInitializing", status.ContainerStatuses[0].State.Waiting?.Reason);
    }

    [Fact]
    public void Lost_container_is_unknown_with_137()
    {
        var old = Compute(Make(), [Run("a", State.ContainerRunning)]);
        var status = Compute(Make(), [], terminating: true, terminated: true, old: old);
        Assert.Equal("ContainerStatusUnknown", status.ContainerStatuses[0].State.Terminated!.Reason);
        Assert.Equal(137, status.ContainerStatuses[0].State.Terminated!.ExitCode);
    }

    [Fact]
    public void Final_phase_never_changes()
    {
        var old = Compute(Make("Never"), [Run("a", State.ContainerExited)]);
        Assert.Equal(PodPhase.Succeeded, Compute(Make("Never"), [Run("a", State.ContainerRunning)], old: old).Phase);
    }

    [Fact]
    public void Refused_pod_says_only_why()
    {
        var status = Compute(Make(), [], failure: ("OutOfcpu", "no"));
        Assert.Equal((PodPhase.Failed, "OutOfcpu", "no"), (status.Phase, status.Reason, status.Message));
        Assert.Empty(status.ContainerStatuses);
        Assert.Equal(status, Compute(Make(), [], old: status, failure: ("OutOfcpu", "no")));
        Assert.Equal(status, Compute(Make(), [], old: status)); // after a restart of the kubelet
    }

    [Fact]
    public void Patch_leaves_the_conditions_of_others_alone()
    {
        var before = Make().Status with { Conditions = [new() { Type = "x/y", Status = "True" }] };
        var pod = Make() with { Status = before };
        var after = Compute(pod, [Run("a", State.ContainerRunning)]);
        var patch = PodStatusPatch.Between("u", before, after)!;
        Assert.Equal("u", patch["metadata"]!["uid"]!.GetValue<string>());
        Assert.DoesNotContain("x/y", patch.ToJsonString(), StringComparison.Ordinal);
        Assert.Null(PodStatusPatch.Between("u", after, after));
    }

    /// <summary>Conditions are merged, so a reason that no longer holds must be taken away by name.</summary>
    [Fact]
    public void Patch_takes_the_reason_of_a_condition_away()
    {
        PodStatus With(string status, string reason) => Make().Status with { Conditions = [new() { Type = "Ready", Status = status, Reason = reason, Message = reason }] };
        var condition = PodStatusPatch.Between("u", With("False", "ContainersNotReady"), With("True", ""))!["status"]!["conditions"]![0]!.AsObject();
        Assert.Equal("True", (string?)condition["status"]);
        Assert.True(condition.ContainsKey("reason") && condition["reason"] is null && condition.ContainsKey("message") && condition["message"] is null);
    }
}
