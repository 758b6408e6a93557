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

    [Fact]
    public void Extenders_of_a_file()
    {
        var options = Read("""
            "extenders": [{"urlPrefix": "https://127.0.0.1:1/x", "filterVerb": "f", "prioritizeVerb": "s", "preemptVerb": "v", "bindVerb": "b", "weight": 3, "enableHTTPS": true, "httpTimeout": "1m30s",
              "nodeCacheCapable": true, "ignorable": true, "managedResources": [{"name": "example.com/seen"}, {"name": "example.com/unseen", "ignoredByScheduler": true}],
              "tlsConfig": {"insecure": true, "serverName": "n", "certFile": "/c", "keyFile": "/k", "caFile": "/a", "certData": "Yw=="}}, {}],
            "profiles": [{"schedulerName": "one"}, {"schedulerName": "two", "pluginConfig": [{"name": "NodeResourcesFit", "args": {"ignoredResources": ["example.com/x"]}}]}]
            """);
        Assert.True(options.Extenders[0] is
        {
            UrlPrefix: "https://127.0.0.1:1/x", FilterVerb: "f", PrioritizeVerb: "s", PreemptVerb: "v", BindVerb: "b", Weight: 3, EnableHttps: true, HttpTimeout.TotalSeconds: 90,
            NodeCacheCapable: true, Ignorable: true, ManagedResources: ["example.com/seen", "example.com/unseen"],
            Tls: { Insecure: true, ServerName: "n", Certificate: { Path: "/c", Text: "c" }, Key: { Path: "/k", Text: null }, Authorities.Path: "/a" },
        });
        Assert.Equal(TimeSpan.FromSeconds(5), options.Extenders[1].HttpTimeout);
        Assert.Equal(["example.com/unseen"], options.Profiles[0].IgnoredResources);
        Assert.Equal(["example.com/unseen", "example.com/x"], options.Profiles[1].IgnoredResources.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("\"profiels\": []", "strict decoding error: unknown field \"profiels\"")]
    [InlineData("\"profiles\": [{\"name\": \"x\"}]", "strict decoding error: unknown field \"profiles[0].name\"")]
    [InlineData("\"profiles\": [{\"plugins\": {\"filters\": {}}}]", "strict decoding error: unknown field \"profiles[0].plugins.filters\"")]
    [InlineData("\"percentageOfNodesToScore\": \"1\"", "percentageOfNodesToScore: Invalid value: \"1\": must be a number")]
    [InlineData("\"clientConnection\": {\"burst\": -1}", "clientConnection.burst: Invalid value: -1: must be non-negative")]
    [InlineData("\"leaderElection\": {\"leaderElect\": true, \"resourceLock\": \"endpoints\"}", "leaderElection.resourceLock: Invalid value: \"endpoints\": resourceLock value must be \"leases\"")]
    [InlineData("\"leaderElection\": {\"leaderElect\": false, \"resourceLock\": \"endpoints\", \"leaseDuration\": \"-1s\"}, \"parallelism\": 0", "parallelism: Invalid value: 0: should be an integer value greater than zero")]
    [InlineData("\"leaderElection\": {\"leaderElect\": true, \"leaseDuration\": \"5s\"}", "leaderElection.leaseDuration: Invalid value: 10s: LeaseDuration must be greater than RenewDeadline")]
    [InlineData("\"leaderElection\": {\"leaderElect\": true, \"retryPeriod\": \"-1s\"}", "leaderElection.retryPeriod: Invalid value: -1s: must be greater than zero")]
    [InlineData("\"percentageOfNodesToScore\": 101", "percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100]")]
    [InlineData("\"profiles\": [{\"percentageOfNodesToScore\": -1}]", "profiles[0].percentageOfNodesToScore: Invalid value: -1: not in valid range [0-100]")]
    [InlineData("\"podMaxBackoffSeconds\": 0", "podMaxBackoffSeconds: Invalid value: 0: must be greater than or equal to PodInitialBackoffSeconds")]
    [InlineData("\"podInitialBackoffSeconds\": 20", "podMaxBackoffSeconds: Invalid value: 10: must be greater than or equal to PodInitialBackoffSeconds")]
    [InlineData("\"podInitialBackoffSeconds\": 0, \"percentageOfNodesToScore\": 101", "[percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100], podInitialBackoffSeconds: Invalid value: 0: must be greater than 0]")]
    [InlineData("\"profiles\": [{\"schedulerName\": \"\"}]", "profiles[0].schedulerName: Required value")]
    [InlineData("\"profiles\": [{\"schedulerName\": \"a\"}, {\"schedulerName\": \"b\"}, {\"schedulerName\": \"a\"}]", "profiles[2].schedulerName: Duplicate value: \"profiles[0].schedulerName\"")]
    [InlineData("\"profiles\": [{\"schedulerName\": \"a\"}, {}]", "profiles[1].schedulerName: Required value")]
    [InlineData("\"profiles\": [{\"schedulerName\": \"a\"}, {\"schedulerName\": \"b\", \"plugins\": {\"queueSort\": {\"enabled\": [{\"name\": \"Mine\"}]}}}]", "profiles[1].plugins.queueSort: Invalid value: [Mine]: must be the same for all profiles")]
    [InlineData("\"profiles\": [{\"plugins\": {\"queueSort\": {\"enabled\": [{\"name\": \"A\"}, {\"name\": \"B\"}]}}}]", "profiles[0].plugins.queueSort.Enabled: Invalid value: 2: only one queue sort plugin can be enabled")]
    [InlineData("\"profiles\": [{\"plugins\": {\"filter\": {\"enabled\": [{\"name\": \"EBSLimits\"}]}}}]", "profiles[0].plugins.filter.enabled[0]: Invalid value: \"EBSLimits\": was invalid in version \"v1\" (KubeSchedulerConfiguration is version \"kubescheduler.config.k8s.io/v1\")")]
    [InlineData("\"profiles\": [{\"pluginConfig\": [{\"name\": \"CinderLimits\"}]}]", "profiles[0].pluginConfig[0]: Invalid value: \"CinderLimits\": was invalid in version \"v1\" (KubeSchedulerConfiguration is version \"kubescheduler.config.k8s.io/v1\")")]
    [InlineData("\"profiles\": [{\"pluginConfig\": [{\"name\": \"VolumeBinding\"}, {\"name\": \"VolumeBinding\"}]}]", "profiles[0].pluginConfig[1]: Duplicate value: \"VolumeBinding\"")]
    [InlineData("\"extenders\": [{\"urlPrefix\": \"http://x\", \"prioritizeVerb\": \"p\"}]", "extenders[0].weight: Invalid value: 0: must have a positive weight applied to it")]
    [InlineData("\"extenders\": [{\"bindVerb\": \"b\"}, {\"bindVerb\": \"b\"}]", "extenders: Invalid value: \"found 2 extenders implementing bind\": only one extender can implement bind")]
    [InlineData("\"extenders\": [{\"managedResources\": [{\"name\": \"a.b/c\"}]}, {\"managedResources\": [{\"name\": \"a.b/c\"}]}]", "extenders[1].managedResources[0].name: Invalid value: \"a.b/c\": duplicate extender managed resource name")]
    [InlineData("\"extenders\": [{\"managedResources\": [{\"name\": \"kubernetes.io/foo\"}]}]", "extenders[0].managedResources[0].name: Invalid value: \"kubernetes.io/foo\": is an invalid extended resource name")]
    [InlineData("\"extenders\": [{\"managedResources\": [{\"name\": \"cpu\"}]}]", "extenders[0].managedResources[0].name: Invalid value: \"cpu\": is an invalid extended resource name")]
    [InlineData("\"extenders\": [{\"filter\": \"f\"}]", "strict decoding error: unknown field \"extenders[0].filter\"")]
    [InlineData("\"extenders\": [{\"tlsConfig\": {\"caData\": \"?\"}}]", "extenders[0].tlsConfig.caData: Invalid value: \"?\": must be base64")]
    public void Mistakes(string fields, string message) => Assert.Equal(message, Assert.Throws<FormatException>(() => Read(fields)).Message);

    /// <summary>"$" stands for the arguments' place.</summary>
    [Theory]
    [InlineData("ImageLocality", "{}", "$: plugin \"ImageLocality\" takes no arguments here")]
    [InlineData("DynamicResources", "{\"bindingTimeout\": \"0s\"}", "$.bindingTimeout: Invalid value: 0s: must be at least 1 second")]
    [InlineData("DynamicResources", "{\"filterTimeout\": \"-1s\"}", "$.filterTimeout: Invalid value: -1s: must be zero or positive")]
    [InlineData("NodeResourcesBalancedAllocation", "{\"resources\": [{\"name\": \"cpu\", \"weight\": 2}]}", "$.resources[0].weight: Invalid value: 2: must be 1")]
    [InlineData("NodeResourcesBalancedAllocation", "{\"resources\": [{\"name\": \"cpu\"}, {\"name\": \"cpu\", \"weight\": 1}]}", "$.resources[1].name: Duplicate value: \"cpu\"")]
    [InlineData("InterPodAffinity", "{\"hardPodAffinityWeight\": 101}", "$.hardPodAffinityWeight: Invalid value: 101: not in valid range [0, 100]")]
    [InlineData("DefaultPreemption", "{\"minCandidateNodesPercentage\": 101}", "$.minCandidateNodesPercentage: Invalid value: 101: not in valid range [0, 100]")]
    [InlineData("DefaultPreemption", "{\"minCandidateNodesAbsolute\": -1}", "$.minCandidateNodesAbsolute: Invalid value: -1: not in valid range [0, inf)")]
    [InlineData("DefaultPreemption", "{\"minCandidateNodesPercentage\": 0, \"minCandidateNodesAbsolute\": 0}", "[$.minCandidateNodesPercentage: Invalid value: 0: cannot be zero at the same time as minCandidateNodesAbsolute, $.minCandidateNodesAbsolute: Invalid value: 0: cannot be zero at the same time as minCandidateNodesPercentage]")]
    [InlineData("VolumeBinding", "{\"bindTimeoutSeconds\": -1}", "$.bindTimeoutSeconds: Invalid value: -1: invalid BindTimeoutSeconds, should not be a negative value")]
    [InlineData("VolumeBinding", "{\"shape\": [{\"utilization\": 0, \"score\": 1}]}", "$.shape: Invalid value: [{\"utilization\":0,\"score\":1}]: unexpected field `shape`, remove it or turn on the feature gate StorageCapacityScoring")]
    [InlineData("PodTopologySpread", "{\"defaultingType\": \"Mine\"}", "$.defaultingType: Unsupported value: \"Mine\": supported values: \"List\", \"System\"")]
    [InlineData("PodTopologySpread", "{\"defaultConstraints\": [{\"maxSkew\": 1, \"topologyKey\": \"z\", \"whenUnsatisfiable\": \"DoNotSchedule\"}]}", "$.defaultingType: Invalid value: \"System\": when .defaultConstraints are not empty")]
    [InlineData("PodTopologySpread", "{\"defaultingType\": \"List\", \"defaultConstraints\": [{\"maxSkew\": 0, \"topologyKey\": \"z\", \"whenUnsatisfiable\": \"DoNotSchedule\"}]}", "$.defaultConstraints[0].maxSkew: Invalid value: 0: not in valid range (0, inf)")]
    [InlineData("PodTopologySpread", "{\"defaultingType\": \"List\", \"defaultConstraints\": [{\"maxSkew\": 1}]}", "[$.defaultConstraints[0].topologyKey: Required value: can not be empty, $.defaultConstraints[0].whenUnsatisfiable: Required value: can not be empty]")]
    [InlineData("PodTopologySpread", "{\"defaultingType\": \"List\", \"defaultConstraints\": [{\"maxSkew\": 1, \"topologyKey\": \"z\", \"whenUnsatisfiable\": \"Later\"}]}", "$.defaultConstraints[0].whenUnsatisfiable: Unsupported value: \"Later\": supported values: \"DoNotSchedule\", \"ScheduleAnyway\"")]
    [InlineData("PodTopologySpread", "{\"defaultingType\": \"List\", \"defaultConstraints\": [{\"maxSkew\": 1, \"topologyKey\": \"z\", \"whenUnsatisfiable\": \"DoNotSchedule\", \"labelSelector\": {}}]}", "$.defaultConstraints[0].labelSelector: Forbidden: constraint must not define a selector, as they deduced for each pod")]
    [InlineData("PodTopologySpread", "{\"defaultingType\": \"List\", \"defaultConstraints\": [{\"maxSkew\": 1, \"topologyKey\": \"z\", \"whenUnsatisfiable\": \"DoNotSchedule\"}, {\"maxSkew\": 2, \"topologyKey\": \"z\", \"whenUnsatisfiable\": \"DoNotSchedule\"}]}", "$.defaultConstraints[1]: Duplicate value: \"{z, DoNotSchedule}\"")]
    [InlineData("NodeResourcesFit", "{\"ignoredResourceGroups\": [\"a/b\"]}", "$.ignoredResourceGroups[0]: Invalid value: \"a/b\": resource group name can't contain '/'")]
    [InlineData("NodeResourcesFit", "{\"scoringStrategy\": {\"type\": \"Mine\"}}", "$.scoringStrategy.type: Unsupported value: \"Mine\": supported values: \"LeastAllocated\", \"MostAllocated\", \"RequestedToCapacityRatio\"")]
    [InlineData("NodeResourcesFit", "{\"scoringStrategy\": {\"type\": \"LeastAllocated\", \"resources\": [{\"name\": \"cpu\", \"weight\": 101}, {\"name\": \"memory\", \"weight\": 0}]}}", "$.scoringStrategy.resources[0].weight: Invalid value: 101: resource weight of cpu not in valid range (0, 100]")]
    [InlineData("NodeResourcesFit", "{\"scoringStrategy\": {\"type\": \"RequestedToCapacityRatio\"}}", "$.scoringStrategy.requestedToCapacityRatio: Required value: must be specified when type is RequestedToCapacityRatio")]
    [InlineData("NodeResourcesFit", "{\"scoringStrategy\": {\"type\": \"MostAllocated\", \"requestedToCapacityRatio\": {}}}", "$.scoringStrategy.requestedToCapacityRatio: Forbidden: must be nil when type is not RequestedToCapacityRatio")]
    [InlineData("NodeResourcesFit", "{\"scoringStrategy\": {\"type\": \"RequestedToCapacityRatio\", \"requestedToCapacityRatio\": {}}}", "$.scoringStrategy.requestedToCapacityRatio.shape: Required value: at least one point must be specified")]
    [InlineData("NodeResourcesFit", "{\"scoringStrategy\": {\"type\": \"RequestedToCapacityRatio\", \"requestedToCapacityRatio\": {\"shape\": [{\"utilization\": 5, \"score\": 1}, {\"utilization\": 5, \"score\": 11}]}}}", "[$.scoringStrategy.requestedToCapacityRatio.shape[1].utilization: Invalid value: 5: values must be sorted in increasing order, $.scoringStrategy.requestedToCapacityRatio.shape[1].score: Invalid value: 11: not in valid range [0, 10]]")]
    public void Mistakes_in_arguments(string plugin, string args, string message) => Assert.Equal(
        message.Replace("$", "profiles[0].pluginConfig[0].args", StringComparison.Ordinal),
        Assert.Throws<FormatException>(() => Read($"\"profiles\": [{{\"pluginConfig\": [{{\"name\": \"{plugin}\", \"args\": {args}}}]}}]")).Message);

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
