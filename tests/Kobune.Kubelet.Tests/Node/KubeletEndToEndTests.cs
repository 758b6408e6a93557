using System.Text;
using Kobune.Api.Core.V1;

namespace Kobune.Kubelet.Tests.Node;

/// <summary>A kubelet, a real containerd and runc; pods on the host's network.</summary>
public sealed class KubeletEndToEndTests(ContainerdFixture containerd) : IClassFixture<ContainerdFixture>
{
    private static Pod Make(string name, params Container[] containers) => new()
    {
        Metadata = new() { Name = name, Namespace = "default", Labels = new Dictionary<string, string> { ["app"] = name } },
        Spec = new()
        {
            HostNetwork = true,
            RestartPolicy = "Always",
            TerminationGracePeriodSeconds = 30,
            EnableServiceLinks = true,
            ServiceAccountName = "default",
            Containers = [.. containers],
        },
    };

    private static Container Shell(string name, string script) => new()
    {
        Name = name,
        Image = TestImage.Busybox,
        ImagePullPolicy = "IfNotPresent",
        Command = ["/bin/sh", "-c", script],
        TerminationMessagePath = "/dev/termination-log",
        TerminationMessagePolicy = "File",
    };

    private static bool IsReady(Pod pod) => pod.Status.Conditions.Any(c => c is { Type: "Ready", Status: "True" });

    [Fact]
    public async Task Pod_runs_with_volumes_environment_and_logs_and_ends_gracefully()
    {
        await using var node = new TestNode(containerd);
        node.Start();
        await node.Client.CreateAsync(new ConfigMap { Metadata = new() { Name = "settings", Namespace = "default" }, Data = new Dictionary<string, string> { ["color"] = "blue" } }, CancellationToken.None);
        await node.Client.CreateAsync(new Secret { Metadata = new() { Name = "hidden", Namespace = "default" }, Data = new Dictionary<string, ReadOnlyMemory<byte>> { ["key"] = "s3cret"u8.ToArray() } }, CancellationToken.None);
        var pod = Make("web", Shell("main", "trap 'echo bye; exit 0' TERM; echo color $(cat /etc/settings/color) $(cat /etc/hidden/key) $COLOR $POD; cat /var/run/token/token; echo; while true; do sleep 1 & wait $!; done") with
        {
            Env =
            [
                new() { Name = "POD", ValueFrom = new() { FieldRef = new() { FieldPath = "metadata.name" } } },
                new() { Name = "COLOR", ValueFrom = new() { ConfigMapKeyRef = new() { Name = "settings", Key = "color" } } },
            ],
            VolumeMounts = [new() { Name = "settings", MountPath = "/etc/settings" }, new() { Name = "hidden", MountPath = "/etc/hidden" }, new() { Name = "token", MountPath = "/var/run/token" }],
            ReadinessProbe = new() { Exec = new() { Command = ["/bin/true"] }, PeriodSeconds = 1, TimeoutSeconds = 10, SuccessThreshold = 1, FailureThreshold = 3 },
        });
        await node.CreateAsync(pod with
        {
            Spec = pod.Spec with
            {
                Volumes =
                [
                    new() { Name = "settings", ConfigMap = new() { Name = "settings" } },
                    new() { Name = "hidden", Secret = new() { SecretName = "hidden" } },
                    new() { Name = "token", Projected = new() { Sources = [new() { ServiceAccountToken = new() { Path = "token", ExpirationSeconds = 3600 } }] } },
                ],
            },
        });

        var ready = await node.WaitAsync("web", IsReady, "Ready");
        Assert.Equal("Running", ready.Status.Phase);
        Assert.Equal("127.0.0.1", ready.Status.PodIP);
        Assert.True(ready.Status.ContainerStatuses[0].Started);

        using var http = await node.HttpAsync();
        var log = await http.GetStringAsync("/containerLogs/default/web/main");
        Assert.Equal("color blue s3cret blue web\ntoken-of-default\n", log);

        await using var follower = await http.GetStreamAsync("/containerLogs/default/web/main?follow=true&tailLines=1");
        using var lines = new StreamReader(follower);
        Assert.Equal("token-of-default", await lines.ReadLineAsync().WaitAsync(TestNode.Patience));
        var gone = node.WaitGoneAsync("web");
        await node.Client.DeleteAsync<Pod>("default", "web", null, CancellationToken.None);
        Assert.Equal("bye", await lines.ReadLineAsync().WaitAsync(TestNode.Patience));
        Assert.Null(await lines.ReadLineAsync().WaitAsync(TestNode.Patience));
        await gone.WaitAsync(TestNode.Patience);

        string[] reasons = [.. (await node.EventsAsync("web")).Select(e => e.Reason)];
        Assert.Subset(reasons.ToHashSet(), new HashSet<string> { "Pulled", "Created", "Started" });
    }

