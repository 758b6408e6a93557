using Kobune.Api.Core.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Plugins;
using Kobune.Scheduler.Queue;

namespace Kobune.Scheduler.Tests.Queue;

public sealed class SchedulingQueueTests : IDisposable
{
    private static readonly ClusterEvent PodDeleted = new(EventResource.AssignedPod, ActionType.Delete, Old: Objects.Pod("gone", node: "n"));

    private readonly ManualTime _time = new();
    private readonly SchedulingQueue _queue;

    public SchedulingQueueTests() => _queue = new(new TestCluster().Profiles, new SchedulerOptions(), _time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _queue.Dispose();

    [Fact]
    public async Task Higher_priority_comes_first_then_who_waits_longer()
    {
        _queue.Add(Objects.Pod("first"));
        _time.Advance(TimeSpan.FromSeconds(1));
        _queue.Add(Objects.Pod("second"));
        _queue.Add(Objects.Pod("important", priority: 5));
        Assert.Equal(["important", "first", "second"], [await NextAsync(), await NextAsync(), await NextAsync()]);
    }

    [Fact]
    public async Task Pop_waits_for_a_pod()
    {
        var next = _queue.PopAsync(Token).AsTask();
        Assert.False(next.IsCompleted);
        _queue.Add(Objects.Pod("a"));
        Assert.Equal("a", (await next).Pod.Metadata.Name);
    }

    [Fact]
    public async Task Gated_pod_waits_until_its_last_gate_is_gone()
    {
        var gated = Objects.Pod("a").With(spec => spec with { SchedulingGates = [new() { Name = "one" }, new() { Name = "two" }] });
        _queue.Add(gated);
        var less = gated.With(spec => spec with { SchedulingGates = [new() { Name = "two" }] });
        _queue.Update(gated, less);
        _queue.Move(PodDeleted);
        Assert.Equal((0, 0, 1, 0), _queue.Counts);
        _queue.Update(less, Objects.Pod("a"));
        Assert.Equal("a", await NextAsync());
    }

    [Fact]
    public async Task Unschedulable_pod_comes_back_only_for_a_change_that_may_help()
    {
        await FailAsync("a", "NodeResourcesFit");
        _time.Advance(TimeSpan.FromSeconds(2)); // past its back-off
        _queue.Move(new ClusterEvent(EventResource.Node, ActionType.UpdateNodeLabel, Objects.Node("n"), Objects.Node("n")));
        _queue.Move(new ClusterEvent(EventResource.Node, ActionType.Add, New: Objects.Node("small", cpu: "100m")));
        Assert.Equal((0, 0, 1, 0), _queue.Counts);
        _queue.Move(new ClusterEvent(EventResource.Node, ActionType.Add, New: Objects.Node("large")));
        Assert.Equal((1, 0, 0, 0), _queue.Counts);
    }

    [Fact]
    public async Task Change_during_the_cycle_is_not_missed()
    {
        _queue.Add(Objects.Pod("a", "1"));
        var flying = await _queue.PopAsync(Token);
        _queue.Move(PodDeleted);
        flying.Rejectors.Add("NodeResourcesFit");
        _queue.AddUnschedulable(flying, isError: false);
        Assert.Equal((0, 1, 0, 0), _queue.Counts);
    }

    [Fact]
    public async Task Change_before_the_cycle_does_not_count()
    {
        _queue.Add(Objects.Pod("other"));
        await _queue.PopAsync(Token); // stays in flight, so that events are kept
        _queue.Move(PodDeleted);
        await FailAsync("a", "NodeResourcesFit");
        Assert.Equal((0, 0, 1, 1), _queue.Counts);
    }

    [Fact]
    public async Task Error_backs_off_and_doubles()
    {
        _queue.Add(Objects.Pod("a"));
        foreach (var seconds in new[] { 1, 2, 4, 8, 10, 10 })
        {
            // To the end of the second in which it falls.
            _queue.AddUnschedulable(await _queue.PopAsync(Token), isError: true);
            var end = _time.GetUtcNow().AddSeconds(seconds);
            var wait = end.AddTicks(TimeSpan.TicksPerSecond - (end.Ticks % TimeSpan.TicksPerSecond)) - _time.GetUtcNow();
            _time.Advance(wait - TimeSpan.FromMilliseconds(1));
            Assert.Equal((0, 1, 0, 0), _queue.Counts);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Equal((1, 0, 0, 0), _queue.Counts);
        }
    }

    [Theory]
    [InlineData("in one second the more important comes first", 0, 5, "b,a")]
    [InlineData("of equal ones who failed first", 0, 0, "a,b")]
    [InlineData("a second earlier comes first whatever it is", 1000, 5, "a,b")]
    public async Task Back_offs_end_by_the_second(string name, int between, int priority, string expected)
    {
        await FailAsync("a", "NodeResourcesFit");
        _time.Advance(TimeSpan.FromMilliseconds(between));
        await FailAsync("b", "NodeResourcesFit", priority);
        _queue.Move(PodDeleted);
        Assert.True(expected == $"{await NextAsync()},{await NextAsync()}", name); // nothing else waits
    }

    [Fact]
    public async Task Order_of_a_pod_that_backs_off_follows_its_update()
    {
        await FailAsync("a", "NodeResourcesFit");
        await FailAsync("b", "NodeResourcesFit");
        _queue.Move(PodDeleted);
        _queue.Update(Objects.Pod("b", "1"), Objects.Pod("b", "1", priority: 7));
        Assert.Equal(["b", "a"], [await NextAsync(), await NextAsync()]);
    }

    [Fact]
    public async Task Pod_that_backs_off_without_error_is_taken_when_nothing_else_waits()
    {
        await FailAsync("a", "NodeResourcesFit");
        _queue.Move(PodDeleted);
        Assert.Equal((0, 1, 0, 0), _queue.Counts);
        Assert.Equal("a", await NextAsync());
    }

    [Fact]
    public async Task Long_unschedulable_pod_is_tried_without_a_reason()
    {
        await FailAsync("a", "NodeResourcesFit");
        _time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        Assert.Equal((0, 0, 1, 0), _queue.Counts);
        _time.Advance(TimeSpan.FromSeconds(1));
        var flushed = await _queue.PopAsync(Token);
        Assert.True(flushed is { WasFlushed: true, Pod.Metadata.Name: "a" });

        // In the next round something happens.
        flushed.Rejectors.Add("NodeResourcesFit");
        _queue.AddUnschedulable(flushed, isError: false);
        _queue.Move(PodDeleted);
        Assert.False((await _queue.PopAsync(Token)).WasFlushed);
    }

    [Fact]
    public async Task New_toleration_is_a_reason_but_a_status_is_not()
    {
        await FailAsync("a", "TaintToleration");
        _time.Advance(TimeSpan.FromSeconds(2));
        var pod = Objects.Pod("a", "1");
        var told = pod with { Status = pod.Status with { Message = "still waiting" } };
        _queue.Update(pod, told);
        Assert.Equal((0, 0, 1, 0), _queue.Counts);
        _queue.Update(told, told.With(spec => spec with { Tolerations = [new() { Operator = "Exists" }] }));
        Assert.Equal((1, 0, 0, 0), _queue.Counts);
        Assert.Single((await _queue.PopAsync(Token)).Pod.Spec.Tolerations);
    }

    [Fact]
    public async Task Deleted_pods_leave_every_place()
    {
        _queue.Add(Objects.Pod("active"));
        _queue.Delete("uid-active");
        await FailAsync("unschedulable", "NodeName");
        _queue.Delete("uid-unschedulable");
        Assert.Equal((0, 0, 0, 0), _queue.Counts);
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal((0, 0, 0, 0), _queue.Counts);
    }

    [Theory]
    [InlineData("UpdateNodeTaint", "taint")]
    [InlineData("UpdateNodeAllocatable", "cpu")]
    [InlineData("UpdateNodeLabel", "label")]
    [InlineData("None", "heartbeat")]
    public void Node_updates_are_told_apart(string expected, string change)
    {
        var old = Objects.Node("n");
        var node = change switch
        {
            "taint" => Objects.Node("n", taints: Objects.Taint("k")),
            "cpu" => Objects.Node("n", cpu: "8"),
            "label" => Objects.Node("n", labels: "a=b"),
            _ => old with { Status = old.Status with { Conditions = [] } },
        };
        Assert.Equal(expected, NodeChanges.Of(old, node).ToString());
    }

    private async Task<string> NextAsync() => (await _queue.PopAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Token)).Pod.Metadata.Name;

    private async Task FailAsync(string name, string rejector, int priority = 0)
    {
        _queue.Add(Objects.Pod(name, "1", priority: priority));
        var queued = await _queue.PopAsync(Token);
        queued.Rejectors.Add(rejector);
        _queue.AddUnschedulable(queued, isError: false);
    }
}
