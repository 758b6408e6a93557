using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api.Features;
using Kobune.Api.Schema;
using Kobune.ApiServer.Tests.CustomResources;
using Kobune.Storage.Memory;

namespace Kobune.ApiServer.Tests.Hosting;

/// <summary>What a server does with its features on and off, and with --runtime-config.</summary>
public class FeatureTests
{
    private const string Pods = "/api/v1/namespaces/default/pods";
    private const string Services = "/api/v1/namespaces/default/services";

    /// <summary>A release, gates, a write, and the path of a field that is kept only when the feature is on.</summary>
    [Theory]
    [InlineData(36, "StatefulSet", "MaxUnavailableStatefulSet", "spec.updateStrategy.rollingUpdate.maxUnavailable")]
    [InlineData(36, "Pod", "HostnameOverride", "spec.hostnameOverride")]
    [InlineData(36, "Pod", "PodLevelResources,InPlacePodLevelResourcesVerticalScaling", "spec.resources")]
    [InlineData(36, "Pod", "MatchLabelKeysInPodTopologySpread,MatchLabelKeysInPodTopologySpreadSelectorMerge", "spec.topologySpreadConstraints.0.matchLabelKeys")]
    [InlineData(36, "Pod", "ContainerStopSignals", "spec.containers.0.lifecycle.stopSignal")]
    [InlineData(33, "Pod", "InPlacePodVerticalScaling", "spec.containers.0.resizePolicy")]
    [InlineData(30, "Pod", "UserNamespacesSupport", "spec.hostUsers")]
    public async Task A_field_is_kept_when_its_feature_is_on(int minor, string kind, string gate, string path)
    {
        var (url, body) = kind == "Pod" ? (Pods, Pod) : ("/apis/apps/v1/namespaces/default/statefulsets", Set);
        foreach (var isOn in new[] { true, false })
        {
            await using var server = await StartAsync(minor, string.Join(',', gate.Split(',').Select(g => $"{g}={isOn}")));
            var made = await server.MustAsync("POST", url, body);
            Assert.Equal((isOn, gate), (At(made, path) is not null, gate));
            Assert.Equal(isOn, At(await server.MustAsync("GET", $"{url}/web"), path) is not null);
        }
    }

    /// <summary>A gate that is switched off hides no data: an object that uses the feature keeps it, a new one does not get it.</summary>
    [Theory]
    [InlineData("Pod", "ContainerStopSignals", "spec.containers.0.lifecycle.stopSignal")]
    [InlineData("StatefulSet", "MaxUnavailableStatefulSet", "spec.updateStrategy.rollingUpdate.maxUnavailable")]
    public async Task A_field_that_is_used_already_stays_when_its_feature_goes_off(string kind, string gate, string path)
    {
        var (url, body) = kind == "Pod" ? (Pods, Pod) : ("/apis/apps/v1/namespaces/default/statefulsets", Set);
        await using var store = new MemoryStore(TimeProvider.System);
        await using (var on = await TestServer.StartAsync(o => o with { Store = store, Features = FeatureGates.Parse(KubernetesVersion.Newest, gate + "=true") }))
        {
            Assert.NotNull(At(await on.MustAsync("POST", url, body), path));
        }

        await using var off = await TestServer.StartAsync(o => o with { Store = store, Features = FeatureGates.Parse(KubernetesVersion.Newest, gate + "=false") });
        var live = await off.MustAsync("GET", url + "/web");
        Assert.NotNull(At(live, path));
        live["metadata"]!["labels"] = new JsonObject { ["seen"] = "yes" };
        Assert.NotNull(At(await off.MustAsync("PUT", url + "/web", live.ToJsonString()), path));
        Assert.NotNull(At(await off.MustAsync("GET", url + "/web"), path));
        Assert.Null(At(await off.MustAsync("POST", url, body.Replace("\"web\"", "\"second\"", StringComparison.Ordinal)), path));
    }

