using System.Text;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Admission.Webhooks;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Tests.Hosting;
using Kobune.ApiServer.Tests.Webhooks;
using static Kobune.ApiServer.Tests.Admission.Webhooks.AdmissionWebhookTests;

namespace Kobune.ApiServer.Tests.Admission.Webhooks;

/// <summary>What webhooks are shown, and what becomes of their answers.</summary>
public class WebhookReviewTests
{
    private const string Deployments = "/apis/apps/v1/namespaces/default/deployments";
    private const string Pods = "/api/v1/namespaces/default/pods";
    private const string Everything = """{"operations":["*"],"apiGroups":["*"],"apiVersions":["*"],"resources":["*/*"]}""";
    private const string Allowed = """{"allowed":true}""";

    [Fact]
    public async Task A_create_is_shown_with_its_user_and_options_and_without_what_the_server_puts_in()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        hooks.Answer("/m", _ => Allowed);
        hooks.Answer("/v", _ => Allowed);
        await server.MustAsync("POST", MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", "m", MapRule, "{}", "/m").ToJsonString());
        await server.MustAsync("POST", ValidatingPath, hooks.Configuration("ValidatingWebhookConfiguration", "v", MapRule, "{}", "/v").ToJsonString());
        var user = new UserInfo("alice", "u1", ["devs"], new Dictionary<string, IReadOnlyList<string>> { ["example.com/scope"] = ["a", "b"] });
        var answer = await server.Host.InProcess.SendAsync(
            new InProcessRequest(user, "POST", $"{Maps}?fieldManager=me&dryRun=All", Encoding.UTF8.GetBytes("""{"metadata":{"generateName":"x-"},"data":{"a":"b"}}""")), TestContext.Current.CancellationToken);
        Assert.Equal(201, answer.StatusCode);
        var request = Assert.Single(hooks.Requests("/m"));
        Assert.True(Guid.TryParse((string?)request["uid"], out _));
        Assert.Equal("""{"group":"","version":"v1","kind":"ConfigMap"}""", request["kind"]!.ToJsonString());
        Assert.Equal("""{"group":"","version":"v1","resource":"configmaps"}""", request["resource"]!.ToJsonString());
        Assert.Equal("""{"group":"","version":"v1","kind":"ConfigMap"}""", request["requestKind"]!.ToJsonString());
        Assert.Equal("""{"group":"","version":"v1","resource":"configmaps"}""", request["requestResource"]!.ToJsonString());
        Assert.Equal(("CREATE", "default", null, null), ((string?)request["operation"], (string?)request["namespace"], (string?)request["name"], (string?)request["subResource"]));
        Assert.Equal("""{"username":"alice","uid":"u1","groups":["devs","system:authenticated"],"extra":{"example.com/scope":["a","b"]}}""".Replace(",\"system:authenticated\"", user.Groups.Contains("system:authenticated") ? ",\"system:authenticated\"" : "", StringComparison.Ordinal), request["userInfo"]!.ToJsonString());
        Assert.Equal("""{"kind":"CreateOptions","apiVersion":"meta.k8s.io/v1","dryRun":["All"],"fieldManager":"me"}""", request["options"]!.ToJsonString());
        Assert.True((bool)request["dryRun"]!);
        Assert.Null(request["oldObject"]);
        var metadata = (JsonObject)request["object"]!["metadata"]!;
        Assert.Equal(("x-", null, null, null), ((string?)metadata["generateName"], (string?)metadata["name"], (string?)metadata["uid"], (string?)metadata["creationTimestamp"]));
        Assert.NotNull(metadata["managedFields"]);
        var final = (JsonObject)Assert.Single(hooks.Requests("/v"))["object"]!["metadata"]!;
        Assert.StartsWith("x-", (string?)final["name"], StringComparison.Ordinal);
        Assert.NotNull(final["uid"]);
        Assert.Equal((string?)final["name"], (string?)Assert.Single(hooks.Requests("/v"))["name"]);
        Assert.Equal("HTTP/2", hooks.Reviews.First().Protocol);
    }

