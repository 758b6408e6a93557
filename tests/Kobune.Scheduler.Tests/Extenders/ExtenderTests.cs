using Kobune.Api.Core.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Extenders;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Metrics;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Scheduler.Tests.Extenders;

/// <summary>What extenders have a say in, over HTTP.</summary>
public sealed class ExtenderTests : IAsyncLifetime
{
    private const string Gpu = "example.com/gpu";
    private readonly LittleExtender _server = new();
    private readonly TestCluster _cluster = new TestCluster().Nodes("a", "b", "c");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private ExtenderOptions Asked => new() { UrlPrefix = _server.Url, FilterVerb = "filter", NodeCacheCapable = true };

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public void One_that_knows_the_nodes_is_asked_by_name_and_leaves_some()
    {
        _server.Answers["filter"] = (200, """{"NodeNames":["b"],"FailedNodes":{"a":"no","c":"no"}}""");
        Assert.Equal("b", Schedule(Asked).Node);
        var (verb, question) = Assert.Single(_server.Asked);
        Assert.Equal(("filter", "p", null), (verb, (string?)question["Pod"]!["metadata"]!["name"], question["Nodes"]));
        Assert.Equal(["a", "b", "c"], question["NodeNames"]!.AsArray().Select(n => (string)n!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void One_that_does_not_is_told_of_them_whole()
    {
        _server.Answers["filter"] = (200, """{"nodes":{"items":[{"metadata":{"name":"c"}}]}}"""); // a field's name may be in any case
        Assert.Equal("c", Schedule(Asked with { NodeCacheCapable = false }).Node);
        var question = _server.Asked[0].Body;
        Assert.Null(question["NodeNames"]);
        Assert.Equal("4", (string?)question["Nodes"]!["items"]![0]!["status"]!["allocatable"]!["cpu"]);
        Assert.NotNull(question["Nodes"]!["metadata"]);
    }

    [Theory]
    [InlineData("""{"NodeNames":[],"FailedNodes":{"a":"busy","b":"busy","c":"later"}}""", "0/3 nodes are available: 1 later, 2 busy.", StatusCode.Unschedulable)]
    [InlineData("""{"NodeNames":[],"FailedNodes":{"a":"busy","b":"busy","c":"busy"},"FailedAndUnresolvableNodes":{"a":"never"}}""", "0/3 nodes are available: 1 never, 2 busy.", StatusCode.UnschedulableAndUnresolvable)]
    [InlineData("""{"NodeNames":[]}""", "0/3 nodes are available:", null)]
    [InlineData("{}", "0/3 nodes are available:", null)]
    public void Why_no_node_is_left_is_told(string answer, string sentence, object? ofA)
    {
        _server.Answers["filter"] = (200, answer);
        var (node, diagnosis) = Schedule(Asked);
        Assert.Null(node);
        Assert.Equal(sentence, FitMessage.Of(diagnosis));
        Assert.Contains("Extender", diagnosis.UnschedulablePlugins);
        Assert.Equal((StatusCode?)ofA, diagnosis.StatusOf("a")?.Code);
    }

    [Fact]
    public void A_pod_that_it_rejected_is_tried_again_after_every_change() =>
        Assert.True(_cluster.Helps("Extender", Objects.Pod("p"), new(EventResource.Node, ActionType.Add, New: Objects.Node("n"))));

    /// <summary>"$" stands for the address.</summary>
    [Theory]
    [InlineData(200, """{"Error":"I am ill"}""", "I am ill")]
    [InlineData(500, "{}", "failed filter with extender at URL $filter, code 500")]
    [InlineData(200, """{"NodeNames":["z"]}""", "extender \"$\" claims a filtered node \"z\" which is not found in the input node list")]
    [InlineData(200, """{"NodeNames":"a"}""", "json: cannot unmarshal field NodeNames of an extender's answer")]
    public void What_one_does_wrong_ends_the_cycle_unless_it_may_be_left_out(int code, string answer, string message)
    {
        _server.Answers["filter"] = (code, answer);
        Assert.Equal(message.Replace("$", _server.Url, StringComparison.Ordinal), Assert.Throws<ExtenderException>(() => Schedule(Asked)).Message);
        Assert.NotNull(Schedule(Asked with { Ignorable = true }).Node);
    }

    [Fact]
    public void One_that_does_not_answer_is_waited_for_no_longer_than_its_time()
    {
        var message = Assert.Throws<ExtenderException>(() => Schedule(Asked with { HttpTimeout = TimeSpan.FromMilliseconds(200) })).Message;
        Assert.Equal($"Post \"{_server.Url}filter\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)", message);
    }

    [Fact]
    public async Task One_that_is_not_there_is_an_error_and_the_end_of_the_scheduler_is_none()
    {
        var gone = new LittleExtender();
        await gone.DisposeAsync();
        Assert.StartsWith($"Post \"{gone.Url}filter\": ", Assert.Throws<ExtenderException>(() => Schedule(Asked with { UrlPrefix = gone.Url })).Message, StringComparison.Ordinal);
        Assert.ThrowsAny<OperationCanceledException>(() => Schedule(Asked, ct: new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Those_that_may_be_left_out_come_last_and_each_sees_what_the_others_left()
    {
        _server.Answers["first"] = (200, """{"NodeNames":["a","b"]}""");
        _server.Answers["second"] = (200, """{"NodeNames":["a"]}""");
        Assert.Equal("a", Schedule(new ExtenderChain([Asked with { FilterVerb = "second", Ignorable = true }, Asked with { FilterVerb = "first" }], new(), NullLogger.Instance, Ct)).Node);
        Assert.Equal(["first", "second"], _server.Asked.Select(q => q.Verb));
        Assert.Equal(2, _server.Asked[1].Body["NodeNames"]!.AsArray().Count);
    }

    [Fact]
    public void The_nominated_node_is_taken_only_when_no_extender_minds()
    {
        _server.Answers["filter"] = (200, """{"NodeNames":[],"FailedNodes":{"b":"no"}}""");
        var pod = Objects.Pod("p") with { Status = new() { NominatedNodeName = "b" } };
        var (node, diagnosis) = Schedule(Asked, pod);
        Assert.Null(node);
        Assert.Equal([1, 3], _server.Asked.Select(q => q.Body["NodeNames"]!.AsArray().Count));
        Assert.Equal("no", diagnosis.StatusOf("b")!.Message);
    }

    [Theory]
    [InlineData("""[{"Host":"c","Score":10},{"Host":"nobody","Score":10}]""", 1, "c")]
    [InlineData("""[{"Host":"a","Score":2},{"Host":"b","Score":1}]""", 5, "a")]
    public void What_it_thinks_of_nodes_counts_beside_the_plugins(string answer, int weight, string node)
    {
        _server.Answers["prioritize"] = (200, answer);
        Assert.Equal(node, Schedule(Asked with { FilterVerb = "", PrioritizeVerb = "prioritize", Weight = weight }).Node);
    }

    [Fact]
    public void One_that_cannot_say_how_good_nodes_are_says_nothing()
    {
        var totals = new long[3];
        _server.Answers["good"] = (200, """[{"Host":"b","Score":3}]""");
        _server.Answers["bad"] = (500, "");
        _server.Answers["odd"] = (200, "{}");
        using var chain = new ExtenderChain(new[] { "good", "bad", "odd" }.Select(v => Asked with { PrioritizeVerb = v, Weight = 2 }), new(), NullLogger.Instance, Ct);
        _cluster.Cache.Update(_cluster.Snapshot);
        chain.Score(Objects.Pod("p"), _cluster.Snapshot.Nodes, totals);
        Assert.Equal(60, totals[_cluster.Snapshot.Nodes.ToList().FindIndex(n => n.Name == "b")]);
        Assert.Equal(60, totals.Sum());
        Assert.Equal(3, _server.Asked.Count);
    }

    [Theory]
    [InlineData("request", true)]
    [InlineData("limit", true)]
    [InlineData("init", true)]
    [InlineData("", false)]
    public void Only_pods_with_its_resources_are_its_business(string where, bool isAsked)
    {
        var has = new Dictionary<string, Api.Quantity> { [Gpu] = Api.Quantity.Parse("1") };
        var container = new Container { Name = "c", Resources = where switch { "request" or "init" => new() { Requests = has }, "limit" => new() { Limits = has }, _ => new() } };
        var pod = Objects.Pod("p").With(s => where == "init" ? s with { InitContainers = [container] } : s with { Containers = [container] });
        using var extender = new HttpExtender(Asked with { ManagedResources = ["example.com/other", Gpu] });
        Assert.Equal(isAsked, extender.IsInterestedIn(pod));
        using var any = new HttpExtender(Asked);
        Assert.True(any.IsInterestedIn(pod));
    }

    [Fact]
    public async Task One_that_binds_does_so_in_the_place_of_plugins()
    {
        _server.Answers["bind"] = (200, "{}");
        var pod = Objects.Pod("p");
        using var chain = new ExtenderChain([Asked, Asked with { BindVerb = "bind" }], new(), NullLogger.Instance, Ct);
        var framework = new SchedulingFramework(_cluster.Plugins, _cluster.Profile.Plugins) { Extenders = chain };
        Assert.Null(await framework.BindAsync(new CycleState(), new PodInfo(pod), "b", Ct));
        Assert.Equal($$"""{"PodName":"p","PodNamespace":"default","PodUID":"{{pod.Metadata.Uid}}","Node":"b"}""", Assert.Single(_server.Asked).Body.ToJsonString());
        Assert.Empty(_cluster.Server.Done);
        _server.Answers["bind"] = (200, """{"Error":"not today"}""");
        Assert.Equal((StatusCode.Error, "not today"), (await framework.BindAsync(new CycleState(), new PodInfo(pod), "b", Ct)) is { } status ? (status.Code, status.Message) : default);
    }

    [Fact]
    public void Those_at_work_are_counted()
    {
        var metrics = new SchedulerMetrics();
        _server.Answers["prioritize"] = (200, "[]");
        using var chain = new ExtenderChain([Asked with { PrioritizeVerb = "prioritize" }], metrics, NullLogger.Instance, Ct);
        chain.Score(Objects.Pod("p"), [], []);
        var text = new System.Text.StringBuilder();
        metrics.Families.Single(f => f.Name == "scheduler_goroutines").Write(text);
        Assert.Contains("scheduler_goroutines{operation=\"prioritizing_extender\"} 0\n", text.ToString(), StringComparison.Ordinal);
    }

    private (string? Node, Diagnosis Diagnosis) Schedule(ExtenderOptions options, Pod? pod = null, CancellationToken? ct = null) =>
        Schedule(new ExtenderChain([options], new(), NullLogger.Instance, ct ?? Ct), pod);

    private (string? Node, Diagnosis Diagnosis) Schedule(ExtenderChain chain, Pod? pod = null)
    {
        using (chain)
        {
            _cluster.Cache.Update(_cluster.Snapshot);
            var framework = new SchedulingFramework(_cluster.Plugins, _cluster.Profile.Plugins) { Extenders = chain };
            var node = new SchedulingAlgorithm(framework, _cluster.Snapshot, _cluster.Nominator, 0, _ => 1).Schedule(new CycleState(), new PodInfo(pod ?? Objects.Pod("p")), out var diagnosis);
            return (node, diagnosis);
        }
    }
}
