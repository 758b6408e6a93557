using Kobune.Api.Core.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Extenders;
using Kobune.Scheduler.Framework;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Scheduler.Tests.Extenders;

/// <summary>What extenders say of the victims of a preemption: nodes a and b are full of pods of a lower priority, low-a and low-b.</summary>
public sealed class ExtenderPreemptionTests : IAsyncLifetime
{
    private readonly LittleExtender _server = new();
    private readonly TestCluster _cluster = new TestCluster().Nodes("a", "b").Add(Low("a", 1), Low("b", 2), Low("b", 2, "other"));

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(true, "NodeNameToMetaVictims", """{"Pods":[{"UID":"uid-low-a"}],"NumPDBViolations":0}""")]
    [InlineData(false, "NodeNameToVictims", null)]
    public void It_is_told_who_would_go_where(bool knowsNodes, string field, string? a)
    {
        _server.Answers["preempt"] = (200, """{"NodeNameToMetaVictims":{"b":{"Pods":[{"UID":"uid-low-b"}]}}}""");
        var result = Preempt(knowsNodes: knowsNodes);
        Assert.Equal("b", result.NominatedNodeName); // without it a, whose pod is less important
        var question = Assert.Single(_server.Asked).Body;
        Assert.Equal("p", (string?)question["Pod"]!["metadata"]!["name"]);
        Assert.Equal(["a", "b"], question[field]!.AsObject().Select(n => n.Key));
        Assert.Null(question[knowsNodes ? "NodeNameToVictims" : "NodeNameToMetaVictims"]);
        Assert.Equal(a ?? "low-a", a is null ? (string?)question[field]!["a"]!["Pods"]![0]!["metadata"]!["name"] : question[field]!["a"]!.ToJsonString());
        Assert.Equal(1, result.Victims);
    }

    [Theory]
    [InlineData("""{"NodeNameToMetaVictims":{"a":{"Pods":[]}}}""", "preemption: expected at least one victim pod on node \"a\"")]
    [InlineData("""{"NodeNameToMetaVictims":{"z":{"Pods":[]}}}""", "preemption: nodeinfo not found for node name \"z\"")]
    [InlineData("""{"NodeNameToMetaVictims":{"a":{"Pods":[{"UID":"uid-low-b"}]}}}""", "preemption: extender: $ claims to preempt pod (UID: uid-low-b) on node: a, but the pod is not found on that node")]
    public void What_makes_no_sense_ends_the_preemption_unless_it_may_be_left_out(string answer, string message)
    {
        _server.Answers["preempt"] = (200, answer);
        var status = Preempt().Status!;
        Assert.Equal((StatusCode.Error, message.Replace("$", _server.Url, StringComparison.Ordinal)), (status.Code, status.Message));
        var lenient = Preempt(ignorable: true);
        Assert.Equal(answer.Contains("\"a\":{\"Pods\":[]}", StringComparison.Ordinal) ? null : "a", lenient.NominatedNodeName);
    }

    [Fact]
    public void Where_it_agrees_with_no_node_nobody_goes()
    {
        _server.Answers["preempt"] = (200, "{}");
        var result = Preempt();
        Assert.Null(result.Work);
        Assert.Equal("preemption: no candidate node for preemption", result.Status!.Message);
    }

    [Fact]
    public void It_may_name_other_victims()
    {
        _server.Answers["preempt"] = (200, """{"NodeNameToMetaVictims":{"b":{"Pods":[{"UID":"uid-low-b"},{"UID":"uid-other"}]}}}""");
        Assert.Equal(2, Preempt().Victims);
    }

    private static Pod Low(string node, int priority, string? name = null)
    {
        var pod = Objects.Pod(name ?? $"low-{node}", name is null ? "4" : "0", priority: priority, node: node);
        return pod with { Metadata = pod.Metadata with { Uid = $"uid-{pod.Metadata.Name}" } };
    }

    private PostFilterResult Preempt(bool knowsNodes = true, bool ignorable = false)
    {
        var options = new ExtenderOptions { UrlPrefix = _server.Url, PreemptVerb = "preempt", NodeCacheCapable = knowsNodes, Ignorable = ignorable };
        using var chain = new ExtenderChain([options], new(), NullLogger.Instance, TestContext.Current.CancellationToken);
        _cluster.Cache.Update(_cluster.Snapshot);
        var framework = new SchedulingFramework(_cluster.Plugins, _cluster.Profile.Plugins) { Extenders = chain };
        var (state, pod) = (new CycleState(), new PodInfo(Objects.Pod("p", "4", priority: 10)));
        Assert.Null(new SchedulingAlgorithm(framework, _cluster.Snapshot, _cluster.Nominator, 0, _ => 1).Schedule(state, pod, out var diagnosis));
        return framework.PostFilter(state, pod, diagnosis);
    }
}
