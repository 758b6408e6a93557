using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Registry;

public class PodAndWorkloadTests
{
    private const string Pods = "/api/v1/namespaces/default/pods";
    private const string Deployments = "/apis/apps/v1/namespaces/default/deployments";

    private const string Pod = """{"metadata":{"name":"p","labels":{"app":"a"}},"spec":{"terminationGracePeriodSeconds":20,"containers":[{"name":"c","image":"i"}]}}""";

    private const string Deployment = """
        {"metadata":{"name":"d"},"spec":{"replicas":2,"selector":{"matchLabels":{"app":"a"}},"template":{"metadata":{"labels":{"app":"a"}},"spec":{"containers":[{"name":"c","image":"i"}]}}},"status":{"replicas":9}}
        """;

    [Fact]
    public async Task A_bound_pod_is_given_its_grace_and_an_unbound_one_goes_at_once()
    {
        await using var server = await TestServer.StartAsync();
        await server.MustAsync("POST", Pods, Pod);
        await BindAsync(server, "n1");
        var marked = await server.MustAsync("DELETE", $"{Pods}/p");
        Assert.Equal(20, (int?)marked["metadata"]!["deletionGracePeriodSeconds"]);
        var shorter = await server.MustAsync("DELETE", $"{Pods}/p", """{"gracePeriodSeconds":5}""");
        Assert.Equal(5, (int?)shorter["metadata"]!["deletionGracePeriodSeconds"]);
        var longer = await server.MustAsync("DELETE", $"{Pods}/p", """{"gracePeriodSeconds":60}""");
        Assert.Equal(5, (int?)longer["metadata"]!["deletionGracePeriodSeconds"]);
        var gone = await server.MustAsync("DELETE", $"{Pods}/p?gracePeriodSeconds=0");
        Assert.Equal("Pod", (string?)gone["kind"]);
        Assert.Equal(404, (await server.SendAsync("GET", $"{Pods}/p")).Code);
        await server.MustAsync("POST", Pods, Pod);
        await server.MustAsync("DELETE", $"{Pods}/p");
        Assert.Equal(404, (await server.SendAsync("GET", $"{Pods}/p")).Code);
    }

    [Fact]
    public async Task A_pod_is_bound_once()
    {
        await using var server = await TestServer.StartAsync();
        await server.MustAsync("POST", Pods, Pod);
        var status = await BindAsync(server, "n1");
        Assert.Equal("Success", (string?)status["status"]);
        var pod = await server.MustAsync("GET", $"{Pods}/p");
        Assert.Equal("n1", (string?)pod["spec"]!["nodeName"]);
        Assert.Equal(("PodScheduled", "True"), ((string?)pod["status"]!["conditions"]![0]!["type"], (string?)pod["status"]!["conditions"]![0]!["status"]));
        var again = await server.SendAsync("POST", $"{Pods}/p/binding", """{"metadata":{"name":"p"},"target":{"kind":"Node","name":"n2"}}""");
        Assert.Equal((409, "Operation cannot be fulfilled on pods/binding \"p\": pod p is already assigned to node \"n1\""), (again.Code, again.Message));
    }

    [Fact]
    public async Task Binding_leaves_the_generation_and_a_resize_counts_it_up()
    {
        await using var server = await TestServer.StartAsync();
        await server.MustAsync("POST", Pods, Pod.Replace("\"image\":\"i\"", "\"image\":\"i\",\"resources\":{\"requests\":{\"cpu\":\"100m\"}}", StringComparison.Ordinal));
        await BindAsync(server, "n1");
        Assert.Equal(1, (int?)(await server.MustAsync("GET", $"{Pods}/p"))["metadata"]!["generation"]);
        var resized = await server.MustAsync("PATCH", $"{Pods}/p/resize", """{"spec":{"containers":[{"name":"c","image":"other","resources":{"requests":{"cpu":"150m"}}}]}}""", "application/strategic-merge-patch+json");
        Assert.Equal((2, "150m", "i"), ((int?)resized["metadata"]!["generation"], (string?)resized["spec"]!["containers"]![0]!["resources"]!["requests"]!["cpu"], (string?)resized["spec"]!["containers"]![0]!["image"]));
        var refused = await server.SendAsync("PATCH", $"{Pods}/p/resize", """{"spec":{"containers":[{"name":"more","image":"i"}]}}""", "application/strategic-merge-patch+json");
        Assert.Equal(422, refused.Code);
        Assert.Contains("containers may not be added or removed on resize", refused.Message, StringComparison.Ordinal);
        Assert.Equal(resized.ToJsonString(), (await server.MustAsync("GET", $"{Pods}/p/resize")).ToJsonString());
    }

