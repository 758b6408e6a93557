using Kobune.Api.Core.V1;
using Kobune.SimulatedNode.Nodes;
using Kobune.SimulatedNode.Pods;

namespace Kobune.SimulatedNode.Tests;

public class PodStatusesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_running_pod_looks_as_a_kubelet_reports_it()
    {
        var status = PodStatuses.Running(Pods.Bound("a"), "172.16.0.1", "10.244.0.2", ready: true, Now);
        Assert.Equal(("Running", "172.16.0.1", "10.244.0.2", (DateTimeOffset?)Now), (status.Phase, status.HostIP, status.PodIP, status.StartTime));
        Assert.Equal("172.16.0.1 10.244.0.2", $"{status.HostIPs[0].IP} {status.PodIPs[0].IP}");
        Assert.Equal(["PodReadyToStartContainers=True", "Initialized=True", "Ready=True", "ContainersReady=True", "PodScheduled=True"], Conditions(status));
        var container = Assert.Single(status.ContainerStatuses);
        Assert.Equal((true, true, (DateTimeOffset?)Now), (container.Ready, container.Started, container.State.Running!.StartedAt));
        Assert.StartsWith("containerd://", container.ContainerID, StringComparison.Ordinal);
    }

    [Fact]
    public void Init_containers_have_ended_and_sidecars_run()
    {
        var pod = Pods.Bound("a");
        pod = pod with { Spec = pod.Spec with { InitContainers = [new() { Name = "i", Image = "x" }, new() { Name = "s", Image = "x", RestartPolicy = "Always" }] } };
        var status = PodStatuses.Running(pod, "172.16.0.1", "10.244.0.2", ready: true, Now);
        Assert.Equal(0, status.InitContainerStatuses[0].State.Terminated!.ExitCode);
        Assert.NotNull(status.InitContainerStatuses[1].State.Running);
    }

    [Theory]
    [InlineData(0, "Succeeded", "Completed", "PodCompleted")]
    [InlineData(3, "Failed", "Error", "PodFailed")]
    public void An_ended_pod_has_exit_codes_and_is_not_ready(int exitCode, string phase, string reason, string conditionReason)
    {
        var running = Pods.Bound("a");
        running = running with { Status = PodStatuses.Running(running, "172.16.0.1", "10.244.0.2", ready: true, Now) };
        var status = PodStatuses.Ended(running, exitCode, Now.AddSeconds(5));
        var terminated = status.ContainerStatuses[0].State.Terminated!;
        Assert.Equal((phase, exitCode, reason, (DateTimeOffset?)Now, (DateTimeOffset?)Now.AddSeconds(5)), (status.Phase, terminated.ExitCode, terminated.Reason, terminated.StartedAt, terminated.FinishedAt));
        Assert.Equal(conditionReason, status.Conditions.Single(c => c.Type == "Ready").Reason);
        Assert.Equal("10.244.0.2", status.PodIP);
    }

    [Fact]
    public void Readiness_gates_decide_on_Ready()
    {
        var pod = Pods.Bound("a");
        pod = pod with { Spec = pod.Spec with { ReadinessGates = [new() { ConditionType = "example.com/lb" }] } };
        pod = pod with { Status = PodStatuses.Running(pod, "172.16.0.1", "10.244.0.2", ready: true, Now) };
        var ready = pod.Status.Conditions.Single(c => c.Type == "Ready");
        Assert.Equal(("False", "ReadinessGatesNotReady", "corresponding condition of pod readiness gate \"example.com/lb\" does not exist."), (ready.Status, ready.Reason, ready.Message));
        Assert.True(PodStatuses.ReadyMatchesGates(pod));
        pod = pod with { Status = pod.Status with { Conditions = [.. pod.Status.Conditions, new() { Type = "example.com/lb", Status = "True" }] } };
        Assert.False(PodStatuses.ReadyMatchesGates(pod));
        Assert.Equal("readiness", StageOf(pod));
        Assert.Contains("Ready=True", Conditions(PodStatuses.Running(pod, "172.16.0.1", "10.244.0.2", ready: true, Now)));
    }

    [Fact]
    public void Times_of_conditions_change_only_with_the_status()
    {
        var pod = Pods.Bound("a");
        pod = pod with { Status = PodStatuses.Running(pod, "172.16.0.1", "10.244.0.2", ready: true, Now) };
        Assert.Equal(pod.Status, PodStatuses.Running(pod, "172.16.0.1", "10.244.0.2", ready: true, Now.AddHours(1)));
    }

    [Theory]
    [InlineData("Pending", "Always", "", "start")]
    [InlineData("Pending", "Always", "ready=false", "start unready")]
    [InlineData("Running", "Always", "", "")]
    [InlineData("Running", "Never", "", "")]
    [InlineData("Running", "Never", "exit-code=0", "succeed")]
    [InlineData("Running", "Never", "exit-code=7", "fail")]
    [InlineData("Running", "OnFailure", "exit-code=0", "succeed")]
    [InlineData("Running", "OnFailure", "exit-code=7", "restart")]
    [InlineData("Running", "Always", "exit-code=0", "")]
    [InlineData("Running", "Never", "job", "succeed")]
    [InlineData("Succeeded", "Never", "exit-code=0", "")]
    [InlineData("Running", "Always", "deleting", "delete")]
    [InlineData("Pending", "Always", "deleting", "delete")]
    public void Stages(string phase, string restartPolicy, string mark, string expected)
    {
        var pod = Pods.Bound("a");
        pod = pod with { Status = pod.Status with { Phase = phase }, Spec = pod.Spec with { RestartPolicy = restartPolicy } };
        pod = mark switch
        {
            "job" => pod with { Metadata = pod.Metadata with { OwnerReferences = [new() { Kind = "Job", Name = "j", Controller = true }] } },
            "deleting" => pod with { Metadata = pod.Metadata with { DeletionTimestamp = Now } },
            "" => pod,
            _ => pod with { Metadata = pod.Metadata with { Annotations = new Dictionary<string, string> { [PodStage.AnnotationPrefix + mark.Split('=')[0]] = mark.Split('=')[1] } } },
        };
        Assert.Equal(expected, StageOf(pod));
    }

    [Fact]
    public void A_pool_gives_each_pod_an_address_and_keeps_what_was_given()
    {
        var pool = new AddressPool("10.244.3.0/29");
        pool.Keep("old", "10.244.3.3");
        Assert.Equal("10.244.3.3", pool.Take("old"));
        Assert.Equal(["10.244.3.2", "10.244.3.4", "10.244.3.5", "10.244.3.6"], ((string[])["a", "b", "c", "d"]).Select(pool.Take));
        Assert.Null(pool.Take("e"));
        pool.Release("b");
        Assert.Equal("10.244.3.4", pool.Take("e"));
        Assert.Equal("10.244.3.2", pool.Take("a"));
    }

    [Fact]
    public void A_container_that_its_rule_restarts_runs_beside_one_that_has_ended()
    {
        var pod = Pods.Bound("a");
        var rule = new ContainerRestartRule { Action = "Restart", ExitCodes = new() { Operator = "In", Values = [42] } };
        pod = pod with { Spec = pod.Spec with { RestartPolicy = "Never", Containers = [new() { Name = "r", Image = "x", RestartPolicy = "Never", RestartPolicyRules = [rule] }, new() { Name = "o", Image = "x" }] } };
        pod = pod with { Status = PodStatuses.Running(pod, "172.16.0.1", "10.244.0.2", ready: true, Now), Metadata = pod.Metadata with { Annotations = new Dictionary<string, string> { ["simulated.kobune/exit-code"] = "42" } } };
        Assert.Equal("restart", StageOf(pod));
        pod = pod with { Status = ContainerRestarts.Restarted(pod, 42, Now.AddSeconds(1)) };
        Assert.Equal("r 1 running, o 0 ended 42", Containers(pod));
        var ready = pod.Status.Conditions.Single(c => c.Type == "Ready");
        Assert.Equal(("False", "containers with unready status: [o]"), (ready.Status, ready.Message));
        Assert.Equal("back off", StageOf(pod));
        pod = pod with { Status = ContainerRestarts.BackingOff(pod, 42, Now.AddSeconds(2)) };
        Assert.Equal("r 1 waiting, o 0 ended 42", Containers(pod));
        pod = pod with { Status = ContainerRestarts.Restarted(pod, 0, Now.AddSeconds(12)) };
        Assert.Equal("r 2 running, o 0 ended 42", Containers(pod));
        Assert.Equal(("Failed", 0, 42), (PodStatuses.Ended(pod, 0, Now).Phase, PodStatuses.Ended(pod, 0, Now).ContainerStatuses[0].State.Terminated!.ExitCode, PodStatuses.Ended(pod, 0, Now).ContainerStatuses[1].State.Terminated!.ExitCode));

        static string Containers(Pod pod) => string.Join(", ", pod.Status.ContainerStatuses.Select(s =>
            $"{s.Name} {s.RestartCount} {(s.State.Running is not null ? "running" : s.State.Waiting is not null ? "waiting" : "ended " + s.State.Terminated!.ExitCode)}"));
    }

    private static string StageOf(Pod pod) => PodStage.Default.FirstOrDefault(s => s.Matches(pod))?.Name ?? "";

    private static IEnumerable<string> Conditions(PodStatus status) => status.Conditions.Select(c => $"{c.Type}={c.Status}");
}
