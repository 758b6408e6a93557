using System.Text;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.CustomResources;
using Kobune.ApiServer.Tests.Hosting;
using Kobune.ApiServer.Tests.Webhooks;

namespace Kobune.ApiServer.Tests.Admission.Webhooks;

/// <summary>What a client observes of webhooks: one test for each row of the conformance suite that needs no running pod.</summary>
public class AdmissionWebhookTests
{
    public const string MutatingPath = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
    public const string ValidatingPath = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
    public const string Maps = "/api/v1/namespaces/default/configmaps";
    public const string MapRule = """{"operations":["CREATE","UPDATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps"]}""";
    private const string Allowed = """{"allowed":true}""";
    private const string CronTabs = "/apis/stable.example.com/v1/namespaces/default/crontabs";

    [Fact]
    public async Task The_group_and_both_kinds_are_discovered()
    {
        await using var server = await TestServer.StartAsync();
        var groups = await server.MustAsync("GET", "/apis");
        var group = groups["groups"]!.AsArray().Single(g => (string?)g!["name"] == "admissionregistration.k8s.io")!;
        Assert.Contains(group["versions"]!.AsArray(), v => (string?)v!["groupVersion"] == "admissionregistration.k8s.io/v1");
        Assert.Equal("admissionregistration.k8s.io/v1", (string?)(await server.MustAsync("GET", "/apis/admissionregistration.k8s.io"))["preferredVersion"]!["groupVersion"]);
        var kinds = (await server.MustAsync("GET", "/apis/admissionregistration.k8s.io/v1"))["resources"]!.AsArray().Select(r => (string?)r!["kind"]).ToArray();
        Assert.Contains("MutatingWebhookConfiguration", kinds);
        Assert.Contains("ValidatingWebhookConfiguration", kinds);
    }

