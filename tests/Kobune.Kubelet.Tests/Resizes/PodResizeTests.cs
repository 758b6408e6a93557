using Kobune.Api.Core.V1;
using Kobune.Kubelet.Resizes;
using Kobune.Kubelet.Statuses;
using Kobune.Kubelet.Tests.Pods;
using Kobune.Kubelet.Volumes;

namespace Kobune.Kubelet.Tests.Resizes;

public class PodResizeTests
{
    private static readonly Kobune.Api.Core.V1.Node Machine = Resources.Node("4", "4Gi");

    private static string[] Resized(WorkerBench bench) => [.. bench.Runtime.Calls.Where(c => c.StartsWith("resize ", StringComparison.Ordinal))];

    private static PodCondition? Condition(WorkerBench bench, string type) => bench.Status.Conditions.FirstOrDefault(c => c.Type == type);

    private static string Actual(WorkerBench bench) => Resources.Text(bench.Status.ContainerStatuses[0].Resources);

    private static async Task<WorkerBench> RunningAsync(Pod pod)
    {
        var bench = new WorkerBench { Machine = Machine };
        bench.Update(pod);
        await bench.UntilAsync(() => bench.Status.Phase == "Running" && bench.Status.ContainerStatuses.All(s => s.State.Running is not null), "Running");
        return bench;
    }

    [Fact]
    public async Task Running_containers_get_their_new_resources_without_a_restart()
    {
        var pod = Resources.Pod("u", "cpu=100m/100m memory=64Mi/64Mi");
        await using var bench = await RunningAsync(pod);
        Assert.Equal("cpu=100m/100m memory=64Mi/64Mi", Actual(bench));
        bench.Update(pod.With("cpu=200m/200m memory=128Mi/128Mi", 2));
        await bench.UntilAsync(() => Actual(bench) == "cpu=200m/200m memory=128Mi/128Mi" && Condition(bench, "PodResizeInProgress") is null, "the new resources");
        Assert.Equal(["resize a shares=102 quota=10000 memory=128Mi", "resize a shares=204 quota=20000 memory=128Mi"], Resized(bench)); // memory, then CPU
        Assert.Equal((0, 2), (bench.Status.ContainerStatuses[0].RestartCount, bench.Status.ObservedGeneration));
        Assert.Equal("200m", bench.Status.ContainerStatuses[0].AllocatedResources["cpu"].ToString());
        await bench.UntilAsync(() => bench.Seen.Any(e => e.StartsWith("ResizeCompleted", StringComparison.Ordinal)), "the event");
        Assert.Contains(bench.Seen, e => e == """ResizeStarted: Pod resize started: {"containers":[{"name":"a","resources":{"limits":{"cpu":"200m","memory":"128Mi"},"requests":{"cpu":"200m","memory":"128Mi"}}}],"generation":2}""");
        Assert.Contains(bench.Seen, e => e == """ResizeCompleted: Pod resize completed: {"containers":[{"name":"a","resources":{"limits":{"cpu":"200m","memory":"128Mi"},"requests":{"cpu":"200m","memory":"128Mi"}}}],"generation":2}""");
    }

    [Theory]
    [InlineData("cpu=100m", "cpu=50m memory=35Mi", "cpu=50m/ memory=35Mi/")]
    [InlineData("memory=35Mi", "cpu=20m memory=40Mi", "cpu=20m/ memory=40Mi/")]
    [InlineData("cpu=100m/200m memory=64Mi/64Mi", "cpu=200m/200m memory=32Mi/64Mi", "cpu=200m/200m memory=32Mi/64Mi")]
    public async Task A_memory_request_that_comes_with_a_change_of_CPU_is_done_with_it(string before, string after, string shown)
    {
        var pod = Resources.Pod("u", before);
        await using var bench = await RunningAsync(pod);
        bench.Update(pod.With(after, 2));
        await bench.UntilAsync(() => Actual(bench) == shown && Condition(bench, "PodResizeInProgress") is null, "the new resources");
        Assert.Single(Resized(bench)); // the runtime is told of the CPU alone
    }

