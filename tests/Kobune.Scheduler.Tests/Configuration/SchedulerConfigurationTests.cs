using System.Text.Json.Nodes;
using Kobune.Scheduler.Configuration;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Tests.Configuration;

public class SchedulerConfigurationTests
{
    [Fact]
    public void A_whole_file()
    {
        var options = Read("""
            "parallelism": 16, "leaderElection": {"leaderElect": true, "leaseDuration": "15s"}, "percentageOfNodesToScore": 40, "podInitialBackoffSeconds": 2, "podMaxBackoffSeconds": 20,
            "profiles": [
              {"schedulerName": "default-scheduler"},
              {"schedulerName": "packer", "percentageOfNodesToScore": 7,
               "plugins": {"score": {"disabled": [{"name": "*"}], "enabled": [{"name": "NodeResourcesFit", "weight": 5}]}, "multiPoint": {"disabled": [{"name": "ImageLocality"}]}},
               "pluginConfig": [
                 {"name": "NodeResourcesFit", "args": {"apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "NodeResourcesFitArgs", "ignoredResources": ["example.com/x"], "ignoredResourceGroups": ["example.org"],
                   "scoringStrategy": {"type": "RequestedToCapacityRatio", "resources": [{"name": "cpu", "weight": 3}], "requestedToCapacityRatio": {"shape": [{"utilization": 0, "score": 0}, {"utilization": 100, "score": 10}]}}}},
                 {"name": "PodTopologySpread", "args": {"defaultingType": "List", "defaultConstraints": [{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}]}},
                 {"name": "InterPodAffinity", "args": {"hardPodAffinityWeight": 9, "ignorePreferredTermsOfExistingPods": true}},
                 {"name": "DefaultPreemption", "args": {"minCandidateNodesPercentage": 3, "minCandidateNodesAbsolute": 4}},
                 {"name": "NodeAffinity", "args": {"addedAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "pool", "operator": "Exists"}]}]}}}},
                 {"name": "DynamicResources", "args": {"filterTimeout": "3s", "bindingTimeout": "2m"}},
                 {"name": "NodeResourcesBalancedAllocation", "args": {"resources": [{"name": "cpu", "weight": 1}, {"name": "example.com/gpu"}]}},
                 {"name": "VolumeBinding", "args": {"bindTimeoutSeconds": 60}}]}]
            """);
        Assert.True(options is { LeaderElect: true, PercentageOfNodesToScore: 40, PodInitialBackoff.TotalSeconds: 2, PodMaxBackoff.TotalSeconds: 20, Profiles.Count: 2 });
        var packer = options.Profiles[1];
        Assert.True(packer is
        {
            SchedulerName: "packer",
            PercentageOfNodesToScore: 7,
            HardPodAffinityWeight: 9,
            IgnorePreferredTermsOfExistingPods: true,
            MinCandidateNodesPercentage: 3,
            MinCandidateNodesAbsolute: 4,
            BindTimeout.TotalMinutes: 1,
            DeviceFilterTimeout.TotalSeconds: 3,
            DeviceBindingTimeout.TotalMinutes: 2,
            DefaultConstraints: [{ MaxSkew: 1, TopologyKey: "zone" }],
            ScoringStrategy: { Type: "RequestedToCapacityRatio", Resources: [("cpu", 3)], Shape: [(0, 0), (100, 10)] },
            AddedAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms.Count: 1,
        });
        Assert.Contains("example.com/x", packer.IgnoredResources);
        Assert.Contains("example.org", packer.IgnoredResourceGroups);
        Assert.Equal(["cpu", "example.com/gpu"], packer.BalancedResources);
        var order = new PluginOrder(new TestCluster().Plugins, packer.Plugins);
        Assert.Equal([("NodeResourcesFit", 5)], order.At<IScorePlugin>("score").Select(p => (p.Plugin.Name, p.Weight)));
        Assert.DoesNotContain(order.At<IPreScorePlugin>("preScore"), p => p.Plugin.Name == "ImageLocality");
    }

