using System.Diagnostics;
using System.Text;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Metrics;
using Kobune.Scheduler.Queue;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Scheduler.Tests;

/// <summary>What the scheduler counts of its attempts, queues and plugins.</summary>
public sealed class SchedulerMetricsTests : IAsyncLifetime
{
    private readonly FakeServer _server = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SchedulerMetrics _metrics = new();
    private Task _running = Task.CompletedTask;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(60));
        _stop.Dispose();
    }

    /// <summary>What is counted after the last change at the server wakes nobody: it is looked at again and again.</summary>
    private static async Task CountedAsync(string what, Func<bool> isSo)
    {
        var since = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromMinutes(1), $"not within a minute: {what}");
            await Task.Yield();
        }
    }

    [Fact]
    public async Task Attempts_queues_and_extension_points_are_counted()
    {
        Assert.Contains("scheduler_preemption_attempts_total 0\n", Text(), StringComparison.Ordinal);
        _server.Set(Objects.Pod("gated") with { Spec = Objects.Pod("gated").Spec with { SchedulingGates = [new PodSchedulingGate { Name = "later" }] } });
        _server.Set(Objects.Node("a", cpu: "1"));
        _server.Set(Objects.Pod("large", "2"));
        Start(); // the scheduler looks at pods when it has seen the nodes
        await _server.UntilAsync("the condition", () => _server.Pod("large")!.Status.Conditions is [{ Reason: "Unschedulable" }]);
        _server.Set(Objects.Node("b", cpu: "4"));
        await _server.UntilAsync("large bound", () => _server.Pod("large")!.Spec.NodeName == "b");
        await _server.UntilAsync("the event", () => _server.Events.Any(e => e.StartsWith("Normal Scheduled large", StringComparison.Ordinal)));
        await CountedAsync("the last point", () => Text().Contains("extension_point=\"PostBind\"", StringComparison.Ordinal));
        await CountedAsync("the end of the binding", () => Text().Contains("scheduler_goroutines{operation=\"binding\"} 0\n", StringComparison.Ordinal));
        await CountedAsync("the sight of the bound pod", () => Text().Contains("event=\"AssignedPodAdd\"", StringComparison.Ordinal));
        var text = Text();
        foreach (var line in new[]
                 {
                     "scheduler_schedule_attempts_total{profile=\"default-scheduler\",result=\"unschedulable\"} 1",
                     "scheduler_schedule_attempts_total{profile=\"default-scheduler\",result=\"scheduled\"} 1",
                     "scheduler_scheduling_attempt_duration_seconds_count{profile=\"default-scheduler\",result=\"scheduled\"} 1",
                     "scheduler_scheduling_algorithm_duration_seconds_count 2",
                     "scheduler_pod_scheduling_attempts_sum 2",
                     "scheduler_pod_scheduling_sli_duration_seconds_count{attempts=\"2\"} 1",
                     "scheduler_preemption_attempts_total 1",
                     "scheduler_queue_incoming_pods_total{event=\"PodAdd\",queue=\"active\"} 1",
                     "scheduler_queue_incoming_pods_total{event=\"PodAdd\",queue=\"gated\"} 1",
                     "scheduler_queue_incoming_pods_total{event=\"ScheduleAttemptFailure\",queue=\"unschedulable\"} 1",
                     "scheduler_queue_incoming_pods_total{event=\"NodeAdd\",queue=\"backoff\"} 1",
                     "scheduler_pending_pods{queue=\"active\"} 0",
                     "scheduler_pending_pods{queue=\"gated\"} 1",
                     "scheduler_cache_size{type=\"nodes\"} 2",
                     "scheduler_event_handling_duration_seconds_count{event=\"NodeAdd\"} 2",
                     "scheduler_event_handling_duration_seconds_count{event=\"AssignedPodAdd\"} 1",
                     "scheduler_queueing_hint_execution_duration_seconds_count{event=\"NodeAdd\",hint=\"Queue\",plugin=\"NodeResourcesFit\"} 1",
                     "scheduler_inflight_events{event=\"PodPopped\"} 0",
                     "scheduler_async_api_call_execution_total{call_type=\"pod_binding\",result=\"success\"} 1",
                     "scheduler_async_api_call_execution_duration_seconds_count{call_type=\"pod_status_patch\",result=\"success\"} 1",
                     "scheduler_pending_async_api_calls{call_type=\"pod_status_patch\"} 0",
                     "scheduler_unschedulable_pods{plugin=\"SchedulingGates\",profile=\"default-scheduler\"} 1",
                     "scheduler_framework_extension_point_duration_seconds_count{extension_point=\"Filter\",profile=\"default-scheduler\",status=\"Success\"} 2",
                     "scheduler_framework_extension_point_duration_seconds_count{extension_point=\"PostFilter\",profile=\"default-scheduler\",status=\"Unschedulable\"} 1",
                     "scheduler_framework_extension_point_duration_seconds_count{extension_point=\"Bind\",profile=\"default-scheduler\",status=\"Success\"} 1",
                     "scheduler_plugin_execution_duration_seconds_count{extension_point=\"Filter\",plugin=\"NodeResourcesFit\",status=\"UnschedulableAndUnresolvable\"} 1",
                     "scheduler_plugin_evaluation_total{extension_point=\"Filter\",plugin=\"NodeResourcesFit\",profile=\"default-scheduler\"} 3", // a, then a and b
                     "scheduler_plugin_evaluation_total{extension_point=\"Filter\",plugin=\"NodePorts\",profile=\"default-scheduler\"} 0", // it had no business
                 })
        {
            Assert.Contains(line + "\n", text, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("leader_election_master_status{", text, StringComparison.Ordinal); // nobody is elected
    }

    [Fact]
    public void Pods_that_time_alone_helped_are_counted()
    {
        Assert.Contains("scheduler_pod_scheduled_after_flush_total 0\n", Text(), StringComparison.Ordinal);
        _metrics.ScheduledAfterFlush();
        Assert.Contains("scheduler_pod_scheduled_after_flush_total 1\n", Text(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scheduler_scheduling_algorithm_duration_seconds", "BETA")]
    [InlineData("scheduler_plugin_execution_duration_seconds", "BETA")]
    [InlineData("scheduler_plugin_evaluation_total", "BETA")]
    [InlineData("scheduler_goroutines", "BETA")]
    [InlineData("scheduler_unschedulable_pods", "BETA")]
    [InlineData("scheduler_pod_scheduling_sli_duration_seconds", "BETA")]
    [InlineData("scheduler_pending_pods", "STABLE")]
    [InlineData("scheduler_cache_size", "ALPHA")]
    [InlineData("scheduler_inflight_events", "ALPHA")]
    [InlineData("scheduler_volume_scheduling_stage_error_total", "ALPHA")]
    public void Stability(string name, string level) => Assert.Contains($"# HELP {name} [{level}] ", Text(), StringComparison.Ordinal);

    [Fact]
    public void Events_in_flight_are_told_by_upstreams_names()
    {
        var flying = new InFlightPods();
        flying.Add(new QueuedPod(new(Objects.Pod("a")), default, 0));
        flying.Note(new(EventResource.StorageClass, ActionType.UpdateStorage));
        flying.Note(new(EventResource.StorageClass, ActionType.UpdateStorage));
        flying.Note(new(EventResource.ResourceSlice, ActionType.Add));
        flying.Note(new(EventResource.Node, ActionType.UpdateNodeTaint));
        Assert.Equal([("storage.k8s.io/StorageClassUpdate", 2), ("resource.k8s.io/ResourceSliceAdd", 1), ("NodeUpdateNodeTaint", 1), ("PodPopped", 1)], flying.Counts);
        flying.Remove(Objects.Pod("a").Metadata.Uid);
        Assert.Equal([("PodPopped", 0)], flying.Counts);
    }

    [Fact]
    public void Preemptions_and_volumes_that_were_not_bound_are_counted()
    {
        _metrics.Calls.Preempted(isDone: true, TimeSpan.FromSeconds(1));
        _metrics.Calls.Preempted(isDone: false, TimeSpan.FromSeconds(1));
        _metrics.Calls.VolumesNotBound();
        Assert.Contains("scheduler_preemption_goroutines_execution_total{result=\"error\"} 1\n", Text(), StringComparison.Ordinal);
        Assert.Contains("scheduler_preemption_goroutines_duration_seconds_count{result=\"success\"} 1\n", Text(), StringComparison.Ordinal);
        Assert.Contains("scheduler_volume_scheduling_stage_error_total{operation=\"bind\"} 1\n", Text(), StringComparison.Ordinal);
    }

    private void Start()
    {
        var informers = new InformerFactory(new KubernetesClient(_server, TimeProvider.System), TimeProvider.System, NullLoggerFactory.Instance);
        var scheduler = new SchedulerComponent(new KubernetesClient(_server, TimeProvider.System), informers, new SchedulerOptions { Metrics = _metrics }, new ManualTime(), NullLoggerFactory.Instance);
        _running = Task.WhenAll(informers.RunAsync(_stop.Token), scheduler.RunAsync(_stop.Token));
    }

    [Fact]
    public async Task A_pod_is_bound_after_it_was_told_that_it_had_no_node()
    {
        var gate = _server.HoldStatus = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Set(Objects.Node("a", cpu: "1"));
        Start();
        _server.Set(Objects.Pod("p", "2"));
        await _server.UntilAsync("the event", () => _server.Events.Any(e => e.Contains("0/1 nodes are available", StringComparison.Ordinal)));
        _server.Set(Objects.Node("b"));
        await Kobune.Tests.Eventually.Holds(() => Text().Contains("scheduler_goroutines{operation=\"binding\"} 1\n", StringComparison.Ordinal), "a binding under way");
        gate.SetResult();
        await _server.UntilAsync("p bound", () => _server.Pod("p")!.Spec.NodeName == "b");
        Assert.Equal(["status", "binding"], _server.Done);
    }

    private string Text()
    {
        var text = new StringBuilder();
        foreach (var family in _metrics.Families)
        {
            family.Write(text);
        }

        return text.ToString();
    }
}