    [Fact]
    public async Task Watches_of_a_node_see_its_pods_come_and_go()
    {
        await using var server = await TestServer.StartAsync();
        await using var watch = server.Watch("/api/v1/pods?watch=true&fieldSelector=spec.nodeName%3Dn1");
        await server.MustAsync("POST", Pods, Pod);
        await BindAsync(server, "n1");
        Assert.Equal("ADDED p", await watch.NextTextAsync());
        await server.MustAsync("DELETE", $"{Pods}/p?gracePeriodSeconds=0");
        var (type, marked) = await watch.NextAsync();
        Assert.Equal(("MODIFIED", 0), (type, (int?)marked["metadata"]!["deletionGracePeriodSeconds"])); // upstream marks what it deletes before it does
        var (last, gone) = await watch.NextAsync();
        Assert.Equal(("DELETED", 0), (last, (int?)gone["metadata"]!["deletionGracePeriodSeconds"]));
    }

    [Fact]
    public async Task What_goes_at_once_is_shown_as_it_went_and_as_it_would_go()
    {
        await using var server = await TestServer.StartAsync();
        var made = await server.MustAsync("POST", Pods, Pod);
        foreach (var query in (string[])["?dryRun=All", ""])
        {
            var gone = (await server.MustAsync("DELETE", $"{Pods}/p{query}"))["metadata"]!;
            Assert.Equal((0, (int)made["metadata"]!["generation"]! + 1), ((int?)gone["deletionGracePeriodSeconds"], (int?)gone["generation"]));
            Assert.NotNull(gone["deletionTimestamp"]);
        }

        Assert.Equal(404, (await server.SendAsync("GET", $"{Pods}/p")).Code);
    }

    [Fact]
    public async Task A_shorter_grace_counts_from_the_first_deletion()
    {
        var time = new ManualTime();
        await using var server = await TestServer.StartAsync(o => o with { Time = time });
        await server.MustAsync("POST", Pods, Pod);
        await BindAsync(server, "n1");
        var first = (await server.MustAsync("DELETE", $"{Pods}/p"))["metadata"]!;
        time.Advance(TimeSpan.FromSeconds(4));
        var shorter = (await server.MustAsync("DELETE", $"{Pods}/p", """{"gracePeriodSeconds":5}"""))["metadata"]!;
        Assert.Equal(-15, (DateTimeOffset.Parse((string)shorter["deletionTimestamp"]!, null) - DateTimeOffset.Parse((string)first["deletionTimestamp"]!, null)).TotalSeconds);
        Assert.Equal((int)first["generation"]!, (int)shorter["generation"]!); // it counts the first deletion alone
        await server.MustAsync("PUT", $"{Pods}/p/status", shorter.Parent!.DeepClone() is JsonObject pod ? Ended(pod) : "");
        Assert.Equal(5, (int?)(await server.MustAsync("DELETE", $"{Pods}/p"))["metadata"]!["deletionGracePeriodSeconds"]); // who asks for nothing shorter waits, though it has ended
        Assert.Equal(200, (await server.SendAsync("GET", $"{Pods}/p")).Code);

        static string Ended(JsonObject pod)
        {
            pod["status"] = new JsonObject { ["phase"] = "Succeeded" };
            return pod.ToJsonString();
        }
    }