    [Theory]
    [InlineData("\"profiles\": [{\"pluginConfig\": [{\"name\": \"DynamicResources\", \"args\": {\"bindingTimeout\": \"0s\"}}]}]", "profiles[0].pluginConfig[0].args.bindingTimeout: Invalid value: \"0s\": must be a duration of at least 1s")]
    [InlineData("\"profiles\": [{\"pluginConfig\": [{\"name\": \"NodeResourcesBalancedAllocation\", \"args\": {\"resources\": [{\"name\": \"cpu\", \"weight\": 2}]}}]}]", "profiles[0].pluginConfig[0].args.resources[0].weight: Invalid value: 2: must be in the range [1-1]")]
    [InlineData("\"profiles\": [{\"pluginConfig\": [{\"name\": \"NodeResourcesFit\", \"args\": {\"ignoredResourceGroups\": [\"a/b\"]}}]}]", "profiles[0].pluginConfig[0].args.ignoredResourceGroups: Invalid value: [\"a/b\"]: must be names without a slash")]
    [InlineData("\"profiels\": []", "unknown field \"profiels\"")]
    [InlineData("\"profiles\": [{\"name\": \"x\"}]", "unknown field \"profiles[0].name\"")]
    [InlineData("\"profiles\": [{\"plugins\": {\"filters\": {}}}]", "unknown field \"profiles[0].plugins.filters\"")]
    [InlineData("\"profiles\": [{}, {}]", "profiles: Duplicate value: \"default-scheduler\"")]
    [InlineData("\"percentageOfNodesToScore\": 101", "percentageOfNodesToScore: Invalid value: 101: must be in the range [0-100]")]
    [InlineData("\"percentageOfNodesToScore\": \"1\"", "percentageOfNodesToScore: Invalid value: \"1\": must be a number")]
    [InlineData("\"podMaxBackoffSeconds\": 0", "podMaxBackoffSeconds: Invalid value: 0: must be greater than 0")]
    [InlineData("\"podInitialBackoffSeconds\": 20", "podMaxBackoffSeconds: Invalid value: null: must be greater than or equal to podInitialBackoffSeconds")]
    [InlineData("\"extenders\": [{}]", "extenders: this scheduler has none")]
    [InlineData("\"profiles\": [{\"pluginConfig\": [{\"name\": \"ImageLocality\", \"args\": {}}]}]", "profiles[0].pluginConfig[0].args: plugin \"ImageLocality\" takes no arguments here")]
    [InlineData("\"profiles\": [{\"pluginConfig\": [{\"name\": \"InterPodAffinity\", \"args\": {\"hardPodAffinityWeight\": 101}}]}]", "profiles[0].pluginConfig[0].args.hardPodAffinityWeight: Invalid value: 101: must be in the range [0-100]")]
    [InlineData("\"profiles\": [{\"pluginConfig\": [{\"name\": \"PodTopologySpread\", \"args\": {\"defaultConstraints\": [{\"maxSkew\": 1, \"topologyKey\": \"z\", \"whenUnsatisfiable\": \"DoNotSchedule\"}]}}]}]", "profiles[0].pluginConfig[0].args.defaultingType: Invalid value: null: must be \"List\" when .defaultConstraints are not empty")]
    public void Mistakes(string fields, string message) => Assert.Equal(message, Assert.Throws<FormatException>(() => Read(fields)).Message);

    [Fact]
    public void Another_kind_is_refused() =>
        Assert.Throws<FormatException>(() => SchedulerConfiguration.Apply(JsonNode.Parse("""{"apiVersion":"v1","kind":"Pod"}""")!.AsObject(), new()));

    [Fact]
    public void Plugins_keep_their_order_but_for_what_a_profile_says()
    {
        var all = new TestCluster().Plugins;
        var usual = Names();
        Assert.Equal(["NodeAffinity", .. usual.Where(n => n != "NodeAffinity")], Names(("filter", ["NodeAffinity"], [])));
        Assert.Equal([.. usual.Where(n => n != "NodePorts"), "NodePorts"], Names(("multiPoint", [], ["NodePorts"]), ("filter", ["NodePorts"], [])));
        Assert.Equal(["NodeName"], Names(("filter", ["NodeName"], ["*"])));
        Assert.Equal(usual, Names(("multiPoint", ["TaintToleration"], [])));
        Assert.Equal("plugin \"Mine\" does not exist", Assert.Throws<FormatException>(() => Names(("filter", ["Mine"], []))).Message);
        Assert.Equal("plugin \"ImageLocality\" does not extend filter plugin", Assert.Throws<FormatException>(() => Names(("filter", ["ImageLocality"], []))).Message);
        Assert.Throws<FormatException>(() => new SchedulingFramework(all, new Dictionary<string, PluginSet> { ["bind"] = new([], ["*"]) }));

        string[] Names(params (string Point, string[] Enabled, string[] Disabled)[] sets) =>
            [.. new PluginOrder(all, sets.ToDictionary(s => s.Point, s => new PluginSet([.. s.Enabled.Select(e => (e, 0))], s.Disabled))).At<IFilterPlugin>("filter").Select(p => p.Plugin.Name)];
    }

    private static SchedulerOptions Read(string fields) =>
        SchedulerConfiguration.Apply(JsonNode.Parse($$$"""{"apiVersion":"kubescheduler.config.k8s.io/v1","kind":"KubeSchedulerConfiguration",{{{fields}}}}""")!.AsObject(), new());
}
