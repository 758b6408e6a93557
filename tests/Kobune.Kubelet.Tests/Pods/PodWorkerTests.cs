using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.Kubelet.Sandboxes;

namespace Kobune.Kubelet.Tests.Pods;

public class PodWorkerTests
{
    private static int Starts(WorkerBench bench) => bench.Runtime.Calls.Count(c => c == "start a");

    [Fact]
    public async Task Crash_loop_waits_longer_each_time()
    {
        await using var bench = new WorkerBench();
        bench.Runtime.ExitsWith = 1;
        bench.Update(WorkerBench.Make());
        await bench.UntilAsync(() => bench.Status.ContainerStatuses is [{ State.Waiting.Reason: "CrashLoopBackOff" }], "CrashLoopBackOff after two quick runs");
        Assert.Equal(2, Starts(bench));
        foreach (var seconds in (int[])[10, 20, 40, 80, 160, 300, 300])
        {
            var before = Starts(bench);
            var waited = await bench.AdvanceUntilAsync(() => Starts(bench) > before, "another start");
            Assert.InRange(waited.TotalSeconds, seconds - 1, seconds + 60);
            await bench.UntilAsync(() => bench.Status.ContainerStatuses is [{ State.Waiting.Reason: "CrashLoopBackOff" }] && bench.Status.ContainerStatuses[0].RestartCount == Starts(bench) - 1, "waiting again");
        }

        Assert.Contains(bench.Seen, e => e == "BackOff: Back-off restarting failed container a in pod p_d(u)");
    }

    [Fact]
    public async Task Probes_that_have_done_their_work_are_no_trouble_to_the_pod()
    {
        await using var bench = new WorkerBench();
        var failures = 1; // of the liveness probe
        bench.Runtime.Exec = (command, _) => Task.FromResult(command[0] == "alive" ? Interlocked.Exchange(ref failures, 0) : 0);
        bench.Update(WorkerBench.Make(new()
        {
            Name = "a",
            Image = "app:1",
            StartupProbe = new() { Exec = new() { Command = ["started"] }, PeriodSeconds = 1 },
            LivenessProbe = new() { Exec = new() { Command = ["alive"] }, PeriodSeconds = 1, FailureThreshold = 1 },
        }));
        await bench.AdvanceUntilAsync(() => bench.Status.ContainerStatuses is [{ Started: true, RestartCount: 1 }], "the second run has started");
        Assert.Equal("", bench.Log);
    }

    [Fact]
    public async Task A_pod_whose_devices_cannot_be_had_does_not_start_until_they_can()
    {
        await using var bench = new WorkerBench { NoDevices = "DRA driver gpu.test is not registered" };
        bench.Update(WorkerBench.Make());
        await bench.UntilAsync(() => bench.Seen.Contains("FailedPrepareDynamicResources: Failed to prepare dynamic resources: prepare dynamic resources: DRA driver gpu.test is not registered"), "the event");
        Assert.DoesNotContain(bench.Runtime.Calls, c => c.StartsWith("run", StringComparison.Ordinal) || c.StartsWith("start", StringComparison.Ordinal));
        bench.NoDevices = null;
        await bench.AdvanceUntilAsync(() => bench.Status.ContainerStatuses is [{ State.Running: not null }], "the container runs");
    }

    [Fact]
    public async Task A_token_that_is_renewed_one_day_does_not_hold_up_the_containers_behind_a_sidecar()
    {
        await using var bench = new WorkerBench();
        var pod = WorkerBench.Make();
        pod = pod with
        {
            Spec = pod.Spec with
            {
                InitContainers = [new() { Name = "s", Image = "app:1", RestartPolicy = "Always" }],
                Volumes = [new() { Name = "token", Projected = new() { Sources = [new() { ServiceAccountToken = new() { Path = "token", ExpirationSeconds = 3600 } }] } }],
            },
        };
        bench.Update(pod);
        await bench.UntilAsync(() => bench.Status is { InitContainerStatuses: [{ State.Running: not null }], ContainerStatuses: [{ State.Running: not null }] }, "both run, at the same time of the clock");
        bench.Update(WorkerBench.Deleting(pod, 0));
        await bench.AdvanceUntilAsync(() => !bench.Deleted.IsEmpty, "the end of the pod and of its volume");
    }