    [Theory]
    [InlineData("PUT", """{"metadata":{"name":"x"}}""", 400, "the name of the object (x) does not match the name on the URL (d)")]
    [InlineData("PUT", "{}", 400, "the name of the object (d based on URL) was undeterminable: name must be provided")]
    [InlineData("PUT", """{"metadata":{"name":"d","namespace":"x"}}""", 400, "the namespace of the provided object does not match the namespace sent on the request")]
    [InlineData("PUT", """{"metadata":{"name":"d","resourceVersion":"1"}}""", 409, "Operation cannot be fulfilled on deployments.apps \"d\": the object has been modified; please apply your changes to the latest version and try again")]
    [InlineData("PUT", """{"metadata":{"name":"d","uid":"x"}}""", 409, "Operation cannot be fulfilled on deployments.apps \"d\": StorageError: invalid object, Code: 4, Key: /registry/deployments/default/d, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: x, UID in object meta: UID")]
    [InlineData("PATCH", """{"metadata":{"uid":"x"}}""", 409, "Operation cannot be fulfilled on deployments/scale.apps \"d\": Precondition failed: UID in precondition: x, UID in object meta: UID")]
    public async Task A_scale_of_another_object_is_refused(string method, string body, int code, string message)
    {
        await using var server = await TestServer.StartAsync();
        var uid = (string)(await server.MustAsync("POST", Deployments, Deployment))["metadata"]!["uid"]!;
        var refused = await server.SendAsync(method, $"{Deployments}/d/scale", body, method == "PATCH" ? "application/merge-patch+json" : null);
        Assert.Equal((code, message), (refused.Code, refused.Message.Replace(uid, "UID", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("nope", "")]
    [InlineData("""[{"type":"Pods","pods":{"metricName":"m","targetAverageValue":"3"}}]""", "\"f:metadata\":{\"f:annotations\":{\".\":{},\"f:autoscaling.alpha.kubernetes.io/metrics\":{}}},")]
    public async Task Who_writes_an_older_version_owns_its_defaults(string metrics, string owned)
    {
        await using var server = await TestServer.StartAsync();
        var autoscaler = (JsonObject)JsonNode.Parse("""{"metadata":{"name":"a"},"spec":{"maxReplicas":5,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"d"}}}""")!;
        if (metrics.Length > 0)
        {
            autoscaler["metadata"]!["annotations"] = new JsonObject { ["autoscaling.alpha.kubernetes.io/metrics"] = metrics };
        }

        var made = await server.MustAsync("POST", "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers", autoscaler.ToJsonString());
        var cpu = owned.Length > 0 ? "" : ",\"f:targetCPUUtilizationPercentage\":{}";
        Assert.Equal("{" + owned + "\"f:spec\":{\"f:maxReplicas\":{},\"f:minReplicas\":{},\"f:scaleTargetRef\":{}" + cpu + "}}", made["metadata"]!["managedFields"]![0]!["fieldsV1"]!.ToJsonString());
    }

    [Fact]
    public async Task Status_and_spec_are_written_apart_and_the_generation_counts_the_spec()
    {
        await using var server = await TestServer.StartAsync();
        var created = await server.MustAsync("POST", Deployments, Deployment);
        Assert.Equal(1, (int?)created["metadata"]!["generation"]);
        Assert.Null(created["status"]!["replicas"]);
        var written = await server.MustAsync("PATCH", $"{Deployments}/d/status", """{"spec":{"replicas":7},"status":{"replicas":2}}""", "application/merge-patch+json");
        Assert.Equal((2, 2, 1), ((int?)written["spec"]!["replicas"], (int?)written["status"]!["replicas"], (int?)written["metadata"]!["generation"]));
        var scaled = await server.MustAsync("PATCH", $"{Deployments}/d", """{"spec":{"replicas":3},"status":{"replicas":8}}""", "application/merge-patch+json");
        Assert.Equal((3, 2, 2), ((int?)scaled["spec"]!["replicas"], (int?)scaled["status"]!["replicas"], (int?)scaled["metadata"]!["generation"]));
        var labelled = await server.MustAsync("PATCH", $"{Deployments}/d", """{"metadata":{"labels":{"x":"y"}}}""", "application/merge-patch+json");
        Assert.Equal(2, (int?)labelled["metadata"]!["generation"]);
    }

    [Fact]
    public async Task Scale_shows_and_sets_replicas()
    {
        await using var server = await TestServer.StartAsync();
        await server.MustAsync("POST", Deployments, Deployment);
        var scale = await server.MustAsync("GET", $"{Deployments}/d/scale");
        Assert.Equal(("Scale", "autoscaling/v1", 2, "app=a"), ((string?)scale["kind"], (string?)scale["apiVersion"], (int?)scale["spec"]!["replicas"], (string?)scale["status"]!["selector"]));
        scale["spec"]!["replicas"] = 4;
        Assert.Equal(4, (int?)(await server.MustAsync("PUT", $"{Deployments}/d/scale", scale.ToJsonString()))["spec"]!["replicas"]);
        await server.MustAsync("PATCH", $"{Deployments}/d/scale", """{"spec":{"replicas":5}}""", "application/merge-patch+json");
        var deployment = await server.MustAsync("GET", $"{Deployments}/d");
        Assert.Equal((5, 3), ((int?)deployment["spec"]!["replicas"], (int?)deployment["metadata"]!["generation"]));
        Assert.Contains("\"subresource\":\"scale\"", deployment["metadata"]!["managedFields"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Label_keys_of_affinity_and_spread_are_merged_into_their_selectors()
    {
        await using var server = await TestServer.StartAsync();
        await server.MustAsync("POST", Pods, """
            {"metadata":{"name":"q","labels":{"app":"a","rev":"2"}},"spec":{"containers":[{"name":"c","image":"i"}],
            "affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"zone","labelSelector":{"matchLabels":{"app":"a"}},"matchLabelKeys":["rev","none"]}]},
            "podAntiAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"podAffinityTerm":{"topologyKey":"zone","labelSelector":{},"mismatchLabelKeys":["rev"]}}]}},
            "topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"a"}},"matchLabelKeys":["rev"]}]}}
            """);
        var spec = (await server.MustAsync("GET", $"{Pods}/q"))["spec"]!;
        var required = spec["affinity"]!["podAffinity"]!["requiredDuringSchedulingIgnoredDuringExecution"]![0]!["labelSelector"]!;
        Assert.Equal("""[{"key":"rev","operator":"In","values":["2"]}]""", required["matchExpressions"]!.ToJsonString());
        var anti = spec["affinity"]!["podAntiAffinity"]!;
        Assert.Equal("""[{"key":"rev","operator":"NotIn","values":["2"]}]""", anti["preferredDuringSchedulingIgnoredDuringExecution"]![0]!["podAffinityTerm"]!["labelSelector"]!["matchExpressions"]!.ToJsonString());
        Assert.Equal("""[{"key":"rev","operator":"In","values":["2"]}]""", spec["topologySpreadConstraints"]![0]!["labelSelector"]!["matchExpressions"]!.ToJsonString());
    }

    [Fact]
    public async Task An_eviction_takes_a_disruption_from_the_budget()
    {
        await using var server = await TestServer.StartAsync();
        await server.MustAsync("POST", Pods, Pod);
        await BindAsync(server, "n1");
        await server.MustAsync("PATCH", $"{Pods}/p/status", """{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}""", "application/strategic-merge-patch+json");
        const string Budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
        await server.MustAsync("POST", Budgets, """{"metadata":{"name":"b"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"a"}}}}""");
        await server.MustAsync("PATCH", $"{Budgets}/b/status", """{"status":{"observedGeneration":1,"currentHealthy":1,"desiredHealthy":1,"disruptionsAllowed":0}}""", "application/merge-patch+json");
        await server.MustAsync("GET", Budgets);
        const string Eviction = """{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p"}}""";
        var refused = await server.SendAsync("POST", $"{Pods}/p/eviction", Eviction);
        Assert.Equal((429, "Cannot evict pod as it would violate the pod's disruption budget."), (refused.Code, refused.Message));
        Assert.Equal("DisruptionBudget", (string?)refused.Body["details"]!["causes"]![0]!["reason"]);
        await server.MustAsync("PATCH", $"{Budgets}/b/status", """{"status":{"disruptionsAllowed":1}}""", "application/merge-patch+json");
        await server.MustAsync("GET", Budgets);
        await server.MustAsync("POST", $"{Pods}/p/eviction", Eviction);
        Assert.NotNull((await server.MustAsync("GET", $"{Pods}/p"))["metadata"]!["deletionTimestamp"]);
        Assert.Equal(0, (int)(await server.MustAsync("GET", $"{Budgets}/b"))["status"]!["disruptionsAllowed"]!);
    }

    [Fact]
    public async Task Versions_of_a_kind_are_one_object()
    {
        await using var server = await TestServer.StartAsync();
        const string V1 = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers";
        await server.MustAsync("POST", V1, """{"metadata":{"name":"h"},"spec":{"maxReplicas":3,"targetCPUUtilizationPercentage":70,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"d"}}}""");
        var v2 = await server.MustAsync("GET", V1.Replace("v1/", "v2/", StringComparison.Ordinal) + "/h");
        Assert.Equal("autoscaling/v2", (string?)v2["apiVersion"]);
        Assert.Equal(70, (int?)v2["spec"]!["metrics"]![0]!["resource"]!["target"]!["averageUtilization"]);
        Assert.Equal(70, (int?)(await server.MustAsync("GET", $"{V1}/h"))["spec"]!["targetCPUUtilizationPercentage"]);

        await server.MustAsync("POST", "/api/v1/namespaces/default/events", """{"metadata":{"name":"e"},"involvedObject":{"kind":"Pod","name":"p","namespace":"default"},"message":"m","reason":"r","type":"Normal"}""");
        var modern = await server.MustAsync("GET", "/apis/events.k8s.io/v1/namespaces/default/events/e");
        Assert.Equal(("m", "p"), ((string?)modern["note"], (string?)modern["regarding"]!["name"]));
        await using var watch = server.Watch("/apis/events.k8s.io/v1/events?watch=true");
        var (_, watched) = await watch.NextAsync();
        Assert.Equal(("events.k8s.io/v1", "m"), ((string?)watched["apiVersion"], (string?)watched["note"]));
    }

    private static Task<JsonObject> BindAsync(TestServer server, string node) =>
        server.MustAsync("POST", $"{Pods}/p/binding", $$$"""{"apiVersion":"v1","kind":"Binding","metadata":{"name":"p"},"target":{"kind":"Node","name":"{{{node}}}"}}""");
}
