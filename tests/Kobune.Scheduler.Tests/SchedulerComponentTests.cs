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
    public async Task An_extender_has_its_say_in_the_whole_scheduler()
    {
        await using var extender = new Extenders.LittleExtender();
        extender.Answers["filter"] = (500, "");
        _server.Set(Objects.Node("a"));
        _server.Set(Objects.Node("b"));
        Start(new() { Extenders = [new() { UrlPrefix = extender.Url, FilterVerb = "filter", NodeCacheCapable = true }] });
        _server.Set(Objects.Pod("p", "1"));
        await _server.UntilAsync("the event", () => _server.Events.Contains($"Warning FailedScheduling p: failed filter with extender at URL {extender.Url}filter, code 500"));
        await _server.UntilAsync("the condition", () => _server.Pod("p")!.Status.Conditions is [{ Reason: "SchedulerError" }]);
        extender.Answers["filter"] = (200, """{"NodeNames":["b"]}""");
        _time.Advance(TimeSpan.FromSeconds(30));
        await _server.UntilAsync("p bound to b", () => _server.Pod("p")!.Spec.NodeName == "b");
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
        const string Sentence = "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s). preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.";
        await _server.UntilAsync("the condition", () => _server.Pod("p")!.Status.Conditions is [{ Type: "PodScheduled", Status: "False", Reason: "Unschedulable", Message: Sentence }]);
        await _server.UntilAsync("the event", () => _server.Events.Contains($"Warning FailedScheduling p: {Sentence}"));
        _server.Set(Objects.Node("b"));
        await _server.UntilAsync("p bound to b", () => _server.Pod("p")!.Spec.NodeName == "b");
    }

    [Fact]
    public async Task The_last_word_of_a_pod_is_that_of_its_last_cycle()
    {
        var gate = _server.HoldStatus = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Set(Objects.Node("a", cpu: "1"));
        Start();
        _server.Set(Objects.Pod("p", "2"));
        await _server.UntilAsync("the first event", () => _server.Events.Any(e => e.Contains("0/1 nodes are available", StringComparison.Ordinal)));
        _server.Set(Objects.Node("b", taints: Objects.Taint("k")));
        await _server.UntilAsync("the second event", () => _server.Events.Any(e => e.Contains("0/2 nodes are available", StringComparison.Ordinal)));
        gate.SetResult();
        await _server.UntilAsync("both words", () => _server.Done.Count == 2);
        Assert.StartsWith("0/2 nodes are available", Assert.Single(_server.Pod("p")!.Status.Conditions).Message, StringComparison.Ordinal);
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
    public async Task Important_pod_takes_the_place_of_a_lesser_one_when_that_is_gone()
    {
        _server.Set(Objects.Node("n", cpu: "1"));
        _server.Set(Objects.Pod("lesser", "1", node: "n"));
        Start();
        _server.Set(Objects.Pod("important", "1", priority: 10));
        await _server.UntilAsync("the victim to be sent away", () => _server.Pod("lesser")!.Metadata.DeletionTimestamp is not null);
        Assert.Equal("n", _server.Pod("important")!.Status.NominatedNodeName);
        Assert.Equal("0/1 nodes are available: 1 Insufficient cpu.", Assert.Single(_server.Pod("important")!.Status.Conditions).Message);
        var condition = Assert.Single(_server.Pod("lesser")!.Status.Conditions);
        Assert.Equal(("DisruptionTarget", "True", "PreemptionByScheduler", "default-scheduler: preempting to accommodate a higher priority pod"), (condition.Type, condition.Status, condition.Reason, condition.Message));
        await _server.UntilAsync("the event", () => _server.Events.Contains("Normal Preempted lesser: Preempted by pod uid-important on node n"));

        _server.Set(Objects.Pod("latecomer", "1")); // must not take what was made free for another
        await _server.UntilAsync("the latecomer to be rejected", () => _server.Pod("latecomer")!.Status.Conditions.Count == 1);
        _server.DeletePod("lesser");
        await _server.UntilAsync("important bound", () => _server.Pod("important")!.Spec.NodeName == "n");
        Assert.Equal("", _server.Pod("latecomer")!.Spec.NodeName);
    }

    [Fact]
    public async Task Lesser_pod_loses_its_nomination_to_a_more_important_one()
    {
        _server.Set(Objects.Node("n", cpu: "1"));
        _server.Set(Objects.Pod("victim", "1", node: "n"));
        Start();
        _server.Set(Objects.Pod("first", "1", priority: 5));
        await _server.UntilAsync("the victim to be sent away", () => _server.Pod("victim")!.Metadata.DeletionTimestamp is not null);
        _server.Set(Objects.Pod("second", "1", priority: 10));
        await _server.UntilAsync("second nominated", () => _server.Pod("second")!.Status.NominatedNodeName == "n");
        await _server.UntilAsync("first not any more", () => _server.Pod("first")!.Status.NominatedNodeName.Length == 0);
        _server.DeletePod("victim");
        await _server.UntilAsync("second bound", () => _server.Pod("second")!.Spec.NodeName == "n");
        Assert.Equal("", _server.Pod("first")!.Spec.NodeName);
    }

    [Fact]
    public async Task Preemption_that_the_server_refuses_is_tried_again()
    {
        _server.Set(Objects.Node("n", cpu: "1"));
        _server.Set(Objects.Pod("victim", "1", node: "n"));
        _server.RefuseStatuses.Add("victim");
        Start();
        _server.Set(Objects.Pod("p", "1", priority: 5));
        await _server.UntilAsync("p nominated", () => _server.Pod("p")!.Status.NominatedNodeName == "n");
        Assert.Null(_server.Pod("victim")!.Metadata.DeletionTimestamp);
        _server.RefuseStatuses.Clear();
        _time.Advance(TimeSpan.FromSeconds(10));
        await _server.UntilAsync("the victim to be sent away", () => _server.Pod("victim")!.Metadata.DeletionTimestamp is not null);
    }

    [Fact]
    public async Task Pod_with_a_new_label_may_be_what_another_waited_for()
    {
        _server.Set(Objects.Node("n", labels: "zone=1"));
        var other = Objects.Pod("other", node: "n");
        _server.Set(other);
        Start();
        _server.Set(Objects.Pod("p").With(s => s with { Affinity = new() { PodAffinity = new() { RequiredDuringSchedulingIgnoredDuringExecution = [new() { TopologyKey = "zone", LabelSelector = new() { MatchLabels = Objects.Labels("app=web") } }] } } }));
        await _server.UntilAsync("the sentence", () => _server.Pod("p")!.Status.Conditions.Count == 1);
        _server.Set(other with { Metadata = other.Metadata with { Labels = Objects.Labels("app=web") } });
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

    [Fact]
    public async Task Each_profile_places_its_own_pods_in_its_own_way()
    {
        _server.Set(Objects.Node("used", cpu: "4"));
        _server.Set(Objects.Node("empty", cpu: "4"));
        _server.Set(Objects.Pod("x", "2", "4Gi", node: "used"));
        Start(new SchedulerOptions { Profiles = [new(), new() { SchedulerName = "packer", ScoringStrategy = new() { Type = "MostAllocated" }, Plugins = new Dictionary<string, PluginSet> { ["score"] = new([], ["NodeResourcesBalancedAllocation"]) } }] });
        _server.Set(Objects.Pod("packed", "1", "1Gi").With(s => s with { SchedulerName = "packer" }));
        await _server.UntilAsync("packed on the used node", () => _server.Pod("packed")!.Spec.NodeName == "used");
        _server.Set(Objects.Pod("spread", "1", "1Gi"));
        await _server.UntilAsync("spread on the empty node", () => _server.Pod("spread")!.Spec.NodeName == "empty");
        _server.Set(Objects.Pod("large", "9").With(s => s with { SchedulerName = "packer" }));
        await _server.UntilAsync("large rejected", () => _server.Pod("large")!.Status.Conditions.Count == 1);
        await _server.UntilAsync("the event of the profile", () => _server.Sources.Contains("packer"));
    }

    private void Start(SchedulerOptions? options = null)
    {
        var client = new KubernetesClient(_server, TimeProvider.System);
        var informers = new InformerFactory(client, TimeProvider.System, NullLoggerFactory.Instance);
        var scheduler = new SchedulerComponent(client, informers, options ?? new SchedulerOptions(), _time, NullLoggerFactory.Instance);
        _running = Task.WhenAll(informers.RunAsync(_stop.Token), scheduler.RunAsync(_stop.Token));
    }
}
