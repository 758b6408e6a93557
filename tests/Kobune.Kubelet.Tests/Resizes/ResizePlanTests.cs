using Kobune.Api.Core.V1;
using Kobune.Kubelet.Resizes;
using Kobune.Kubelet.Runtime;
using Kobune.Kubelet.Statuses;
using State = Kobune.Kubelet.Cri.ContainerState;

namespace Kobune.Kubelet.Tests.Resizes;

public class ResizePlanTests
{
    [Theory]
    [InlineData("cpu=100m/200m memory=64Mi/64Mi", "cpu=100m/200m memory=64Mi/64Mi", "")]
    [InlineData("cpu=100m/200m", "cpu=150m/200m", "cpu:a")]
    [InlineData("cpu=100m/200m", "cpu=100m/300m", "cpu:a")]
    [InlineData("cpu=100m memory=64Mi", "cpu=100m memory=64Mi/128Mi", "memory:a")]
    [InlineData("cpu=100m/100m memory=64Mi/64Mi", "cpu=50m/50m memory=128Mi/128Mi", "memory:a cpu:a")]
    [InlineData("memory=64Mi/128Mi", "memory=32Mi/128Mi", "paper:a")]
    [InlineData("cpu=2m/10m", "cpu=1m/5m", "paper:a")]
    [InlineData("cpu=2m", "cpu=3m", "cpu:a")]
    [InlineData("cpu=100m", "cpu=200m", "restart:a", "cpu")]
    [InlineData("cpu=100m memory=/64Mi", "cpu=100m memory=/128Mi", "restart:a", "memory")]
    [InlineData("cpu=100m memory=/64Mi", "cpu=200m memory=/64Mi", "cpu:a", "memory")]
    public void One_container(string has, string given, string expected, string restarting = "")
    {
        var pod = Make(Resources.Container("a", given, restarting.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal(expected, Describe(ResizePlan.Compute(pod, Actuated(("a", has)), Running("a"))));
    }

    [Fact]
    public void Containers_that_shrink_come_before_those_that_grow()
    {
        var pod = Make(Resources.Container("a", "cpu=2 memory=/64Mi"), Resources.Container("b", "cpu=1 memory=/128Mi"), Resources.Container("c", "cpu=3 memory=/32Mi"));
        var plan = ResizePlan.Compute(pod, Actuated(("a", "cpu=1 memory=/128Mi"), ("b", "cpu=2 memory=/64Mi"), ("c", "cpu=4 memory=/64Mi")), Running("a", "b", "c"));
        Assert.Equal("memory:a memory:c memory:b cpu:b cpu:c cpu:a", Describe(plan));
    }

    [Fact]
    public void What_does_not_run_and_what_is_not_known_waits_for_its_start()
    {
        var pod = Make(Resources.Container("a", "cpu=2"), Resources.Container("b", "cpu=2"));
        Assert.True(ResizePlan.Compute(pod, Actuated(("a", "cpu=1")), Running("b")).IsNothing);
    }

    [Fact]
    public void Sidecars_are_resized_and_other_init_containers_are_not()
    {
        var pod = Make(Resources.Container("a", "cpu=1"));
        pod = pod with { Spec = pod.Spec with { InitContainers = [Resources.Container("once", "cpu=2"), Resources.Container("side", "cpu=2") with { RestartPolicy = "Always" }] } };
        Assert.Equal("cpu:side", Describe(ResizePlan.Compute(pod, Actuated(("a", "cpu=1"), ("once", "cpu=1"), ("side", "cpu=1")), Running("a", "once", "side"))));
    }

    [Theory]
    [InlineData("cpu=100m/200m memory=64Mi/128Mi", 102, 20000, 128, "cpu=100m/200m memory=64Mi/128Mi")]
    [InlineData("cpu=100m/200m memory=64Mi/128Mi", 204, 30000, 256, "cpu=200m/300m memory=64Mi/256Mi")]
    [InlineData("cpu=1m/5m", 2, 1000, 0, "cpu=1m/5m")]
    [InlineData("memory=64Mi/128Mi", 2, 0, 128, "memory=64Mi/128Mi")]
    public void A_status_shows_what_the_runtime_tells(string given, long shares, long quota, long memory, string expected)
    {
        var run = Run("a") with { Resources = new() { CpuShares = shares, CpuQuota = quota, CpuPeriod = quota > 0 ? 100_000 : 0, MemoryLimitInBytes = memory << 20 } };
        Assert.Equal(expected, Resources.Text(ContainerResourceStatus.Of(Resources.Container("a", given), run, Resources.Of(given))));
    }

    [Fact]
    public void A_runtime_that_does_not_tell_has_what_it_took_last()
    {
        var container = Resources.Container("a", "cpu=200m");
        Assert.Equal("cpu=100m/", Resources.Text(ContainerResourceStatus.Of(container, Run("a"), Resources.Of("cpu=100m"))));
        Assert.Equal("cpu=200m/", Resources.Text(ContainerResourceStatus.Of(container, new("x", "a", "s", State.ContainerExited), Resources.Of("cpu=100m"))));
    }

    private static Pod Make(params Container[] containers) => new() { Metadata = new() { Name = "p", Namespace = "d", Uid = "u" }, Spec = new() { RestartPolicy = "Always", Containers = [.. containers] } };

    private static PodAllocation Actuated(params (string Name, string Resources)[] containers) => new(containers.ToDictionary(c => c.Name, c => Resources.Of(c.Resources)));

    private static RuntimeContainer Run(string name) => new("id-" + name, name, "s", State.ContainerRunning);

    private static PodRuntimeStatus Running(params string[] names) => new("u", [], [.. names.Select(Run)]);

    private static string Describe(ResizePlan plan) => string.Join(' ', (string[])
    [
        .. plan.Restarts.Select(r => "restart:" + r), .. plan.Memory.Select(u => "memory:" + u.Name), .. plan.Cpu.Select(u => "cpu:" + u.Name), .. plan.OnPaper.Select(c => "paper:" + c.Name),
    ]);
}