    [Fact]
    public async Task A_policy_of_restart_restarts_that_container_alone()
    {
        var pod = Resources.Pod("u", "cpu=100m memory=/64Mi");
        pod = pod with { Spec = pod.Spec with { Containers = [Resources.Container("a", "cpu=100m memory=/64Mi", "memory"), Resources.Container("b", "cpu=100m")] } };
        await using var bench = await RunningAsync(pod);
        bench.Update(pod.With("cpu=100m memory=/128Mi", 2));
        await bench.UntilAsync(() => bench.Status.ContainerStatuses is [{ RestartCount: 1, State.Running: not null }, { RestartCount: 0 }], "a restart of a");
        Assert.Contains(bench.Seen, e => e.StartsWith("Killing: Container a resize requires restart", StringComparison.Ordinal));
        await bench.UntilAsync(() => Condition(bench, "PodResizeInProgress") is null && Actual(bench) == "cpu=100m/ memory=/128Mi", "the new resources");
        Assert.Empty(Resized(bench));
        Assert.Equal(2, bench.Runtime.Calls.Count(c => c == "start a"));
    }

    [Fact]
    public async Task More_than_the_node_has_is_infeasible_and_the_pod_keeps_what_it_has()
    {
        var pod = Resources.Pod("u", "cpu=1");
        await using var bench = await RunningAsync(pod);
        bench.Update(pod.With("cpu=8", 2));
        await bench.UntilAsync(() => Condition(bench, "PodResizePending") is not null, "PodResizePending");
        Assert.Equal(("True", "Infeasible", "Node didn't have enough capacity: cpu, requested: 8000, capacity: 4000", 2), Condition(bench, "PodResizePending") is { } c ? (c.Status, c.Reason, c.Message, c.ObservedGeneration) : default);
        Assert.Equal("cpu=1/", Actual(bench));
        Assert.Equal("1", bench.Status.ContainerStatuses[0].AllocatedResources["cpu"].ToString());
        Assert.Empty(Resized(bench));
        Assert.Single(bench.Seen, e => e.StartsWith("ResizeInfeasible: Pod resize Infeasible: ", StringComparison.Ordinal));
        bench.Update(pod.With("cpu=1", 3));
        await bench.UntilAsync(() => Condition(bench, "PodResizePending") is null, "nothing pending when the wish is taken back");
    }

    [Fact]
    public async Task A_resize_without_room_is_deferred_until_another_pod_goes()
    {
        var pod = Resources.Pod("u", "cpu=1");
        await using var bench = await RunningAsync(pod);
        var other = Resources.Pod("o", "cpu=2");
        bench.Update(other);
        bench.Update(pod.With("cpu=3", 2));
        await bench.UntilAsync(() => Condition(bench, "PodResizePending")?.Reason == "Deferred", "Deferred");
        Assert.Equal("Node didn't have enough resource: cpu, requested: 3000, used: 2000, capacity: 4000", Condition(bench, "PodResizePending")!.Message);
        Assert.Contains(bench.Seen, e => e.StartsWith("ResizeDeferred: Pod resize Deferred: ", StringComparison.Ordinal));
        bench.Update(other.With("cpu=1", 2)); // making room by a resize
        await bench.UntilAsync(() => Condition(bench, "PodResizePending") is null && Actual(bench) == "cpu=3/", "the resize");
    }

    [Fact]
    public async Task A_node_that_grows_is_noticed_within_three_minutes()
    {
        var pod = Resources.Pod("u", "cpu=1");
        await using var bench = await RunningAsync(pod);
        bench.Update(Resources.Pod("o", "cpu=2"));
        bench.Update(pod.With("cpu=3", 2));
        await bench.UntilAsync(() => Condition(bench, "PodResizePending")?.Reason == "Deferred", "Deferred");
        bench.Machine = Resources.Node("8", "4Gi");
        var waited = await bench.AdvanceUntilAsync(() => Condition(bench, "PodResizePending") is null, "another look");
        Assert.InRange(waited, TimeSpan.Zero, TimeSpan.FromSeconds(240));
    }