    [Fact]
    public async Task Initial_events_can_be_asked_for_with_WatchList()
    {
        const string Path = Pods + "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
        await using var on = await StartAsync(36, "");
        Assert.Null(await FirstErrorAsync(on, Path));
        await using var off = await StartAsync(36, "WatchList=false");
        Assert.Contains("sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled", await FirstErrorAsync(off, Path), StringComparison.Ordinal);
        await using var defaults = await StartAsync(33, "");
        Assert.NotNull(await FirstErrorAsync(defaults, Path)); // 1.33 took it back
        await off.CreateConfigMapAsync("a");
        await using var old = off.Watch("/api/v1/namespaces/default/configmaps?watch=1");
        Assert.Equal("ADDED", (await old.NextAsync()).Type);
    }

    [Theory]
    [InlineData("", "PreferSameNode", 201)]
    [InlineData("", "PreferClose", 201)]
    public async Task Traffic_distribution_has_its_values(string gates, string value, int code)
    {
        await using var server = await StartAsync(34, gates);
        Assert.Equal(code, (await server.SendAsync("POST", Services, Service("web", value))).Code);
        await using var off = await StartAsync(34, "PreferSameTrafficDistribution=false");
        Assert.Equal(value == "PreferClose" ? 201 : 422, (await off.SendAsync("POST", Services, Service("web", value))).Code);
    }

    [Fact]
    public async Task Names_of_services_are_relaxed()
    {
        await using var on = await StartAsync(36, "");
        Assert.Equal(201, (await on.SendAsync("POST", Services, Service("1web", "PreferClose"))).Code);
        await using var off = await StartAsync(36, "RelaxedServiceNameValidation=false");
        Assert.Contains("a DNS-1035 label must consist of", (await off.SendAsync("POST", Services, Service("1web", "PreferClose"))).Message, StringComparison.Ordinal);
        await using var older = await StartAsync(35, "");
        Assert.Equal(422, (await older.SendAsync("POST", Services, Service("1web", "PreferClose"))).Code);
    }

