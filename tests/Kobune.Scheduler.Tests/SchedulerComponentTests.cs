using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Scheduler.Tests;

/// <summary>The whole scheduler against a fake server.</summary>
public sealed class SchedulerComponentTests : IAsyncLifetime
{
    private readonly FakeServer _server = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ManualTime _time = new();
    private Task _running = Task.CompletedTask;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(60));
        _stop.Dispose();
    }

    [Fact]
    public async Task Pod_gets_a_node_and_an_event_says_so()
    {
        _server.Set(Objects.Node("n"));
        Start();
        _server.Set(Objects.Pod("a", "1"));
        await _server.UntilAsync("a bound to n", () => _server.Pod("a")!.Spec.NodeName == "n");
        await _server.UntilAsync("the event", () => _server.Events.Contains("Normal Scheduled a: Successfully assigned default/a to n"));
    }

    [Fact]
    public async Task Pods_that_waited_before_the_start_are_scheduled_over_all_nodes()
    {
        for (var i = 0; i < 4; i++)
        {
            _server.Set(Objects.Node($"n{i}", cpu: "2"));
        }

        for (var i = 0; i < 8; i++)
        {
            _server.Set(Objects.Pod($"p{i}", "1"));
        }

        Start();
        await _server.UntilAsync("all bound", () => Enumerable.Range(0, 8).All(i => _server.Pod($"p{i}")!.Spec.NodeName.Length > 0));
        Assert.All(Enumerable.Range(0, 8).GroupBy(i => _server.Pod($"p{i}")!.Spec.NodeName), node => Assert.Equal(2, node.Count()));
    }

    [Fact]
    public async Task Pod_that_fits_nowhere_says_why_and_follows_when_room_comes()
    {
        _server.Set(Objects.Node("a", cpu: "1"));
        _server.Set(Objects.Node("b", taints: Objects.Taint("k")));
        Start();
        _server.Set(Objects.Pod("p", "2"));
        const string Sentence = "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s).";
        await _server.UntilAsync("the condition", () => _server.Pod("p")!.Status.Conditions is [{ Type: "PodScheduled", Status: "False", Reason: "Unschedulable", Message: Sentence }]);
        await _server.UntilAsync("the event", () => _server.Events.Contains($"Warning FailedScheduling p: {Sentence}"));
        _server.Set(Objects.Node("b"));
        await _server.UntilAsync("p bound to b", () => _server.Pod("p")!.Spec.NodeName == "b");
    }

    [Fact]
    public async Task Without_nodes_pods_wait_for_the_first()
    {
        Start();
        _server.Set(Objects.Pod("p"));
        await _server.UntilAsync("the sentence", () => _server.Pod("p")!.Status.Conditions is [{ Message: "no nodes available to schedule pods" }]);
        _server.Set(Objects.Node("n"));
        await _server.UntilAsync("p bound", () => _server.Pod("p")!.Spec.NodeName == "n");
    }

    [Fact]
    public async Task Deleted_pod_makes_room()
    {
        _server.Set(Objects.Node("n", cpu: "1"));
        _server.Set(Objects.Pod("old", "1", node: "n"));
        Start();
        _server.Set(Objects.Pod("p", "1"));
        await _server.UntilAsync("the condition", () => _server.Pod("p")!.Status.Conditions.Count == 1);
        _server.DeletePod("old");
        await _server.UntilAsync("p bound", () => _server.Pod("p")!.Spec.NodeName == "n");
    }

    [Fact]
    public async Task Finished_pod_makes_room_too()
    {
        _server.Set(Objects.Node("n", cpu: "1"));
        var old = Objects.Pod("old", "1", node: "n");
        _server.Set(old);
        Start();
        _server.Set(Objects.Pod("p", "1"));
        await _server.UntilAsync("the condition", () => _server.Pod("p")!.Status.Conditions.Count == 1);
        _server.Set(old with { Status = old.Status with { Phase = PodPhase.Succeeded } });
        await _server.UntilAsync("p bound", () => _server.Pod("p")!.Spec.NodeName == "n");
    }

    [Fact]
    public async Task Refused_binding_gives_its_place_back_and_is_tried_again()
    {
        _server.Set(Objects.Node("n", cpu: "1"));
        _server.RefuseBindings["p"] = 1;
        Start();
        _server.Set(Objects.Pod("p", "1"));
        await _server.UntilAsync("the error", () => _server.Pod("p")!.Status.Conditions is [{ Reason: "SchedulerError" }]);
        await _server.UntilAsync("the event", () => _server.Events.Any(text => text.StartsWith("Warning FailedScheduling p: ", StringComparison.Ordinal)));
        _server.Set(Objects.Pod("q", "1"));
        await _server.UntilAsync("q bound in its place", () => _server.Pod("q")!.Spec.NodeName == "n");
        _server.DeletePod("q");
        _time.Advance(TimeSpan.FromSeconds(10));
        await _server.UntilAsync("p bound", () => _server.Pod("p")!.Spec.NodeName == "n");
    }

    [Fact]
    public async Task Pods_of_other_schedulers_and_gated_pods_are_left_alone()
    {
        _server.Set(Objects.Node("n"));
        Start();
        _server.Set(Objects.Pod("other").With(spec => spec with { SchedulerName = "mine" }));
        _server.Set(Objects.Pod("gated").With(spec => spec with { SchedulingGates = [new() { Name = "g" }] }));
        _server.Set(Objects.Pod("last", priority: -1));
        await _server.UntilAsync("last bound", () => _server.Pod("last")!.Spec.NodeName == "n");
        Assert.Equal(("", ""), (_server.Pod("other")!.Spec.NodeName, _server.Pod("gated")!.Spec.NodeName));
        _server.Set(Objects.Pod("gated"));
        await _server.UntilAsync("gated bound", () => _server.Pod("gated")!.Spec.NodeName == "n");
    }

    private void Start()
    {
        var client = new KubernetesClient(_server, TimeProvider.System);
        var informers = new InformerFactory(client, TimeProvider.System, NullLoggerFactory.Instance);
        var scheduler = new SchedulerComponent(client, informers, new SchedulerOptions(), _time, NullLoggerFactory.Instance);
        _running = Task.WhenAll(informers.RunAsync(_stop.Token), scheduler.RunAsync(_stop.Token));
    }
}