    [Fact]
    public async Task Crash_loop_waits_a_minute_at_most_with_ReduceDefaultCrashLoopBackOffDecay()
    {
        var features = FeatureGates.Parse(new(36, 0), "ReduceDefaultCrashLoopBackOffDecay=true");
        await using var bench = new WorkerBench(new() { NodeName = "n", NodeIP = "192.168.49.2", Features = features });
        bench.Runtime.ExitsWith = 1;
        bench.Update(WorkerBench.Make());
        await bench.UntilAsync(() => bench.Status.ContainerStatuses is [{ State.Waiting.Reason: "CrashLoopBackOff" }], "CrashLoopBackOff");
        var total = TimeSpan.Zero;
        for (var i = 0; i < 8; i++)
        {
            var before = Starts(bench);
            total += await bench.AdvanceUntilAsync(() => Starts(bench) > before, "another start");
            await bench.UntilAsync(() => bench.Status.ContainerStatuses is [{ State.Waiting.Reason: "CrashLoopBackOff" }] && bench.Status.ContainerStatuses[0].RestartCount == Starts(bench) - 1, "waiting again");
        }

        Assert.InRange(total.TotalSeconds, 120, 700); // 1+2+4+...+32+60+60 and looks in between; 1210 and more without the feature
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pod_fails_only_when_the_node_as_it_is_now_refuses_it_too(bool isConfirmed)
    {
        await using var bench = new WorkerBench();
        (string Reason, string Message)? refusal = ("NodeAffinity", "Predicate NodeAffinity failed");
        bench.Workers.Update(WorkerBench.Make(), _ => refusal, (_, _) => Task.FromResult(isConfirmed ? refusal : null));
        await bench.UntilAsync(() => bench.Status.Phase == (isConfirmed ? "Failed" : "Running"), "its end or its start");
        Assert.Equal(isConfirmed ? "Pod was rejected: Predicate NodeAffinity failed" : "", bench.Status.Message);
        Assert.Equal(isConfirmed, bench.Seen.Any(e => e.Contains("Predicate NodeAffinity failed", StringComparison.Ordinal)));
        Assert.Equal(isConfirmed, bench.Runtime.Calls.IsEmpty);
    }

    [Fact]
    public async Task Deletion_runs_pre_stop_then_stops_with_what_is_left_of_the_grace()
    {
        await using var bench = new WorkerBench();
        var pod = WorkerBench.Make(new() { Name = "a", Image = "app:1", Lifecycle = new() { PreStop = new() { Exec = new() { Command = ["drain"] } } } });
        bench.Runtime.Exec = async (_, ct) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(10), bench.Time, ct);
            return 0;
        };
        bench.Update(pod);
        await bench.UntilAsync(() => bench.Status.Phase == "Running", "Running");
        bench.Update(WorkerBench.Deleting(pod, 30));
        await bench.UntilAsync(() => bench.Runtime.Calls.Contains("exec drain"), "the preStop hook");
        await bench.AdvanceUntilAsync(() => !bench.Deleted.IsEmpty, "the end of the deletion");
        Assert.True(bench.HadStopped); // the scheduler may bind the next pod at once: it must find room
        var stop = bench.Runtime.Calls.Single(c => c.StartsWith("stop a ", StringComparison.Ordinal));
        Assert.InRange(int.Parse(stop["stop a ".Length..], System.Globalization.CultureInfo.InvariantCulture), 2, 20);
        Assert.Equal("Failed", bench.Status.Phase);
        bench.Workers.Remove("u");
        await bench.UntilAsync(() => bench.Workers.Find("u") is null, "nothing left of the pod");
    }

    [Fact]
    public async Task Shortened_grace_hurries_a_stop_that_is_under_way()
    {
        await using var bench = new WorkerBench();
        bench.Update(WorkerBench.Make());
        await bench.UntilAsync(() => bench.Status.Phase == "Running", "Running");
        bench.Runtime.HoldStop = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bench.Update(WorkerBench.Deleting(WorkerBench.Make(), 3600));
        await bench.Runtime.HoldStop.Task.WaitAsync(TimeSpan.FromSeconds(60));
        bench.Update(WorkerBench.Deleting(WorkerBench.Make(), 0));
        await bench.UntilAsync(() => !bench.Deleted.IsEmpty, "the end of the deletion without an hour's wait");
    }

    [Fact]
    public async Task A_sandbox_whose_shim_is_gone_when_it_is_stopped_is_stopped_again()
    {
        await using var bench = new WorkerBench();
        bench.Update(WorkerBench.Make());
        await bench.UntilAsync(() => bench.Status.Phase == "Running", "Running");
        bench.Runtime.StopFailures = 2;
        bench.Update(WorkerBench.Deleting(WorkerBench.Make(), 0));
        await bench.AdvanceUntilAsync(() => !bench.Deleted.IsEmpty, "the end of the deletion");
        Assert.All(await bench.Runtime.ListPodSandboxAsync(null, CancellationToken.None), s => Assert.Equal(Cri.PodSandboxState.SandboxNotready, s.State));
    }

    [Fact]
    public async Task Deletion_does_not_wait_for_a_post_start_hook()
    {
        await using var bench = new WorkerBench();
        var pod = WorkerBench.Make(new() { Name = "a", Image = "app:1", Lifecycle = new() { PostStart = new() { Exec = new() { Command = ["hang"] } } } });
        bench.Runtime.Exec = async (_, ct) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, bench.Time, ct);
            return 0;
        };
        bench.Update(pod);
        await bench.UntilAsync(() => bench.Runtime.Calls.Contains("exec hang"), "the postStart hook");
        bench.Update(WorkerBench.Deleting(pod, 1));
        await bench.UntilAsync(() => !bench.Deleted.IsEmpty, "the end of the deletion");
    }

    [Fact]
    public async Task A_pod_that_asks_for_users_of_its_own_does_not_run_with_the_nodes()
    {
        await using var bench = new WorkerBench();
        var pod = WorkerBench.Make();
        bench.Update(pod with { Spec = pod.Spec with { HostUsers = false } });
        await bench.UntilAsync(() => !bench.Seen.IsEmpty, "an event");
        Assert.Contains("FailedCreatePodSandBox: Failed to create pod sandbox: can't set `spec.hostUsers: false`, runtime does not support user namespaces", bench.Seen);
        Assert.DoesNotContain(bench.Runtime.Calls, c => c.StartsWith("sandbox", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, null, "")]
    [InlineData("fast", null, "kata")]
    [InlineData("fast", false, "can't set `spec.hostUsers: false`, RuntimeClass handler \"kata\" does not support user namespaces")]
    [InlineData("gone", null, "runtimeclass.node.k8s.io \"gone\" not found")]
    public void A_sandbox_has_a_handler_or_a_reason(string? runtimeClass, bool? hostUsers, string expected)
    {
        var pod = WorkerBench.Make();
        string Handler() => SandboxConfigs.HandlerOf(pod with { Spec = pod.Spec with { RuntimeClassName = runtimeClass, HostUsers = hostUsers } }, name => name == "fast" ? "kata" : null);
        Assert.Equal(expected, expected.Contains(' ', StringComparison.Ordinal) ? Assert.Throws<SandboxConfigException>(Handler).Message : Handler());
    }

    [Fact]
    public async Task Sandbox_that_is_lost_is_made_again()
    {
        await using var bench = new WorkerBench();
        bench.Runtime.SandboxFailures = 1;
        bench.Update(WorkerBench.Make());
        await bench.AdvanceUntilAsync(() => bench.Status.Phase == "Running", "Running after a sandbox that failed");
        Assert.Contains(bench.Seen, e => e.StartsWith("FailedCreatePodSandBox: Failed to create pod sandbox: rpc error: code = Unknown desc = no network", StringComparison.Ordinal));
        bench.Runtime.LoseSandbox();
        bench.Workers.Wake("u");
        await bench.UntilAsync(() => bench.Runtime.Calls.Contains("sandbox 1") && bench.Status.ContainerStatuses is [{ RestartCount: 1, State.Running: not null }], "a second sandbox with the container");
        Assert.Contains(bench.Seen, e => e == "SandboxChanged: Pod sandbox changed, it will be killed and re-created.");
    }

    [Fact]
    public async Task Name_servers_too_many_are_told_once_for_a_sandbox()
    {
        await using var bench = new WorkerBench();
        var pod = WorkerBench.Make();
        bench.Runtime.ExitsWith = 1;
        bench.Update(pod with { Spec = pod.Spec with { DNSPolicy = "None", DNSConfig = new() { Nameservers = ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"] } } });
        await bench.UntilAsync(() => bench.Status.ContainerStatuses is [{ State.Waiting.Reason: "CrashLoopBackOff" }], "CrashLoopBackOff after two quick runs");
        Assert.Equal(
            ["DNSConfigForming: Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 1.1.1.1 1.1.1.2 1.1.1.3"],
            bench.Seen.Where(e => e.StartsWith("DNSConfig", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Pull_that_fails_backs_off()
    {
        await using var bench = new WorkerBench();
        bench.Update(WorkerBench.Make(new() { Name = "a", Image = "none:1" }));
        await bench.UntilAsync(() => bench.Status.ContainerStatuses is [{ State.Waiting.Reason: "ErrImagePull" }], "ErrImagePull");
        bench.Workers.Wake("u");
        await bench.UntilAsync(() => bench.Status.ContainerStatuses is [{ State.Waiting.Reason: "ImagePullBackOff" }], "ImagePullBackOff");
        Assert.Equal("Back-off pulling image \"none:1\": ErrImagePull: rpc error: code = NotFound desc = no such image", bench.Status.ContainerStatuses[0].State.Waiting!.Message);
        bench.Runtime.Images.Add("none:1");
        await bench.AdvanceUntilAsync(() => bench.Status.Phase == "Running", "Running once the image is there");
    }

    [Fact]
    public async Task Back_off_of_a_pull_is_told_without_another_event()
    {
        await using var bench = new WorkerBench();
        bench.Update(WorkerBench.Make(new() { Name = "a", Image = "none:1" }));
        await bench.UntilAsync(() => bench.Runtime.Calls.Contains("pull none:1"), "a pull");
        await bench.AdvanceUntilAsync(() => bench.Seen.Contains("BackOff: Back-off pulling image \"none:1\""), "the word of the back-off");
    }

    [Fact]
    public async Task Deadline_fails_the_pod()
    {
        await using var bench = new WorkerBench();
        var pod = WorkerBench.Make();
        bench.Update(pod with { Spec = pod.Spec with { ActiveDeadlineSeconds = 60 } });
        await bench.UntilAsync(() => bench.Status.Phase == "Running", "Running");
        await bench.AdvanceUntilAsync(() => bench.Status.Phase == "Failed", "Failed by its deadline");
        Assert.Equal("DeadlineExceeded", bench.Status.Reason);
    }

    [Fact]
    public async Task Liveness_failures_restart_and_readiness_shows()
    {
        await using var bench = new WorkerBench();
        var healthy = true;
        bench.Runtime.Exec = (command, _) => Task.FromResult(command[0] == "live" && !Volatile.Read(ref healthy) ? 1 : 0);
        bench.Update(WorkerBench.Make(new()
        {
            Name = "a",
            Image = "app:1",
            LivenessProbe = new() { Exec = new() { Command = ["live"] }, PeriodSeconds = 10, FailureThreshold = 3, SuccessThreshold = 1 },
            ReadinessProbe = new() { Exec = new() { Command = ["ready"] }, PeriodSeconds = 10, FailureThreshold = 3, SuccessThreshold = 1 },
        }));
        await bench.AdvanceUntilAsync(() => bench.Status.ContainerStatuses is [{ Ready: true }], "Ready");
        Volatile.Write(ref healthy, false);
        await bench.AdvanceUntilAsync(() => bench.Runtime.Calls.Any(c => c.StartsWith("stop a ", StringComparison.Ordinal)), "a stop after three failures");
        Volatile.Write(ref healthy, true);
        await bench.AdvanceUntilAsync(() => bench.Status.ContainerStatuses is [{ RestartCount: 1, Ready: true }], "Ready after the restart");
        Assert.Contains(bench.Seen, e => e == "Killing: Container a failed liveness probe, will be restarted");
    }
}