    [Fact]
    public async Task Bad_objects_are_refused_on_create_update_and_patch_but_not_in_an_exempt_namespace()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        hooks.Answer("/deny", r => (string?)r["object"]!["data"]?["a"] == "bad" ? """{"allowed":false,"status":{"reason":"the configmap contains unwanted key and value"}}""" : Allowed);
        await server.MustAsync("POST", "/api/v1/namespaces", """{"metadata":{"name":"default"}}""");
        await server.MustAsync("POST", "/api/v1/namespaces", """{"metadata":{"name":"free","labels":{"exempt":"yes"}}}""");
        await server.MustAsync("POST", ValidatingPath, hooks.Configuration("ValidatingWebhookConfiguration", "deny", MapRule, """{"namespaceSelector":{"matchExpressions":[{"key":"exempt","operator":"NotIn","values":["yes"]}]}}""", "/deny").ToJsonString());
        var refused = await server.SendAsync("POST", Maps, Map("a", "bad"));
        Assert.Equal((400, "admission webhook \"deny.example.com\" denied the request: the configmap contains unwanted key and value"), (refused.Code, refused.Message));
        var good = await server.MustAsync("POST", Maps, Map("a", "good"));
        good["data"]!["a"] = "bad";
        Assert.Equal(400, (await server.SendAsync("PUT", $"{Maps}/a", good.ToJsonString())).Code);
        Assert.Equal(400, (await server.SendAsync("PATCH", $"{Maps}/a", """{"data":{"a":"bad"}}""", "application/merge-patch+json")).Code);
        Assert.Equal("good", (string?)(await server.MustAsync("GET", $"{Maps}/a"))["data"]!["a"]);
        await server.MustAsync("POST", "/api/v1/namespaces/free/configmaps", Map("a", "bad"));
        Assert.Equal(404, (await server.SendAsync("POST", "/api/v1/namespaces/none/configmaps", Map("a", "bad"))).Code);
    }

    [Fact]
    public async Task A_late_webhook_fails_the_request_or_not_as_its_policy_says()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        hooks.Hang("/slow");
        await server.MustAsync("POST", ValidatingPath, hooks.Configuration("ValidatingWebhookConfiguration", "slow", MapRule, """{"timeoutSeconds":1}""", "/slow").ToJsonString());
        var refused = await server.SendAsync("POST", Maps, Map("a", "x"));
        Assert.Equal(
            (500, "InternalError", $"Internal error occurred: failed calling webhook \"slow.example.com\": failed to call webhook: Post \"{hooks.Address}slow?timeout=1s\": context deadline exceeded"),
            (refused.Code, refused.Reason, refused.Message));
        await server.MustAsync("PATCH", $"{ValidatingPath}/slow", """[{"op":"replace","path":"/webhooks/0/failurePolicy","value":"Ignore"}]""", "application/json-patch+json");
        await server.MustAsync("POST", Maps, Map("a", "x"));
        hooks.Answer("/slow", _ => Allowed);
        await server.MustAsync("PATCH", $"{ValidatingPath}/slow", """[{"op":"replace","path":"/webhooks/0/failurePolicy","value":"Fail"},{"op":"remove","path":"/webhooks/0/timeoutSeconds"}]""", "application/json-patch+json");
        await server.MustAsync("POST", Maps, Map("b", "x"));
        Assert.Equal("?timeout=10s", hooks.Reviews.Last().Query);
        var metrics = await MetricsAsync(server);
        Assert.Contains("apiserver_admission_webhook_fail_open_count{name=\"slow.example.com\",type=\"validating\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("apiserver_admission_webhook_rejection_count{error_type=\"calling_webhook_error\",name=\"slow.example.com\",operation=\"CREATE\",rejection_code=\"503\",type=\"validating\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("apiserver_admission_webhook_request_total{code=\"200\",name=\"slow.example.com\",operation=\"CREATE\",rejected=\"false\",type=\"validating\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("apiserver_admission_webhook_admission_duration_seconds_count{name=\"slow.example.com\",operation=\"CREATE\",rejected=\"true\",type=\"validating\"} 1\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_that_cannot_be_believed_fails_closed()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        hooks.Answer("/a", _ => Allowed);
        var configuration = hooks.Configuration("ValidatingWebhookConfiguration", "a", MapRule, "{}", "/a");
        ((JsonObject)configuration["webhooks"]![0]!["clientConfig"]!).Remove("caBundle");
        await server.MustAsync("POST", ValidatingPath, configuration.ToJsonString());
        var refused = await server.SendAsync("POST", Maps, Map("a", "x"));
        Assert.Equal($"Internal error occurred: failed calling webhook \"a.example.com\": failed to call webhook: Post \"{hooks.Address}a?timeout=10s\": tls: failed to verify certificate: x509: certificate signed by unknown authority", refused.Message);
        await server.MustAsync("PATCH", $"{ValidatingPath}/a", """[{"op":"add","path":"/webhooks/0/clientConfig/caBundle","value":"Cg=="}]""", "application/json-patch+json");
        Assert.Equal("Internal error occurred: failed calling webhook \"a.example.com\": could not get REST client: unable to load root certificates: unable to parse bytes as PEM block", (await server.SendAsync("POST", Maps, Map("a", "x"))).Message);
        Assert.Empty(hooks.Reviews);
        await server.MustAsync("PATCH", $"{ValidatingPath}/a", """[{"op":"replace","path":"/webhooks/0/clientConfig","value":{"url":"https://127.0.0.1:1/a"}}]""", "application/json-patch+json");
        Assert.Equal("Internal error occurred: failed calling webhook \"a.example.com\": failed to call webhook: Post \"https://127.0.0.1:1/a?timeout=10s\": dial tcp 127.0.0.1:1: connect: connection refused", (await server.SendAsync("POST", Maps, Map("a", "x"))).Message);
    }

    [Fact]
    public async Task Mutating_webhooks_work_in_the_order_of_their_configurations()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        hooks.Answer("/first", r => Patch("""[{"op":"add","path":"/data/first","value":"1"}]"""));
        hooks.Answer("/second", r => r["object"]!["data"]!["first"] is null ? Allowed : Patch("""[{"op":"add","path":"/data/second","value":"2"}]"""));
        await server.MustAsync("POST", MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", "b", MapRule, "{}", "/second").ToJsonString());
        await server.MustAsync("POST", MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", "a", MapRule, "{}", "/first").ToJsonString());
        Assert.Equal("""{"a":"x","first":"1","second":"2"}""", (await server.MustAsync("POST", Maps, Map("a", "x")))["data"]!.ToJsonString());
        Assert.Equal("""{"a":"x","first":"1","second":"2"}""", (await server.MustAsync("GET", $"{Maps}/a"))["data"]!.ToJsonString());
    }

    [Fact]
    public async Task A_configuration_counts_from_the_next_request_on_and_until_it_is_deleted()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        hooks.Answer("/m", _ => Patch("""[{"op":"add","path":"/data/m","value":"1"}]"""));
        for (var i = 0; i < 10; i++)
        {
            await server.MustAsync("POST", MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", $"m{i}", MapRule, "{}", "/m").ToJsonString());
        }

        Assert.Equal(10, (await server.MustAsync("GET", $"{MutatingPath}?labelSelector=test%3Dyes"))["items"]!.AsArray().Count);
        Assert.Equal("1", (string?)(await server.MustAsync("POST", Maps, Map("a", "x")))["data"]!["m"]);
        Assert.Equal(10, hooks.Reviews.Count);
        await server.MustAsync("DELETE", $"{MutatingPath}?labelSelector=test%3Dyes");
        Assert.Null((await server.MustAsync("POST", Maps, Map("b", "x")))["data"]!["m"]);
        var one = await server.MustAsync("POST", MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", "one", MapRule, "{}", "/m").ToJsonString());
        one["webhooks"]![0]!["rules"]![0]!["operations"] = new JsonArray("UPDATE");
        await server.MustAsync("PUT", $"{MutatingPath}/one", one.ToJsonString());
        Assert.Null((await server.MustAsync("POST", Maps, Map("c", "x")))["data"]!["m"]);
        await server.MustAsync("PATCH", $"{MutatingPath}/one", """[{"op":"replace","path":"/webhooks/0/rules/0/operations","value":["CREATE"]}]""", "application/json-patch+json");
        Assert.Equal("1", (string?)(await server.MustAsync("POST", Maps, Map("d", "x")))["data"]!["m"]);
    }

    [Fact]
    public async Task Custom_objects_and_definitions_can_be_refused()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        await server.EstablishAsync(Definitions.CronTabs("""{"type":"object","properties":{"a":{"type":"string"}}}"""));
        hooks.Answer("/custom", r => (string?)(r["object"] ?? r["oldObject"])!["spec"]!["a"] == "bad" ? """{"allowed":false,"status":{"code":403,"reason":"Forbidden","message":"bad"}}""" : Allowed);
        await server.MustAsync("POST", CronTabs, Tab("a", "bad"));
        await server.MustAsync("POST", ValidatingPath, hooks.Configuration("ValidatingWebhookConfiguration", "custom", """{"operations":["*"],"apiGroups":["stable.example.com"],"apiVersions":["v1"],"resources":["crontabs"]}""", "{}", "/custom").ToJsonString());
        var refused = await server.SendAsync("POST", CronTabs, Tab("b", "bad"));
        Assert.Equal((403, "Forbidden", "admission webhook \"custom.example.com\" denied the request: bad"), (refused.Code, refused.Reason, refused.Message));
        Assert.Equal(403, (await server.SendAsync("PATCH", $"{CronTabs}/a", """{"spec":{"a":"bad"},"metadata":{"labels":{"x":"y"}}}""", "application/merge-patch+json")).Code);
        Assert.Equal(403, (await server.SendAsync("DELETE", $"{CronTabs}/a")).Code);
        Assert.Null(hooks.Requests("/custom")[^1]["object"]);
        await server.MustAsync("PATCH", $"{CronTabs}/a", """{"spec":{"a":"good"}}""", "application/merge-patch+json");
        await server.MustAsync("DELETE", $"{CronTabs}/a");
        hooks.Answer("/crd", _ => """{"allowed":false}""");
        await server.MustAsync("POST", ValidatingPath, hooks.Configuration("ValidatingWebhookConfiguration", "crd", """{"operations":["CREATE"],"apiGroups":["apiextensions.k8s.io"],"apiVersions":["*"],"resources":["customresourcedefinitions"]}""", "{}", "/crd").ToJsonString());
        Assert.Equal("admission webhook \"crd.example.com\" denied the request without explanation", (await server.SendAsync("POST", Definitions.Path, Definitions.Of("others", "Other", new JsonObject()).ToJsonString().Replace("\"versions\":[{}]", "\"versions\":[{\"name\":\"v1\",\"served\":true,\"storage\":true,\"schema\":{\"openAPIV3Schema\":{\"type\":\"object\"}}}]", StringComparison.Ordinal))).Message);
    }

    [Fact]
    public async Task A_mutated_custom_object_is_pruned_and_a_mutated_pod_defaulted()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        await server.EstablishAsync(Definitions.CronTabs("""{"type":"object","properties":{"a":{"type":"string"},"one":{"type":"string"},"mode":{"type":"string","default":"m"}}}"""));
        hooks.Answer("/one", _ => Patch("""[{"op":"add","path":"/spec/one","value":"1"}]"""));
        hooks.Answer("/two", _ => Patch("""[{"op":"add","path":"/spec/two","value":"2"},{"op":"remove","path":"/spec/mode"}]"""));
        await server.MustAsync("POST", MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", "c", """{"operations":["*"],"apiGroups":["stable.example.com"],"apiVersions":["v1"],"resources":["crontabs"]}""", "{}", "/one", "/two").ToJsonString());
        Assert.Equal("""{"a":"x","mode":"m","one":"1"}""", (await server.MustAsync("POST", CronTabs, Tab("a", "x")))["spec"]!.ToJsonString());
        hooks.Answer("/pod", _ => Patch("""[{"op":"add","path":"/spec/initContainers","value":[{"name":"init","image":"i"}]}]"""));
        await server.MustAsync("POST", MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", "p", """{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["pods"]}""", "{}", "/pod").ToJsonString());
        var init = (await server.MustAsync("POST", "/api/v1/namespaces/default/pods", """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}"""))["spec"]!["initContainers"]![0]!;
        Assert.Equal(("init", "File", "/dev/termination-log", "Always"), ((string?)init["name"], (string?)init["terminationMessagePolicy"], (string?)init["terminationMessagePath"], (string?)init["imagePullPolicy"]));
    }

    [Fact]
    public async Task An_object_of_an_older_stored_version_is_mutated_when_it_is_patched()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        await server.EstablishAsync(Definitions.Of("crontabs", "CronTab", Version("v1", true), Version("v2", false)));
        await server.MustAsync("POST", CronTabs, Tab("a", "x"));
        await using var watch = server.Watch($"{CronTabs}?watch=1&resourceVersion=0");
        await watch.NextAsync();
        await server.MustAsync("PATCH", $"{Definitions.Path}/crontabs.stable.example.com", """[{"op":"replace","path":"/spec/versions/0/storage","value":false},{"op":"replace","path":"/spec/versions/1/storage","value":true}]""", "application/json-patch+json");
        await watch.EndsAsync();
        hooks.Answer("/m", _ => Patch("""[{"op":"add","path":"/spec/m","value":"1"}]"""));
        await server.MustAsync("POST", MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", "c", """{"operations":["UPDATE"],"apiGroups":["stable.example.com"],"apiVersions":["*"],"resources":["crontabs"]}""", "{}", "/m").ToJsonString());
        var patched = await server.MustAsync("PATCH", $"{CronTabs}/a", """{"spec":{"b":"y"}}""", "application/merge-patch+json");
        Assert.Equal("""{"a":"x","b":"y","m":"1"}""", patched["spec"]!.ToJsonString());
        Assert.Equal("stable.example.com/v1", (string?)hooks.Requests("/m")[0]["object"]!["apiVersion"]);
    }

    [Fact]
    public async Task Configurations_of_admission_are_shown_to_no_webhook()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        hooks.Answer("/all", _ => """{"allowed":false}""");
        const string Rule = """{"operations":["*"],"apiGroups":["*"],"apiVersions":["*"],"resources":["*/*"]}""";
        await server.MustAsync("POST", ValidatingPath, hooks.Configuration("ValidatingWebhookConfiguration", "v", Rule, "{}", "/all").ToJsonString());
        await server.MustAsync("POST", MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", "m", Rule, "{}", "/all").ToJsonString());
        await server.MustAsync("DELETE", $"{ValidatingPath}/v");
        await server.MustAsync("DELETE", $"{MutatingPath}/m");
        Assert.Empty(hooks.Reviews);
    }

    [Fact]
    public async Task Attaching_to_a_pod_can_be_refused()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync();
        hooks.Answer("/attach", _ => """{"allowed":false,"status":{"message":"attaching to pod 'p' is not allowed"}}""");
        await server.MustAsync("POST", ValidatingPath, hooks.Configuration("ValidatingWebhookConfiguration", "v", """{"operations":["CONNECT"],"apiGroups":[""],"apiVersions":["v1"],"resources":["pods/attach"]}""", "{}", "/attach").ToJsonString());
        await server.MustAsync("POST", "/api/v1/namespaces/default/pods", """{"metadata":{"name":"p"},"spec":{"nodeName":"n","containers":[{"name":"c","image":"i"}]}}""");
        var refused = await server.SendAsync("POST", "/api/v1/namespaces/default/pods/p/attach?container=c&stdin=true&tty=1&stdout=true");
        Assert.Equal("admission webhook \"attach.example.com\" denied the request: attaching to pod 'p' is not allowed", refused.Message);
        var request = Assert.Single(hooks.Requests("/attach"));
        Assert.Equal(("CONNECT", "p", "attach", "PodAttachOptions"), ((string?)request["operation"], (string?)request["name"], (string?)request["subResource"], (string?)request["kind"]!["kind"]));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"kind":"PodAttachOptions","apiVersion":"v1","container":"c","stdin":true,"stdout":true,"tty":true}"""), request["object"]), request["object"]!.ToJsonString());
        Assert.Null(request["options"]);
    }

    public static string Patch(string operations) =>
        $$"""{"allowed":true,"patchType":"JSONPatch","patch":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(operations))}}"}""";

    public static string Map(string name, string value) => $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}"},"data":{"a":"{{{value}}}"}}""";

    internal static async Task<string> MetricsAsync(TestServer server)
    {
        var answer = await server.Host.InProcess.SendAsync(new InProcessRequest(TestServer.Admin, "GET", "/metrics"), TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(answer.Body.Json.Span);
    }

    private static string Tab(string name, string value) =>
        $$$"""{"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"name":"{{{name}}}"},"spec":{"a":"{{{value}}}"}}""";

    private static JsonObject Version(string name, bool isStorage) => new()
    {
        ["name"] = name,
        ["served"] = true,
        ["storage"] = isStorage,
        ["schema"] = JsonNode.Parse("""{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}}"""),
    };
}