    [Theory]
    [InlineData("RelaxedEnvironmentVariableValidation", 31, """ "containers":[{"name":"c","image":"i","env":[{"name":"1 a/b","value":"x"}]}] """, "a valid environment variable name must consist of alphabetic characters")]
    [InlineData("RelaxedDNSSearchValidation", 32, """ "containers":[{"name":"c","image":"i"}],"dnsConfig":{"searches":["_srv.example"]} """, "a lowercase RFC 1123 subdomain must consist of")]
    public async Task Names_in_pods_are_relaxed(string gate, int minor, string spec, string refusal)
    {
        var body = $$$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{{{{spec}}}}}""";
        await using var on = await StartAsync(minor, gate + "=true");
        Assert.Equal(201, (await on.SendAsync("POST", Pods, body)).Code);
        await using var off = await StartAsync(minor, gate + "=false");
        Assert.Contains(refusal, (await off.SendAsync("POST", Pods, body)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_autoscaler_may_go_to_zero_with_HPAScaleToZero()
    {
        const string Body = """
            {"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"a"},"spec":{"minReplicas":0,"maxReplicas":2,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},
             "metrics":[{"type":"External","external":{"metric":{"name":"queue"},"target":{"type":"Value","value":"30"}}}]}}
            """;
        await using var off = await StartAsync(36, "");
        Assert.Contains("must be greater than or equal to 1", (await off.SendAsync("POST", "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers", Body)).Message, StringComparison.Ordinal);
        await using var on = await StartAsync(36, "HPAScaleToZero=true");
        Assert.Equal(201, (await on.SendAsync("POST", "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers", Body)).Code);
    }

    [Fact]
    public async Task One_stream_of_a_log_can_be_asked_for_with_PodLogsQuerySplitStreams()
    {
        await using var off = await StartAsync(36, "");
        await off.MustAsync("POST", Pods, Pod);
        Assert.Contains("stream: Forbidden: may not be specified", (await off.SendAsync("GET", Pods + "/web/log?stream=Stdout")).Message, StringComparison.Ordinal);
        await using var on = await StartAsync(36, "PodLogsQuerySplitStreams=true");
        Assert.Contains("supported values: \"All\", \"Stderr\", \"Stdout\"", (await on.SendAsync("GET", Pods + "/web/log?stream=Both")).Message, StringComparison.Ordinal);
        Assert.Contains("mutually exclusive", (await on.SendAsync("GET", Pods + "/web/log?stream=Stdout&tailLines=3")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Discovery_and_openapi_follow_their_features()
    {
        await using var on = await StartAsync(36, "");
        await using var off = await StartAsync(36, "StorageVersionHash=false,OpenAPIEnums=false");
        Assert.Contains("storageVersionHash", (await on.MustAsync("GET", "/api/v1")).ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("storageVersionHash", (await off.MustAsync("GET", "/api/v1")).ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("\"enum\"", (await on.MustAsync("GET", "/openapi/v3/api/v1")).ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\"enum\"", (await off.MustAsync("GET", "/openapi/v3/api/v1")).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_generated_name_that_is_taken_is_tried_again_with_RetryGenerateName()
    {
        foreach (var isOn in new[] { true, false })
        {
            var store = new TakenNames();
            await using var server = await TestServer.StartAsync(o => o with { Version = new(30, 0), Features = FeatureGates.Parse(new(30, 0), $"RetryGenerateName={isOn}") }, store);
            store.Refuse = 1;
            var answer = await server.SendAsync("POST", "/api/v1/namespaces/default/configmaps", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"a-"}}""");
            Assert.Equal(isOn ? 201 : 409, answer.Code);
        }
    }

    [Fact]
    public async Task Metrics_tell_every_feature()
    {
        await using var server = await StartAsync(33, "HPAScaleToZero=true");
        var answer = await server.Host.InProcess.SendAsync(new InProcessRequest(TestServer.Admin, "GET", "/metrics"), TestContext.Current.CancellationToken);
        var text = Encoding.UTF8.GetString(answer.Body.Json.Span);
        Assert.Contains("# TYPE kubernetes_feature_enabled gauge\n", text, StringComparison.Ordinal);
        Assert.Contains("kubernetes_feature_enabled{name=\"HPAScaleToZero\",stage=\"ALPHA\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("kubernetes_feature_enabled{name=\"WatchList\",stage=\"BETA\"} 0\n", text, StringComparison.Ordinal);
        Assert.Contains("kubernetes_feature_enabled{name=\"SidecarContainers\",stage=\"\"} 1\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("EnvFiles", text, StringComparison.Ordinal); // 1.34
    }

    [Fact]
    public async Task Runtime_config_serves_beta_versions_and_takes_finished_ones_away()
    {
        await using var server = await TestServer.StartAsync(o => o with { RuntimeConfig = RuntimeConfig.TryParse("storage.k8s.io/v1beta1=true,batch/v1=false")! });
        Assert.Equal(404, (await server.SendAsync("GET", "/apis/batch/v1/namespaces/default/jobs")).Code);
        Assert.Equal(["storage.k8s.io/v1", "storage.k8s.io/v1beta1"], ((JsonArray)(await server.MustAsync("GET", "/apis/storage.k8s.io"))["versions"]!).Select(v => (string?)v!["groupVersion"]));
        const string Path = "/apis/storage.k8s.io/v1beta1/volumeattributesclasses";
        await server.MustAsync("POST", Path, """{"apiVersion":"storage.k8s.io/v1beta1","kind":"VolumeAttributesClass","metadata":{"name":"gold"},"driverName":"d","parameters":{"a":"b"}}""");
        Assert.Equal("storage.k8s.io/v1", (string?)(await server.MustAsync("GET", "/apis/storage.k8s.io/v1/volumeattributesclasses/gold"))["apiVersion"]);
        Assert.Equal("storage.k8s.io/v1beta1", (string?)(await server.MustAsync("GET", Path + "/gold"))["apiVersion"]);
        Assert.Equal("storage.k8s.io/v1beta1", (string?)(await server.MustAsync("GET", Path))["items"]![0]!["apiVersion"] ?? "storage.k8s.io/v1beta1");
        Assert.Contains("io.k8s.api.storage.v1beta1.VolumeAttributesClass", (await server.MustAsync("GET", "/openapi/v3/apis/storage.k8s.io/v1beta1")).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kind_with_a_gate_is_served_only_when_it_is_on()
    {
        var beta = RuntimeConfig.TryParse("api/beta=true")!;
        await using var off = await TestServer.StartAsync(o => o with { RuntimeConfig = beta });
        Assert.Equal(404, (await off.SendAsync("GET", "/apis/certificates.k8s.io/v1beta1/clustertrustbundles")).Code);
        await using var on = await TestServer.StartAsync(o => o with { RuntimeConfig = beta, Features = FeatureGates.Parse(KubernetesVersion.Newest, "ClusterTrustBundle=true,MutatingAdmissionPolicy=false") });
        Assert.Equal(200, (await on.SendAsync("GET", "/apis/certificates.k8s.io/v1beta1/clustertrustbundles")).Code);
        Assert.Equal(404, (await on.SendAsync("GET", "/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies")).Code);
        Assert.Equal(200, (await off.SendAsync("GET", "/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies")).Code);
    }

    [Fact]
    public async Task Claims_look_as_each_version_writes_them()
    {
        await using var server = await TestServer.StartAsync(o => o with { RuntimeConfig = RuntimeConfig.TryParse("resource.k8s.io/v1beta1,resource.k8s.io/v1beta2")! });
        const string Path = "/namespaces/default/resourceclaims";
        await server.MustAsync("POST", "/apis/resource.k8s.io/v1beta1" + Path, """
            {"apiVersion":"resource.k8s.io/v1beta1","kind":"ResourceClaim","metadata":{"name":"gpu"},"spec":{"devices":{"requests":[{"name":"one","deviceClassName":"gpu","allocationMode":"ExactCount","count":2},
             {"name":"any","firstAvailable":[{"name":"big","deviceClassName":"big"}]}]}}}
            """);
        foreach (var version in new[] { "v1", "v1beta2" })
        {
            var requests = (await server.MustAsync("GET", $"/apis/resource.k8s.io/{version}{Path}/gpu"))["spec"]!["devices"]!["requests"]!;
            Assert.Equal("""{"name":"one","exactly":{"deviceClassName":"gpu","allocationMode":"ExactCount","count":2}}""", requests[0]!.ToJsonString());
            Assert.Equal("big", (string?)requests[1]!["firstAvailable"]![0]!["deviceClassName"]);
        }

        var flat = (await server.MustAsync("GET", $"/apis/resource.k8s.io/v1beta1{Path}/gpu"))["spec"]!["devices"]!["requests"]!;
        Assert.Equal("""{"name":"one","deviceClassName":"gpu","allocationMode":"ExactCount","count":2}""", flat[0]!.ToJsonString());
        await server.MustAsync("POST", "/apis/resource.k8s.io/v1beta1/resourceslices", """
            {"apiVersion":"resource.k8s.io/v1beta1","kind":"ResourceSlice","metadata":{"name":"s"},"spec":{"driver":"d","nodeName":"n","pool":{"name":"p","generation":1,"resourceSliceCount":1},
             "devices":[{"name":"a","basic":{"attributes":{"kind":{"string":"fast"}}}}]}}
            """);
        Assert.Equal("fast", (string?)(await server.MustAsync("GET", "/apis/resource.k8s.io/v1/resourceslices/s"))["spec"]!["devices"]![0]!["attributes"]!["kind"]!["string"]);
        Assert.Equal("fast", (string?)(await server.MustAsync("GET", "/apis/resource.k8s.io/v1beta1/resourceslices/s"))["spec"]!["devices"]![0]!["basic"]!["attributes"]!["kind"]!["string"]);
    }

    [Theory]
    [InlineData(30, true)]
    [InlineData(31, true)]
    [InlineData(32, false)]
    public async Task Flow_control_has_its_beta_until_1_31(int minor, bool isServed)
    {
        await using var server = await StartAsync(minor, "");
        const string Path = "/apis/flowcontrol.apiserver.k8s.io/v1beta3/prioritylevelconfigurations";
        Assert.Equal(isServed ? 200 : 404, (await server.SendAsync("GET", Path)).Code);
        var group = await server.MustAsync("GET", "/apis/flowcontrol.apiserver.k8s.io");
        Assert.Equal(isServed ? 2 : 1, ((JsonArray)group["versions"]!).Count);
        Assert.Equal("v1", (string?)group["preferredVersion"]!["version"]);
        if (isServed)
        {
            await server.MustAsync("POST", Path, """{"apiVersion":"flowcontrol.apiserver.k8s.io/v1beta3","kind":"PriorityLevelConfiguration","metadata":{"name":"l"},"spec":{"type":"Limited","limited":{"limitResponse":{"type":"Reject"}}}}""");
            Assert.Equal(30, (int?)(await server.MustAsync("GET", "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations/l"))["spec"]!["limited"]!["nominalConcurrencyShares"]);
        }
    }

    [Fact]
    public async Task An_upgrade_keeps_what_was_written_as_beta()
    {
        var store = new MemoryStore();
        await using (var old = await TestServer.StartAsync(o => o with { Version = new(32, 0), Features = FeatureGates.Parse(new(32, 0), "DynamicResourceAllocation=true"), RuntimeConfig = RuntimeConfig.TryParse("resource.k8s.io/v1beta1")! }, new KeptStore(store)))
        {
            await old.MustAsync("POST", "/apis/resource.k8s.io/v1beta1/deviceclasses", """{"apiVersion":"resource.k8s.io/v1beta1","kind":"DeviceClass","metadata":{"name":"gpu"},"spec":{"selectors":[{"cel":{"expression":"true"}}]}}""");
        }

        await using var newer = await TestServer.StartAsync(store: store);
        var found = await newer.MustAsync("GET", "/apis/resource.k8s.io/v1/deviceclasses/gpu");
        Assert.Equal(("resource.k8s.io/v1", "true"), ((string?)found["apiVersion"], (string?)found["spec"]!["selectors"]![0]!["cel"]!["expression"]));
    }

    private const string Pod = """
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"default"},
         "spec":{"hostnameOverride":"other","hostUsers":false,"os":{"name":"linux"},"resources":{"requests":{"cpu":"1"}},
          "topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"a":"b"}},"matchLabelKeys":["v"]}],
          "containers":[{"name":"c","image":"i","lifecycle":{"stopSignal":"SIGUSR1"},"resizePolicy":[{"resourceName":"cpu","restartPolicy":"NotRequired"}]}]}}
        """;

    private const string Set = """
        {"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"web"},"spec":{"serviceName":"web","selector":{"matchLabels":{"a":"b"}},"updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":2}},
         "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
        """;

    private static string Service(string name, string distribution) =>
        $$$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"{{{name}}}"},"spec":{"trafficDistribution":"{{{distribution}}}","ports":[{"port":80}]}}""";

    private static Task<TestServer> StartAsync(int minor, string gates) =>
        TestServer.StartAsync(o => o with { Version = new(minor, 0), Features = FeatureGates.Parse(new(minor, 0), gates) });

    private static async Task<string?> FirstErrorAsync(TestServer server, string path)
    {
        await using var watch = server.Watch(path);
        var (type, obj) = await watch.NextAsync();
        return type == "ERROR" ? (string?)obj["message"] : null;
    }

    private static JsonNode? At(JsonNode? node, string path) => path.Split('.').Aggregate(node, (n, part) => n is JsonArray list ? list[int.Parse(part, System.Globalization.CultureInfo.InvariantCulture)] : n?[part]);
}
