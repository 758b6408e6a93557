using Kobune.Api.Core.V1;

namespace Kobune.Kubelet.Tests.Pods;

public class RestartRuleWorkerTests
{
    private static Container Ruled(string name, string action, int code) => new()
    {
        Name = name,
        Image = "app:1",
        RestartPolicy = "Never",
        RestartPolicyRules = [new() { Action = action, ExitCodes = new() { Operator = "In", Values = [code] } }],
    };

    [Fact]
    public async Task A_rule_restarts_a_container_of_a_Never_pod_with_pauses_until_it_ends_otherwise()
    {
        await using var bench = new WorkerBench();
        bench.Runtime.ExitsWith = 42;
        bench.Update(WorkerBench.Make(Ruled("a", "Restart", 42), policy: "Never"));
        await bench.UntilAsync(() => bench.Status.ContainerStatuses is [{ State.Waiting.Reason: "CrashLoopBackOff", RestartCount: 1, LastTerminationState.Terminated.ExitCode: 42 }], "CrashLoopBackOff after the second run");
        Assert.Equal("Running", bench.Status.Phase);
        bench.Runtime.ExitsWith = 7;
        await bench.AdvanceUntilAsync(() => bench.Status.Phase == "Failed", "the end of the pod");
        Assert.Equal(7, bench.Status.ContainerStatuses[0].State.Terminated!.ExitCode);
        Assert.Equal(2, bench.Status.ContainerStatuses[0].RestartCount);
    }

    [Fact]
    public async Task A_restart_of_all_begins_a_pod_anew_in_its_sandbox_without_grace()
    {
        await using var bench = new WorkerBench();
        var main = new Container { Name = "main", Image = "app:1", Lifecycle = new() { PreStop = new() { Exec = new() { Command = ["drain"] } } } };
        var pod = WorkerBench.Make(main, policy: "Never");
        pod = pod with { Spec = pod.Spec with { InitContainers = [new() { Name = "setup", Image = "app:1" }], Containers = [main, Ruled("watcher", "RestartAllContainers", 88)] } };
        bench.Update(pod);
        await bench.UntilAsync(() => bench.Status.InitContainerStatuses is [{ State.Running: not null }], "the setup");
        bench.Runtime.End("setup", 0);
        bench.Workers.Wake("u");
        await bench.UntilAsync(() => bench.Status.ContainerStatuses is [{ State.Running: not null }, { State.Running: not null }], "both containers");
        bench.Runtime.End("watcher", 88);
        bench.Workers.Wake("u");
        await bench.UntilAsync(() => bench.Status.InitContainerStatuses is [{ State.Running: not null, RestartCount: 1 }], "the setup once more");
        Assert.Equal("Running", bench.Status.Phase);
        Assert.All(bench.Status.ContainerStatuses, s => Assert.Equal("RestartingAllContainers", s.LastTerminationState.Terminated!.Reason));
        bench.Runtime.End("setup", 0);
        bench.Workers.Wake("u");
        await bench.UntilAsync(() => bench.Status.ContainerStatuses is [{ State.Running: not null, RestartCount: 1 }, { State.Running: not null, RestartCount: 1 }], "both containers once more");
        Assert.Single(bench.Runtime.Calls, c => c.StartsWith("sandbox", StringComparison.Ordinal));
        Assert.Equal(["stop main 0"], bench.Runtime.Calls.Where(c => c.StartsWith("stop", StringComparison.Ordinal)));
        Assert.DoesNotContain("exec drain", bench.Runtime.Calls);
        Assert.Contains(bench.Status.Conditions, c => c is { Type: "AllContainersRestarting", Status: "False" });
    }
}