    [Fact]
    public async Task A_runtime_that_refuses_shows_as_an_error_and_is_asked_again()
    {
        var pod = Resources.Pod("u", "cpu=100m");
        await using var bench = await RunningAsync(pod);
        bench.Runtime.RefusesResize = "device or resource busy";
        bench.Update(pod.With("cpu=200m", 2));
        await bench.UntilAsync(() => Condition(bench, "PodResizeInProgress")?.Reason == "Error", "an error");
        Assert.Equal("device or resource busy", Condition(bench, "PodResizeInProgress")!.Message);
        Assert.Equal("cpu=100m/", Actual(bench));
        Assert.Single(bench.Seen, e => e.StartsWith("ResizeError: Pod resize error: ", StringComparison.Ordinal));
        bench.Runtime.RefusesResize = null;
        await bench.AdvanceUntilAsync(() => Condition(bench, "PodResizeInProgress") is null, "the end of the resize");
        Assert.Equal("cpu=200m/", Actual(bench));
    }

    [Fact]
    public async Task A_limit_below_what_is_used_is_not_tried()
    {
        var pod = Resources.Pod("u", "cpu=100m memory=64Mi/128Mi");
        await using var bench = await RunningAsync(pod);
        var folder = $"{bench.Folder}/memory/kubepods/burstable/podu/{bench.Status.ContainerStatuses[0].ContainerID["containerd://".Length..]}";
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(folder + "/memory.usage_in_bytes", "100000000\n");
        bench.Update(pod.With("cpu=100m memory=64Mi/64Mi", 2));
        await bench.UntilAsync(() => Condition(bench, "PodResizeInProgress")?.Reason == "Error", "an error");
        Assert.Equal("attempting to set container \"a\" memory limit (67108864) below current usage (100000000)", Condition(bench, "PodResizeInProgress")!.Message);
        await File.WriteAllTextAsync(folder + "/memory.usage_in_bytes", "1000\n");
        await bench.AdvanceUntilAsync(() => Actual(bench) == "cpu=100m/ memory=64Mi/64Mi", "the new limit");
    }

    [Fact]
    public async Task What_was_given_outlives_the_kubelet()
    {
        var folder = Directory.CreateTempSubdirectory("kobune-allocations").FullName;
        var pod = Resources.Pod("u", "cpu=1");
        Make().Offer(pod);
        var first = Make();
        first.Offer(pod.With("cpu=8", 2)); // asked for while no kubelet ran
        Assert.Equal("cpu=1/", Resources.Text(first.Apply(pod.With("cpu=8", 2)).Spec.Containers[0].Resources));
        first.Offer(pod.With("cpu=2", 3));
        first.SetActuated("u", "a", Resources.Of("cpu=2"));
        var second = Make();
        second.Offer(pod.With("cpu=8", 4));
        Assert.Equal("cpu=2/", Resources.Text(second.Apply(pod.With("cpu=8", 4)).Spec.Containers[0].Resources));
        Assert.Equal("cpu=2/", Resources.Text(second.Actuated(pod)!.Find("a")));
        await File.WriteAllTextAsync($"{folder}/pods/u/allocation.json", "{");
        var third = Make();
        third.Offer(pod.With("cpu=3", 5));
        Assert.Equal("cpu=3/", Resources.Text(third.Apply(pod.With("cpu=3", 5)).Spec.Containers[0].Resources));
        Directory.Delete(folder, recursive: true);

        PodAllocations Make() => new(new(new PodFolders(folder, folder, folder)), new NoEvents(), () => Machine, () => [], _ => { }, TimeProvider.System);
    }

    [Fact]
    public void A_condition_that_is_over_is_taken_away_by_name()
    {
        PodCondition pending = new() { Type = "PodResizePending", Status = "True", Reason = "Deferred" };
        PodCondition ready = new() { Type = "Ready", Status = "True" };
        var patch = PodStatusPatch.Between("u", new() { Phase = "Running", Conditions = [ready, pending] }, new() { Phase = "Running", Conditions = [ready] });
        Assert.Equal("""[{"$patch":"delete","type":"PodResizePending"}]""", patch!["status"]!["conditions"]!.ToJsonString());
    }

    private sealed class NoEvents : Kobune.Kubelet.Events.IKubeletEvents
    {
        public void Pod(Pod pod, Container? container, string type, string reason, string message)
        {
        }

        public void Node(string type, string reason, string message)
        {
        }
    }
}