    [Fact]
    public async Task Containers_live_through_a_restart_of_the_kubelet()
    {
        await using var node = new TestNode(containerd);
        node.Start();
        await node.CreateAsync(Make("keeper", Shell("main", "sleep 1000") with
        {
            Lifecycle = new() { PostStart = new() { Exec = new() { Command = ["/bin/sh", "-c", "echo once >> /tmp/started"] } } },
        }));
        var before = await node.WaitAsync("keeper", IsReady, "Ready");
        await node.StopAsync();
        node.Start();
        await node.CreateAsync(Make("other", Shell("main", "sleep 1000")));
        await node.WaitAsync("other", IsReady, "Ready after the restart");
        var after = await node.Client.GetAsync<Pod>("default", "keeper", CancellationToken.None);
        Assert.Equal(before.Status.ContainerStatuses[0].ContainerID, after.Status.ContainerStatuses[0].ContainerID);
        Assert.Equal(0, after.Status.ContainerStatuses[0].RestartCount);
        Assert.True(IsReady(after));

        using var http = await node.HttpAsync();
        using var answer = await http.PostAsync("/run/default/keeper/main?cmd=cat+/tmp/started", null);
        Assert.Equal("once\n", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Init_containers_run_first_and_a_job_pod_succeeds()
    {
        await using var node = new TestNode(containerd);
        node.Start();
        var pod = Make("job", Shell("main", "cat /work/a /work/b; echo done > /dev/termination-log") with { VolumeMounts = [new() { Name = "work", MountPath = "/work" }] });
        await node.CreateAsync(pod with
        {
            Spec = pod.Spec with
            {
                RestartPolicy = "Never",
                Volumes = [new() { Name = "work", EmptyDir = new() }],
                InitContainers =
                [
                    Shell("first", "echo 1 > /work/a") with { VolumeMounts = [new() { Name = "work", MountPath = "/work" }] },
                    Shell("second", "cat /work/a > /work/b") with { VolumeMounts = [new() { Name = "work", MountPath = "/work" }] },
                ],
            },
        });
        var done = await node.WaitAsync("job", p => p.Status.Phase == "Succeeded", "Succeeded");
        Assert.Equal("Completed", done.Status.ContainerStatuses[0].State.Terminated!.Reason);
        Assert.Equal("done\n", done.Status.ContainerStatuses[0].State.Terminated!.Message);
        Assert.All(done.Status.InitContainerStatuses, s => Assert.True(s.Ready));
        Assert.Equal("PodCompleted", done.Status.Conditions.First(c => c.Type == "Initialized").Reason);
        using var http = await node.HttpAsync();
        Assert.Equal("1\n1\n", await http.GetStringAsync("/containerLogs/default/job/main"));
    }

    [Fact]
    public async Task Crashing_container_backs_off_and_shows_its_last_state()
    {
        await using var node = new TestNode(containerd);
        node.Start();
        await node.CreateAsync(Make("crash", Shell("main", "exit 7")));
        var waiting = await node.WaitAsync("crash", p => p.Status.ContainerStatuses is [{ State.Waiting.Reason: "CrashLoopBackOff" }], "CrashLoopBackOff");
        var status = waiting.Status.ContainerStatuses[0];
        Assert.Equal(7, status.LastTerminationState.Terminated!.ExitCode);
        Assert.Equal("Error", status.LastTerminationState.Terminated.Reason);
        Assert.StartsWith("back-off 10s restarting failed container=main pod=crash_default(", status.State.Waiting!.Message, StringComparison.Ordinal);
        Assert.Equal(1, status.RestartCount);
    }

    [Fact]
    public async Task Missing_image_and_missing_config_map_tell_their_reason()
    {
        await using var node = new TestNode(containerd);
        node.Start();
        await node.CreateAsync(Make("noimage", Shell("main", "true") with { Image = "registry.test/none:1", ImagePullPolicy = "Never" }));
        await node.WaitAsync("noimage", p => p.Status.ContainerStatuses is [{ State.Waiting.Reason: "ErrImageNeverPull" }], "ErrImageNeverPull");
        var pod = Make("noconfig", Shell("main", "sleep 1000"));
        await node.CreateAsync(pod with { Spec = pod.Spec with { Volumes = [new() { Name = "c", ConfigMap = new() { Name = "late" } }] } });
        await node.WaitAsync("noconfig", p => p.Status.ContainerStatuses is [{ State.Waiting.Reason: "ContainerCreating" }], "ContainerCreating");
        await node.Client.CreateAsync(new ConfigMap { Metadata = new() { Name = "late", Namespace = "default" } }, CancellationToken.None);
        await node.WaitAsync("noconfig", IsReady, "Ready once the ConfigMap is there");
    }

    [Fact]
    public async Task Memory_limit_is_enforced()
    {
        await using var node = new TestNode(containerd);
        node.Start();
        var pod = Make("hungry", Shell("main", "dd if=/dev/zero of=/dev/null bs=200M count=1") with
        {
            Resources = new() { Limits = new Dictionary<string, Kobune.Api.Quantity> { ["memory"] = Kobune.Api.Quantity.Parse("32Mi") } },
        });
        await node.CreateAsync(pod with { Spec = pod.Spec with { RestartPolicy = "Never" } });
        var failed = await node.WaitAsync("hungry", p => p.Status.Phase == "Failed", "Failed");
        Assert.Equal("OOMKilled", failed.Status.ContainerStatuses[0].State.Terminated!.Reason);
        Assert.Equal(137, failed.Status.ContainerStatuses[0].State.Terminated!.ExitCode);
    }

    [Fact]
    public async Task A_running_container_is_resized_in_its_cgroup()
    {
        await using var node = new TestNode(containerd);
        node.Start();
        await node.CreateAsync(Make("grows", Shell("main", "sleep 1000") with { Resources = Sized("100m", "64Mi") }));
        var pod = await node.WaitAsync("grows", IsReady, "Ready");
        Assert.Equal("10000 67108864", Limits());
        foreach (var (cpu, memory, expected) in new[] { ("200m", "128Mi", "20000 134217728"), ("50m", "48Mi", "5000 50331648") })
        {
            var last = await node.Client.GetAsync<Pod>("default", "grows", CancellationToken.None);
            await node.Client.UpdateAsync(
                last with
                {
                    Metadata = last.Metadata with { Generation = last.Metadata.Generation + 1 },
                    Spec = last.Spec with { Containers = [last.Spec.Containers[0] with { Resources = Sized(cpu, memory) }] },
                },
                CancellationToken.None);
            pod = await node.WaitAsync("grows", p => p.Status.ContainerStatuses[0].Resources?.Limits["memory"].ToString() == memory && p.Status.Conditions.All(c => c.Type != "PodResizeInProgress"), memory);
            Assert.Equal(expected, Limits());
            Assert.Equal((cpu, 0), (pod.Status.ContainerStatuses[0].Resources!.Limits["cpu"].ToString(), pod.Status.ContainerStatuses[0].RestartCount));
        }

        string Limits()
        {
            const string Root = "/sys/fs/cgroup";
            var path = $"{node.Options.CgroupParent}/kubepods/pod{pod.Metadata.Uid}/{pod.Status.ContainerStatuses[0].ContainerID["containerd://".Length..]}";
            return File.Exists(Root + "/cgroup.controllers")
                ? $"{File.ReadAllText($"{Root}{path}/cpu.max").Split(' ')[0]} {File.ReadAllText($"{Root}{path}/memory.max").Trim()}"
                : $"{File.ReadAllText($"{Root}/cpu{path}/cpu.cfs_quota_us").Trim()} {File.ReadAllText($"{Root}/memory{path}/memory.limit_in_bytes").Trim()}";
        }

        static ResourceRequirements Sized(string cpu, string memory)
        {
            var both = new Dictionary<string, Kobune.Api.Quantity> { ["cpu"] = Kobune.Api.Quantity.Parse(cpu), ["memory"] = Kobune.Api.Quantity.Parse(memory) };
            return new() { Requests = both, Limits = both };
        }
    }

    [Fact]
    public async Task A_volume_shows_the_files_of_an_image()
    {
        await using var node = new TestNode(containerd);
        node.Start();
        var pod = Make("image", Shell("main", "ls /volume/bin | grep busybox; touch /volume/x; touch /tmp/done; sleep 1000") with
        {
            ReadinessProbe = new() { Exec = new() { Command = ["/bin/stat", "/tmp/done", "/sub/busybox"] }, PeriodSeconds = 1, TimeoutSeconds = 10, SuccessThreshold = 1, FailureThreshold = 3 },
            VolumeMounts = [new() { Name = "v", MountPath = "/volume" }, new() { Name = "v", MountPath = "/sub", SubPath = "bin" }],
        });
        await node.CreateAsync(pod with { Spec = pod.Spec with { Volumes = [new() { Name = "v", Image = new() { Reference = TestImage.Busybox, PullPolicy = "IfNotPresent" } }] } });
        await node.WaitAsync("image", IsReady, "Ready");
        using var http = await node.HttpAsync();
        var log = await http.GetStringAsync("/containerLogs/default/image/main");
        Assert.Contains("busybox", log.Split('\n')); // in any order: the two streams are read apart
        Assert.Contains("Read-only file system", log, StringComparison.Ordinal);
        var gone = node.WaitGoneAsync("image");
        await node.Client.DeleteAsync<Pod>("default", "image", new() { GracePeriodSeconds = 0 }, CancellationToken.None);
        await gone.WaitAsync(TestNode.Patience);

        var missing = Make("noimage-volume", Shell("main", "true") with { VolumeMounts = [new() { Name = "v", MountPath = "/volume" }] });
        await node.CreateAsync(missing with { Spec = missing.Spec with { Volumes = [new() { Name = "v", Image = new() { Reference = "registry.test/none:1", PullPolicy = "Never" } }] } });
        await node.WaitAsync("noimage-volume", p => p.Status.ContainerStatuses is [{ State.Waiting.Reason: "ErrImageNeverPull" }], "ErrImageNeverPull");
    }

    [Fact]
    public async Task Static_pod_runs_and_has_a_mirror()
    {
        await using var node = new TestNode(containerd);
        Directory.CreateDirectory(node.Options.StaticPodPath!);
        await File.WriteAllTextAsync(node.Options.StaticPodPath + "/fixed.yaml", $"""
            apiVersion: v1
            kind: Pod
            metadata:
              name: fixed
            spec:
              hostNetwork: true
              terminationGracePeriodSeconds: 0
              containers:
              - name: main
                image: {TestImage.Busybox}
                command: [sleep, "1000"]
            """);
        node.Start();
        var mirror = await node.WaitAsync("fixed-" + node.Name, IsReady, "a Ready mirror pod");
        Assert.Equal("file", mirror.Metadata.Annotations["kubernetes.io/config.source"]);
        Assert.Equal(mirror.Metadata.Annotations["kubernetes.io/config.hash"], mirror.Metadata.Annotations["kubernetes.io/config.mirror"]);
        Assert.Equal("Node", mirror.Metadata.OwnerReferences[0].Kind);
        var gone = node.WaitGoneAsync("fixed-" + node.Name);
        File.Delete(node.Options.StaticPodPath + "/fixed.yaml");
        await gone.WaitAsync(TestNode.Patience);
    }

    [Fact]
    public async Task Failing_liveness_probe_restarts_the_container()
    {
        await using var node = new TestNode(containerd);
        node.Start();
        var pod = Make("sick", Shell("main", "touch /tmp/alive; sleep 1000") with
        {
            LivenessProbe = new() { Exec = new() { Command = ["/bin/false"] }, PeriodSeconds = 1, TimeoutSeconds = 10, FailureThreshold = 2, SuccessThreshold = 1 },
        });
        await node.CreateAsync(pod with { Spec = pod.Spec with { TerminationGracePeriodSeconds = 1 } });
        var again = await node.WaitAsync("sick", p => p.Status.ContainerStatuses is [{ RestartCount: >= 1 }], "a restart");
        Assert.Equal(137, again.Status.ContainerStatuses[0].LastTerminationState.Terminated!.ExitCode);
    }

    [Fact]
    public async Task Node_is_registered_with_status_and_lease()
    {
        await using var node = new TestNode(containerd);
        node.Start();
        await node.CreateAsync(Make("any", Shell("main", "sleep 1000")));
        await node.WaitAsync("any", IsReady, "Ready");
        var found = await node.Client.GetAsync<Kobune.Api.Core.V1.Node>("", node.Name, CancellationToken.None);
        Assert.Equal("linux", found.Metadata.Labels["kubernetes.io/os"]);
        Assert.StartsWith("containerd://1.", found.Status.NodeInfo.ContainerRuntimeVersion, StringComparison.Ordinal);
        var condition = found.Status.Conditions.First(c => c.Type == "Ready");
        Assert.Equal("KubeletNotReady", condition.Reason); // this containerd has no CNI
        Assert.Contains("NetworkReady=false", condition.Message, StringComparison.Ordinal);
        var lease = await node.Client.GetAsync<Kobune.Api.Coordination.V1.Lease>("kube-node-lease", node.Name, CancellationToken.None);
        Assert.Equal(node.Name, lease.Spec.HolderIdentity);
        Assert.Equal(40, lease.Spec.LeaseDurationSeconds);
    }
}