    [Fact]
    public async Task A_webhook_may_name_what_has_no_name_yet()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        hooks.Answer("/m", _ => Patch("""[{"op":"add","path":"/metadata/name","value":"given"}]"""));
        await server.MustAsync("POST", MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", "m", MapRule, "{}", "/m").ToJsonString());
        Assert.Equal("given", (string?)(await server.MustAsync("POST", Maps, """{"metadata":{"generateName":"x-"}}"""))["metadata"]!["name"]);
        Assert.Equal("given", (string?)(await server.MustAsync("GET", $"{Maps}/given"))["metadata"]!["name"]);
        hooks.Answer("/m", _ => Patch("""[{"op":"replace","path":"/metadata/name","value":"other"}]"""));
        var refused = await server.SendAsync("PATCH", $"{Maps}/given", """{"data":{"a":"b"}}""", "application/merge-patch+json");
        Assert.Equal("ConfigMap \"given\" is invalid: metadata.name: Invalid value: \"other\": field is immutable", refused.Message);
    }

    [Fact]
    public async Task Update_and_delete_show_the_old_object()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        hooks.Answer("/v", _ => Allowed);
        var created = await server.MustAsync("POST", Maps, Map("a", "1"));
        await server.MustAsync("POST", ValidatingPath, hooks.Configuration("ValidatingWebhookConfiguration", "v", Everything, "{}", "/v").ToJsonString());
        await server.MustAsync("PATCH", $"{Maps}/a", """{"data":{"a":"2"}}""", "application/merge-patch+json");
        await server.MustAsync("DELETE", $"{Maps}/a?dryRun=All", """{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0,"dryRun":["All"]}""");
        await server.MustAsync("DELETE", Maps);
        var (update, delete, collection) = (hooks.Requests("/v")[0], hooks.Requests("/v")[1], hooks.Requests("/v")[2]);
        Assert.Equal(("UPDATE", "1", "2"), ((string?)update["operation"], (string?)update["oldObject"]!["data"]!["a"], (string?)update["object"]!["data"]!["a"]));
        Assert.Equal((string?)created["metadata"]!["resourceVersion"], (string?)update["oldObject"]!["metadata"]!["resourceVersion"]);
        Assert.Equal("UpdateOptions", (string?)update["options"]!["kind"]);
        Assert.Equal(("DELETE", "a", "2"), ((string?)delete["operation"], (string?)delete["name"], (string?)delete["oldObject"]!["data"]!["a"]));
        Assert.Null(delete["object"]);
        Assert.Equal("""{"kind":"DeleteOptions","apiVersion":"meta.k8s.io/v1","gracePeriodSeconds":0,"dryRun":["All"]}""", delete["options"]!.ToJsonString());
        Assert.Equal(("DELETE", null), ((string?)collection["operation"], (string?)collection["name"]));
    }

    [Fact]
    public async Task An_equivalent_version_is_shown_converted_and_an_exact_rule_means_its_own()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        hooks.Answer("/equivalent", _ => Patch("""[{"op":"add","path":"/metadata/labels","value":{"seen":"yes"}}]"""));
        hooks.Answer("/exact", _ => """{"allowed":false}""");
        const string Rule = """{"operations":["CREATE"],"apiGroups":["autoscaling"],"apiVersions":["v1"],"resources":["horizontalpodautoscalers"]}""";
        await server.MustAsync("POST", MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", "m", Rule, "{}", "/equivalent").ToJsonString());
        await server.MustAsync("POST", MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", "x", Rule, """{"matchPolicy":"Exact"}""", "/exact").ToJsonString());
        var made = await server.MustAsync("POST", "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers", """
            {"metadata":{"name":"h"},"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"d","apiVersion":"apps/v1"},
             "metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}]}}
            """);
        Assert.Equal(("yes", 50), ((string?)made["metadata"]!["labels"]!["seen"], (int)made["spec"]!["metrics"]![0]!["resource"]!["target"]!["averageUtilization"]!));
        var request = Assert.Single(hooks.Requests("/equivalent"));
        Assert.Equal(("v1", "v2", "v1", "v2"), ((string?)request["kind"]!["version"], (string?)request["requestKind"]!["version"], (string?)request["resource"]!["version"], (string?)request["requestResource"]!["version"]));
        Assert.Equal(("autoscaling/v1", 50), ((string?)request["object"]!["apiVersion"], (int)request["object"]!["spec"]!["targetCPUUtilizationPercentage"]!));
        Assert.Empty(hooks.Requests("/exact"));
    }

    [Fact]
    public async Task Subresources_are_shown_as_their_own_kinds()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        hooks.Answer("/m", r => (string?)r["subResource"] switch
        {
            "scale" => Patch("""[{"op":"replace","path":"/spec/replicas","value":4}]"""),
            "binding" => Patch("""[{"op":"replace","path":"/target/name","value":"other"}]"""),
            _ => Allowed,
        });
        await server.MustAsync("POST", Deployments, """{"metadata":{"name":"d"},"spec":{"replicas":1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""");
        await server.MustAsync("POST", Pods, """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}""");
        await server.MustAsync("POST", MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", "m", Everything, "{}", "/m").ToJsonString());
        var scale = await server.MustAsync("PATCH", $"{Deployments}/d/scale", """{"spec":{"replicas":3}}""", "application/merge-patch+json");
        Assert.Equal(4, (int)scale["spec"]!["replicas"]!);
        await server.MustAsync("POST", $"{Pods}/p/binding", """{"apiVersion":"v1","kind":"Binding","metadata":{"name":"p"},"target":{"name":"n"}}""");
        Assert.Equal("other", (string?)(await server.MustAsync("GET", $"{Pods}/p"))["spec"]!["nodeName"]);
        await server.MustAsync("POST", $"{Pods}/p/eviction", """{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p"}}""");
        var seen = hooks.Requests("/m").Select(r => $"{r["operation"]} {r["resource"]!["resource"]}/{r["subResource"]} {r["kind"]!["group"]}/{r["kind"]!["version"]} {r["object"]!["kind"]}").ToArray();
        Assert.Equal(["UPDATE deployments/scale autoscaling/v1 Scale", "CREATE pods/binding /v1 Binding", "CREATE pods/eviction policy/v1 Eviction"], seen);
        Assert.Equal((3, 1), ((int)hooks.Requests("/m")[0]["object"]!["spec"]!["replicas"]!, (int)hooks.Requests("/m")[0]["oldObject"]!["spec"]!["replicas"]!));
    }

    [Fact]
    public async Task Selectors_look_at_both_objects_and_at_a_namespaces_own_labels()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        hooks.Answer("/o", _ => Allowed);
        hooks.Answer("/n", _ => Allowed);
        await server.MustAsync("POST", ValidatingPath, hooks.Configuration("ValidatingWebhookConfiguration", "o", MapRule, """{"objectSelector":{"matchLabels":{"a":"b"}}}""", "/o").ToJsonString());
        await server.MustAsync("POST", ValidatingPath, hooks.Configuration("ValidatingWebhookConfiguration", "n", Everything, """{"namespaceSelector":{"matchLabels":{"a":"b"}}}""", "/n").ToJsonString());
        await server.MustAsync("POST", "/api/v1/namespaces", """{"metadata":{"name":"default"}}""");
        await server.MustAsync("POST", Maps, Map("a", "1"));
        Assert.Empty(hooks.Reviews);
        foreach (var change in new[] { """{"metadata":{"labels":{"a":"b"}}}""", """{"metadata":{"labels":null}}""", """{"data":{"x":"y"}}""" })
        {
            await server.MustAsync("GET", $"{Maps}/a"); // the view that the next write begins with shows the last one
            await server.MustAsync("PATCH", $"{Maps}/a", change, "application/merge-patch+json");
        }

        Assert.Equal(2, hooks.Requests("/o").Length);
        await server.MustAsync("POST", "/api/v1/nodes", """{"metadata":{"name":"n"}}""");
        await server.MustAsync("POST", "/api/v1/namespaces", """{"metadata":{"name":"other","labels":{"a":"b"}}}""");
        await server.MustAsync("POST", "/api/v1/namespaces/other/configmaps", Map("a", "1"));
        Assert.Equal(["nodes /", "namespaces other/other", "configmaps other/a"], hooks.Requests("/n").Select(r => $"{r["resource"]!["resource"]} {r["namespace"]}/{(r["resource"]!["resource"]!.ToString() == "nodes" ? "" : r["name"])}"));
    }

    [Fact]
    public async Task Webhooks_are_asked_again_when_a_later_one_changed_the_object()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        string Count(JsonObject request, string name) =>
            Patch($$$"""[{"op":"add","path":"/data/{{{name}}}","value":"{{{int.Parse((string?)request["object"]!["data"]![name] ?? "0", System.Globalization.CultureInfo.InvariantCulture) + 1}}}"}]""");
        hooks.Answer("/again", r => Count(r, "again"));
        hooks.Answer("/once", r => Count(r, "once"));
        hooks.Answer("/last", r => Count(r, "last"));
        await server.MustAsync("POST", MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", "a", MapRule, """{"reinvocationPolicy":"IfNeeded"}""", "/again").ToJsonString());
        await server.MustAsync("POST", MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", "b", MapRule, "{}", "/once").ToJsonString());
        await server.MustAsync("POST", MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", "c", MapRule, """{"reinvocationPolicy":"IfNeeded"}""", "/last").ToJsonString());
        Assert.Equal("""{"a":"x","again":"2","last":"2","once":"1"}""", (await server.MustAsync("POST", Maps, Map("a", "x")))["data"]!.ToJsonString());
    }

    [Fact]
    public async Task A_service_is_called_at_its_endpoint_under_its_own_name()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        hooks.Answer("/v", _ => Allowed);
        var config = new JsonObject { ["clientConfig"] = new JsonObject { ["service"] = JsonNode.Parse("""{"name":"hook","namespace":"hooks","path":"/v"}"""), ["caBundle"] = hooks.CaBundle } };
        await server.MustAsync("POST", ValidatingPath, hooks.Configuration("ValidatingWebhookConfiguration", "v", MapRule, config.ToJsonString(), "/v").ToJsonString());
        const string Post = "Internal error occurred: failed calling webhook \"v.example.com\": failed to call webhook: Post \"https://hook.hooks.svc:443/v?timeout=10s\": ";
        Assert.Equal(Post + "service \"hook\" not found", (await server.SendAsync("POST", Maps, Map("a", "x"))).Message);
        await server.MustAsync("POST", "/api/v1/namespaces/hooks/services", """{"metadata":{"name":"hook"},"spec":{"ports":[{"name":"https","port":443}]}}""");
        await server.MustAsync("GET", "/api/v1/services"); // the server's own view has caught up
        Assert.Equal(Post + "no endpoints available for service \"hook\"", (await server.SendAsync("POST", Maps, Map("a", "x"))).Message);
        await server.MustAsync("POST", "/apis/discovery.k8s.io/v1/namespaces/hooks/endpointslices", """
            {"metadata":{"name":"hook-1","labels":{"kubernetes.io/service-name":"hook"}},"addressType":"IPv4","endpoints":[{"addresses":["10.1.2.3"]}],"ports":[{"name":"https","port":8443}]}
            """);
        await server.MustAsync("GET", "/api/v1/services");
        await server.MustAsync("POST", Maps, Map("a", "x"));
        Assert.Equal(("10.1.2.3", 8443, HookServer.ServiceName), (hooks.Target!.Host, hooks.Target.Port, hooks.Target.Trust!.ServerName));
        Assert.Equal((HookServer.ServiceName, "?timeout=10s"), (Assert.Single(hooks.Reviews).Host, hooks.Reviews.Single().Query));
        await server.MustAsync("PATCH", $"{ValidatingPath}/v", """[{"op":"replace","path":"/webhooks/0/clientConfig/service/port","value":444}]""", "application/json-patch+json");
        Assert.Equal(Post.Replace(":443", ":444", StringComparison.Ordinal) + "no service port 444 found for service \"hook\"", (await server.SendAsync("POST", Maps, Map("b", "x"))).Message);
    }

    [Theory]
    [InlineData(404, "404 page not found", "failed to call webhook: the server could not find the requested resource")]
    [InlineData(500, "boom", "failed to call webhook: an error on the server (\"boom\") has prevented the request from succeeding")]
    [InlineData(500, """{"kind":"Status","apiVersion":"v1","status":"Failure","message":"own words","code":500}""", "failed to call webhook: own words")]
    [InlineData(200, "[]", "failed to call webhook: couldn't get version/kind; json parse error: json: cannot unmarshal into Go value of type struct")]
    [InlineData(200, """{"response":{}}""", "failed to call webhook: Object 'Kind' is missing in '{\"response\":{}}'")]
    [InlineData(200, """{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}""", "received invalid webhook response: webhook response was absent")]
    [InlineData(200, """{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"x","allowed":true}}""", "received invalid webhook response: expected response.uid=\"UID\", got \"x\"")]
    [InlineData(200, """{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1","response":{"uid":"UID","allowed":true}}""", "received invalid webhook response: expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got admission.k8s.io/v1beta1, Kind=AdmissionReview")]
    [InlineData(200, """{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"UID","allowed":true,"patch":"W10="}}""", "received invalid webhook response: webhook returned response.patch but not response.patchType")]
    [InlineData(200, """{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"UID","allowed":true,"patchType":"JSONPatch"}}""", "received invalid webhook response: webhook returned response.patchType but not response.patch")]
    [InlineData(200, """{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"UID","allowed":true,"patch":"e30=","patchType":"JSONPatch"}}""", "received undecodable patch in webhook response: json: cannot unmarshal object into Go value of type jsonpatch.Patch")]
    [InlineData(200, """{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"UID","allowed":true,"patch":"W3sib3AiOiJ4In1d","patchType":"Other"}}""", "unsupported patch type \"Other\"")]
    public async Task An_answer_that_is_none_fails_by_the_failure_policy(int code, string body, string problem)
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        var uid = "";
        hooks.Reply("/m", r => (code, body.Replace("UID", uid = (string)r["uid"]!, StringComparison.Ordinal)));
        await server.MustAsync("POST", MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", "m", MapRule, "{}", "/m").ToJsonString());
        var refused = await server.SendAsync("POST", Maps, Map("a", "x"));
        Assert.Equal((500, "Internal error occurred: failed calling webhook \"m.example.com\": " + problem.Replace("UID", uid, StringComparison.Ordinal)), (refused.Code, refused.Message));
        await server.MustAsync("PATCH", $"{MutatingPath}/m", """[{"op":"replace","path":"/webhooks/0/failurePolicy","value":"Ignore"}]""", "application/json-patch+json");
        await server.MustAsync("POST", Maps, Map("a", "x"));
    }

    [Theory]
    [InlineData("""[{"op":"replace","path":"/data/none/x","value":"1"}]""", 500)]
    [InlineData("""[{"op":"replace","path":"/data","value":7}]""", 500)]
    [InlineData("[]", 201)]
    public async Task A_patch_that_does_not_fit_is_an_error_whatever_the_policy(string patch, int code)
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        hooks.Answer("/m", _ => Patch(patch));
        await server.MustAsync("POST", MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", "m", MapRule, """{"failurePolicy":"Ignore"}""", "/m").ToJsonString());
        var answer = await server.SendAsync("POST", Maps, Map("a", "x"));
        Assert.Equal((code, code == 500), (answer.Code, answer.Message.StartsWith("Internal error occurred: ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_validating_webhook_may_not_patch_and_no_webhook_what_is_deleted()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        await server.MustAsync("POST", Maps, Map("a", "x"));
        hooks.Answer("/p", _ => Patch("""[{"op":"add","path":"/data","value":{}}]"""));
        await server.MustAsync("POST", ValidatingPath, hooks.Configuration("ValidatingWebhookConfiguration", "v", MapRule, "{}", "/p").ToJsonString());
        Assert.Equal("Internal error occurred: failed calling webhook \"p.example.com\": received invalid webhook response: validating webhook may not return response.patch", (await server.SendAsync("POST", Maps, Map("b", "x"))).Message);
        await server.MustAsync("DELETE", $"{ValidatingPath}/v");
        await server.MustAsync("POST", MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", "m", Everything, "{}", "/p").ToJsonString());
        Assert.Equal("Internal error occurred: admission webhook \"p.example.com\" attempted to modify the object, which is not supported for this operation", (await server.SendAsync("DELETE", $"{Maps}/a")).Message);
    }

    [Fact]
    public async Task A_dry_run_asks_no_webhook_with_side_effects()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        hooks.Answer("/v", _ => Allowed);
        var configuration = hooks.Configuration("ValidatingWebhookConfiguration", "v", MapRule, "{}", "/v");
        var store = server.Store;
        configuration["webhooks"]![0]!["sideEffects"] = "Some";
        var refused = await server.SendAsync("POST", ValidatingPath, configuration.ToJsonString());
        Assert.Equal(422, refused.Code);

        // A configuration of an older API may have any side effects still.
        configuration["metadata"]!["uid"] = "u";
        foreach (var hook in configuration["webhooks"]!.AsArray())
        {
            hook!["timeoutSeconds"] = 10;
        }

        await store.CommitAsync(new([], [Kobune.Storage.Operation.Put("/registry/validatingwebhookconfigurations/v", Encoding.UTF8.GetBytes(configuration.ToJsonString()))], Kobune.Storage.Durability.Synced), TestContext.Current.CancellationToken);
        Assert.Single((await server.MustAsync("GET", ValidatingPath))["items"]!.AsArray());
        var dry = await server.SendAsync("POST", $"{Maps}?dryRun=All", Map("a", "x"));
        Assert.Equal((400, "BadRequest", "admission webhook \"v.example.com\" does not support dry run"), (dry.Code, dry.Reason, dry.Message));
        await server.MustAsync("POST", Maps, Map("a", "x"));
        Assert.Single(hooks.Reviews);
    }

    [Fact]
    public async Task Warnings_reach_the_client_also_with_a_refusal_and_a_denial_keeps_its_details()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        hooks.Answer("/one", _ => """{"allowed":true,"warnings":["first"],"auditAnnotations":{"k":"v"}}""");
        hooks.Answer("/two", _ => """{"allowed":false,"warnings":["second"],"status":{"code":409,"reason":"Conflict","message":"no","details":{"name":"n","causes":[{"field":"f"}]}}}""");
        await server.MustAsync("POST", ValidatingPath, hooks.Configuration("ValidatingWebhookConfiguration", "v", MapRule, "{}", "/one", "/two").ToJsonString());
        var refused = await server.SendAsync("POST", Maps, Map("a", "x"));
        Assert.Equal((409, "Conflict", "admission webhook \"two.example.com\" denied the request: no", "f"), (refused.Code, refused.Reason, refused.Message, (string?)refused.Body["details"]!["causes"]![0]!["field"]));
        Assert.Equal(["first", "second"], refused.Warnings.Order());
    }

    [Fact]
    public async Task A_webhook_that_knows_only_v1beta1_is_asked_in_it_and_not_held_to_uid_and_kind()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        hooks.Reply("/old", _ => (200, $$$"""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1","response":{"allowed":true,"patch":"{{{Convert.ToBase64String("""[{"op":"add","path":"/data/o","value":"1"}]"""u8)}}}"}}"""));
        await server.MustAsync("POST", MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", "m", MapRule, """{"admissionReviewVersions":["v0","v1beta1","v1"]}""", "/old").ToJsonString());
        Assert.Equal("1", (string?)(await server.MustAsync("POST", Maps, Map("a", "x")))["data"]!["o"]);
        Assert.Equal("admission.k8s.io/v1beta1", (string?)hooks.Reviews.Single().Review["apiVersion"]);
    }

    [Fact]
    public async Task Other_plugins_have_a_second_look_at_what_a_webhook_made_and_quota_counts_it()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await SecuredServer.StartAsync(configure: o => o with { Outbound = hooks });
        await server.MustAsync("POST", "/api/v1/namespaces/default/serviceaccounts", """{"metadata":{"name":"default"}}""");
        hooks.Answer("/m", r => (string?)r["kind"]!["kind"] == "Pod"
            ? Patch("""[{"op":"add","path":"/spec/containers/-","value":{"name":"sidecar","image":"s"}}]""")
            : Patch("""[{"op":"replace","path":"/spec/expirationSeconds","value":700}]"""));
        await server.MustAsync("POST", MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", "m", """{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["pods","serviceaccounts/token"]}""", "{}", "/m").ToJsonString());
        var pod = await server.MustAsync("POST", Pods, """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}""");
        Assert.Equal(["c", "sidecar"], pod["spec"]!["containers"]!.AsArray().Select(c => (string?)c!["name"]));
        Assert.Equal("/var/run/secrets/kubernetes.io/serviceaccount", (string?)pod["spec"]!["containers"]![1]!["volumeMounts"]![0]!["mountPath"]);
        var token = await server.MustAsync("POST", "/api/v1/namespaces/default/serviceaccounts/default/token", """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":600}}""");
        Assert.Equal(700, (int)token["spec"]!["expirationSeconds"]!);
        Assert.Equal(("authentication.k8s.io", "TokenRequest"), ((string?)hooks.Requests("/m")[^1]["kind"]!["group"], (string?)hooks.Requests("/m")[^1]["object"]!["kind"]));
        await server.MustAsync("POST", "/api/v1/namespaces/default/resourcequotas", """{"metadata":{"name":"q"},"spec":{"hard":{"requests.cpu":"1"}}}""");
        await server.SeesAsync<Api.Core.V1.ResourceQuota>("default", "q");
        hooks.Answer("/m", _ => Patch("""[{"op":"add","path":"/spec/containers/0/resources","value":{"requests":{"cpu":"2"}}}]"""));
        var refused = await server.SendAsync(SecuredServer.Admin, "POST", Pods, """{"metadata":{"name":"q"},"spec":{"containers":[{"name":"c","image":"i"}]}}""");
        Assert.Equal("pods \"q\" is forbidden: exceeded quota: q, requested: requests.cpu=2, used: requests.cpu=0, limited: requests.cpu=1", (string?)refused.Body["message"]);
    }

    [Fact]
    public async Task Match_conditions_are_kept_and_fail_where_nothing_evaluates_them()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        hooks.Answer("/c", _ => """{"allowed":false}""");
        const string Conditions = """{"matchConditions":[{"name":"skip-me","expression":"object.metadata.name != 'skip-me'"}]}""";
        var made = await server.MustAsync("POST", ValidatingPath, hooks.Configuration("ValidatingWebhookConfiguration", "v", MapRule, Conditions, "/c").ToJsonString());
        Assert.Equal("object.metadata.name != 'skip-me'", (string?)made["webhooks"]![0]!["matchConditions"]![0]!["expression"]);
        var refused = await server.SendAsync("POST", Maps, Map("a", "x"));
        Assert.Equal((403, "configmaps \"a\" is forbidden: match conditions cannot be evaluated: this server has no evaluator of CEL expressions"), (refused.Code, refused.Message));
        await server.MustAsync("PATCH", $"{ValidatingPath}/v", """[{"op":"replace","path":"/webhooks/0/failurePolicy","value":"Ignore"}]""", "application/json-patch+json");
        await server.MustAsync("POST", Maps, Map("a", "x"));
        Assert.Empty(hooks.Reviews);
    }
}
