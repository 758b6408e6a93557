using System.Text.Json.Nodes;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Admission.PodSecurity;
using Kobune.ApiServer.Audit;
using Kobune.ApiServer.Tests.Admission.Policies;
using Kobune.ApiServer.Tests.Admission.Webhooks;
using Kobune.ApiServer.Tests.Hosting;
using Kobune.ApiServer.Tests.Webhooks;

namespace Kobune.ApiServer.Tests.Audit;

/// <summary>What stands in the audit log.</summary>
public class AuditEventTests : IDisposable
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private readonly AuditFile _file = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_write_at_Metadata_tells_who_what_and_how_it_ended()
    {
        await using var server = await TestServer.StartAsync(_file.Options("rules: [{level: Metadata}]"));
        var made = await server.CreateConfigMapAsync("a");
        var events = _file.Of(Maps);
        Assert.Equal(["RequestReceived", "ResponseComplete"], events.Select(e => (string?)e["stage"]));
        Assert.Equal((string?)events[0]["auditID"], (string?)events[1]["auditID"]);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", (string?)events[1]["stageTimestamp"]);
        foreach (var e in events)
        {
            e.Remove("auditID");
            e.Remove("stageTimestamp");
            e.Remove("requestReceivedTimestamp");
        }

        const string Common = """{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","stage":"STAGE","requestURI":"/api/v1/namespaces/default/configmaps","verb":"create","user":{"username":"admin","groups":["system:masters","system:authenticated"]},"sourceIPs":["127.0.0.1"],"userAgent":"test/1.0",REST}""";
        static string Wanted(string stage, string rest) => Common.Replace("STAGE", stage, StringComparison.Ordinal).Replace("REST", rest.Trim(), StringComparison.Ordinal);
        Assert.Equal(Wanted("RequestReceived", """ "objectRef":{"resource":"configmaps","namespace":"default","apiVersion":"v1"}"""), events[0].ToJsonString());
        Assert.Equal(
            Wanted("ResponseComplete", """ "objectRef":{"resource":"configmaps","namespace":"default","name":"a","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":201},"annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""}"""),
            events[1].ToJsonString());
        await server.MustAsync("PUT", $"{Maps}/a", made.ToJsonString());
        var reference = _file.Of($"{Maps}/a")[^1]["objectRef"]!;
        Assert.Equal(((string?)made["metadata"]!["uid"], (string?)made["metadata"]!["resourceVersion"]), ((string?)reference["uid"], (string?)reference["resourceVersion"]));
    }

    [Fact]
    public async Task Higher_levels_tell_what_was_sent_and_answered()
    {
        await using var server = await TestServer.StartAsync(_file.Options("""
            omitStages: [RequestReceived]
            rules:
            - {level: RequestResponse, verbs: [create, list], omitManagedFields: true}
            - {level: Request}
            """));
        await server.CreateConfigMapAsync("a", value: "<1>");
        var created = _file.Of(Maps).Single();
        Assert.Equal("<1>", (string?)created["requestObject"]!["data"]!["a"]);
        Assert.Equal(("ConfigMap", "a", null), ((string?)created["responseObject"]!["kind"], (string?)created["responseObject"]!["metadata"]!["name"], created["responseObject"]!["metadata"]!["managedFields"]));
        await server.MustAsync("PATCH", $"{Maps}/a", """{"data":{"a":"2"}}""", "application/merge-patch+json");
        Assert.Equal("""{"data":{"a":"2"}}""", _file.Of($"{Maps}/a").Single()["requestObject"]!.ToJsonString());
        Assert.Null(_file.Of($"{Maps}/a").Single()["responseObject"]);
        await server.MustAsync("GET", Maps);
        Assert.Null(_file.Of(Maps)[1]["responseObject"]!["items"]![0]!["metadata"]!["managedFields"]);
        await server.MustAsync("DELETE", $"{Maps}/a", """{"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background"}""");
        var deleted = _file.Of($"{Maps}/a")[^1];
        Assert.Equal("Background", (string?)deleted["requestObject"]!["propagationPolicy"]);
        Assert.Equal(("Success", "a"), ((string?)deleted["responseStatus"]!["status"], (string?)deleted["responseStatus"]!["details"]!["name"]));
    }

    [Fact]
    public async Task Without_a_policy_nothing_is_told()
    {
        await using var server = await TestServer.StartAsync(o => o with { Audit = new() { Log = _file.Log() } });
        await server.CreateConfigMapAsync("a");
        Assert.Empty(_file.Lines);
    }

    [Fact]
    public async Task Secrets_are_never_told_at_the_level_Metadata()
    {
        await using var server = await TestServer.StartAsync(_file.Options("omitStages: [RequestReceived]\nrules: [{level: Metadata}]"));
        await server.MustAsync("POST", "/api/v1/namespaces/default/secrets", """{"metadata":{"name":"s"},"stringData":{"key":"hush"}}""");
        await server.MustAsync("GET", "/api/v1/namespaces/default/secrets/s");
        Assert.Equal(2, _file.Lines.Length);
        Assert.DoesNotContain("hush", string.Concat(_file.Lines), StringComparison.Ordinal);
        Assert.DoesNotContain("aHVzaA", string.Concat(_file.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_is_told_with_its_status()
    {
        await using var server = await TestServer.StartAsync(_file.Options("omitStages: [RequestReceived]\nrules: [{level: Metadata}]"));
        await server.SendAsync("GET", $"{Maps}/none");
        Assert.Equal(
            """{"metadata":{},"status":"Failure","message":"configmaps \u0022none\u0022 not found","reason":"NotFound","details":{"name":"none","kind":"configmaps"},"code":404}""",
            _file.Events.Single()["responseStatus"]!.ToJsonString());
    }

    [Fact]
    public async Task Who_may_not_who_acts_for_another_and_who_is_nobody_are_told()
    {
        await using var server = await SecuredServer.StartAsync(configure: _file.Options("omitStages: [RequestReceived]\nrules: [{level: Metadata, users: [jane, kubernetes-admin]}, {level: Metadata, nonResourceURLs: ['/v*']}]"));
        await server.SendAsync(Kobune.ApiServer.Authentication.UserInfo.Of("jane"), "GET", Maps);
        Assert.Equal("forbid", (string?)_file.Of(Maps).Single()["annotations"]!["authorization.k8s.io/decision"]);
        await server.Host.InProcess.SendAsync(new(SecuredServer.Admin, "GET", Maps) { Headers = new Dictionary<string, string> { ["Impersonate-User"] = "bob", ["Impersonate-Group"] = "system:masters" } }, Ct);
        var acted = _file.Of(Maps)[^1];
        Assert.Equal(("kubernetes-admin", "bob"), ((string?)acted["user"]!["username"], (string?)acted["impersonatedUser"]!["username"]));
        await server.SendAsync(SecuredServer.Admin, "GET", $"{Maps}?limit=1");
        Assert.Equal("RBAC: allowed by ClusterRoleBinding \"kubeadm:cluster-admins\" of ClusterRole \"cluster-admin\" to Group \"kubeadm:cluster-admins\"", (string?)_file.Of(Maps)[^1]["annotations"]!["authorization.k8s.io/reason"]);
        Assert.Equal(401, (await server.SendHttpsAsync("/version", token: "guess")).Code);
        while (_file.Of("/version").Length == 0)
        {
            await Task.Yield(); // what is told of a response is written behind it
        }

        var nobody = _file.Of("/version").Single();
        Assert.Equal("""{"metadata":{},"status":"Failure","message":"Authentication failed, attempted: bearer","reason":"Unauthorized","code":401}""", WithoutStage(nobody)["responseStatus"]!.ToJsonString());
    }

    [Fact]
    public async Task A_watch_is_told_when_it_begins_and_when_it_ends()
    {
        await using var server = await TestServer.StartAsync(_file.Options("rules: [{level: Metadata}]"));
        using var stop = new CancellationTokenSource();
        var watch = server.Host.InProcess.WatchAsync(new(TestServer.Admin, "GET", Maps + "?watch=1&allowWatchBookmarks=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"), stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal(["RequestReceived", "ResponseStarted"], _file.Of(Maps).Select(e => (string?)e["stage"]));
        await watch.DisposeAsync();
        Assert.Equal(("ResponseComplete", "watch", 200), ((string?)_file.Of(Maps)[^1]["stage"], (string?)_file.Of(Maps)[^1]["verb"], (int?)_file.Of(Maps)[^1]["responseStatus"]!["code"]));
    }

    [Fact]
    public async Task Https_answers_carry_the_id_of_their_events()
    {
        await using var server = await HttpsServer.StartAsync(configure: _file.Options("omitStages: [RequestReceived]\nrules: [{level: Metadata, nonResourceURLs: [/version]}]"));
        using var client = server.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/version?verbose=%20x");
        request.Headers.Add("Audit-ID", "mine");
        request.Headers.Add("X-Forwarded-For", "192.0.2.7, nonsense");
        using var answer = await client.SendAsync(request, Ct);
        Assert.Equal("mine", answer.Headers.GetValues("Audit-Id").Single());
        using var other = await client.GetAsync(new Uri("/version", UriKind.Relative), Ct);
        await Until(() => _file.Lines.Length == 2);
        var events = _file.Events;
        Assert.Equal(("mine", "/version?verbose=%20x", "192.0.2.7", "127.0.0.1"), ((string?)events[0]["auditID"], (string?)events[0]["requestURI"], (string?)events[0]["sourceIPs"]![0], (string?)events[0]["sourceIPs"]![1]));
        Assert.Equal(other.Headers.GetValues("Audit-Id").Single(), (string?)events[1]["auditID"]);
    }

    [Fact]
    public async Task Pod_security_notes_its_judgement()
    {
        await using var server = await TestServer.StartAsync(o => _file.Options("omitStages: [RequestReceived]\nrules: [{level: Metadata}]")(o) with { Admission = new AdmissionChain([new PodSecurityAdmission(36)]) });
        await server.MustAsync("POST", "/api/v1/namespaces", """{"metadata":{"name":"default","labels":{"pod-security.kubernetes.io/audit":"baseline"}}}""");
        await server.MustAsync("POST", "/api/v1/namespaces/default/pods", """{"metadata":{"name":"p"},"spec":{"hostNetwork":true,"containers":[{"name":"c","image":"i"}]}}""");
        var annotations = _file.Of("/api/v1/namespaces/default/pods").Single()["annotations"]!;
        Assert.Equal("privileged:latest", (string?)annotations["pod-security.kubernetes.io/enforce-policy"]);
        Assert.Equal("would violate PodSecurity \"baseline:latest\": host namespaces (hostNetwork=true)", (string?)annotations["pod-security.kubernetes.io/audit-violations"]);
    }

    [Fact]
    public async Task Webhooks_and_policies_note_what_they_did()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync(configure: _file.Options("omitStages: [RequestReceived]\nrules: [{level: Request}]"));
        hooks.Answer("/mutate", _ => """{"allowed":true,"patchType":"JSONPatch","patch":"W3sib3AiOiJhZGQiLCJwYXRoIjoiL2RhdGEvYiIsInZhbHVlIjoiMiJ9XQ==","auditAnnotations":{"why":"because"}}""");
        hooks.Reply("/broken", _ => (500, ""));
        await server.MustAsync("POST", AdmissionWebhookTests.MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", "m", AdmissionWebhookTests.MapRule, """{"failurePolicy":"Ignore"}""", "/broken", "/mutate").ToJsonString());
        await server.CreateConfigMapAsync("a");
        Assert.Equal(
            """{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"","failed-open.mutating.webhook.admission.k8s.io/round_0_index_0":"broken.example.com","mutate.example.com/why":"because","mutation.webhook.admission.k8s.io/round_0_index_0":"{\u0022configuration\u0022:\u0022m\u0022,\u0022webhook\u0022:\u0022broken.example.com\u0022,\u0022mutated\u0022:false}","mutation.webhook.admission.k8s.io/round_0_index_1":"{\u0022configuration\u0022:\u0022m\u0022,\u0022webhook\u0022:\u0022mutate.example.com\u0022,\u0022mutated\u0022:true}","patch.webhook.admission.k8s.io/round_0_index_1":"{\u0022configuration\u0022:\u0022m\u0022,\u0022webhook\u0022:\u0022mutate.example.com\u0022,\u0022patch\u0022:[{\u0022op\u0022:\u0022add\u0022,\u0022path\u0022:\u0022/data/b\u0022,\u0022value\u0022:\u00222\u0022}],\u0022patchType\u0022:\u0022JSONPatch\u0022}"}""",
            _file.Of(Maps).Single()["annotations"]!.ToJsonString());
    }

    [Fact]
    public async Task Webhooks_are_noted_whatever_comes_of_them()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync(configure: _file.Options("omitStages: [RequestReceived]\nrules: [{level: Request}]"));
        hooks.Answer("/same", _ => """{"allowed":true,"patchType":"JSONPatch","patch":"W3sidmFsdWUiOiI8MT4iLCJwYXRoIjoiL2RhdGEvYSIsIm9wIjoidGVzdCJ9XQ=="}""");
        hooks.Answer("/deny", _ => """{"allowed":false}""");
        await server.MustAsync("POST", AdmissionWebhookTests.MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", "m", AdmissionWebhookTests.MapRule, "{}", "/same", "/deny").ToJsonString());
        Assert.Equal(400, (await server.SendAsync("POST", Maps, PolicyServer.Map("a", "<1>"))).Code);
        var annotations = _file.Of(Maps).Single()["annotations"]!;
        Assert.Equal("""{"configuration":"m","webhook":"same.example.com","mutated":false}""", (string?)annotations["mutation.webhook.admission.k8s.io/round_0_index_0"]);
        Assert.Equal("""{"configuration":"m","webhook":"same.example.com","patch":[{"op":"test","path":"/data/a","value":"\u003c1\u003e"}],"patchType":"JSONPatch"}""", (string?)annotations["patch.webhook.admission.k8s.io/round_0_index_0"]);
        Assert.Equal("""{"configuration":"m","webhook":"deny.example.com","mutated":false}""", (string?)annotations["mutation.webhook.admission.k8s.io/round_0_index_1"]);
    }

    [Fact]
    public async Task Validating_webhooks_are_counted_among_those_that_mean_the_request()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync(configure: _file.Options("omitStages: [RequestReceived]\nrules: [{level: Request}]"));
        hooks.Reply("/broken", _ => (500, ""));
        const string Nothing = """{"operations":["DELETE"],"apiGroups":["none"],"apiVersions":["*"],"resources":["*"]}""";
        await server.MustAsync("POST", AdmissionWebhookTests.ValidatingPath, hooks.Configuration("ValidatingWebhookConfiguration", "a", Nothing, """{"failurePolicy":"Ignore"}""", "/other").ToJsonString());
        await server.MustAsync("POST", AdmissionWebhookTests.ValidatingPath, hooks.Configuration("ValidatingWebhookConfiguration", "b", AdmissionWebhookTests.MapRule, """{"failurePolicy":"Ignore"}""", "/broken").ToJsonString());
        await server.CreateConfigMapAsync("a");
        Assert.Equal("broken.example.com", (string?)_file.Of(Maps).Single()["annotations"]!["failed-open.validating.webhook.admission.k8s.io/round_0_index_0"]);
    }

    [Fact]
    public async Task Policies_with_the_action_Audit_note_what_they_would_refuse()
    {
        await using var server = await PolicyServer.StartAsync(_file.Options("omitStages: [RequestReceived]\nrules: [{level: Metadata}]"));
        await PolicyServer.BindAsync(server, "p", """{"validations":[{"expression":"true"},{"expression":"object.data.a == 'good'","message":"<it's> größer"}],"auditAnnotations":[{"key":"value","valueExpression":"'is ' + object.data.a"},{"key":"none","valueExpression":"null"}]}""", """{"validationActions":["Audit"]}""");
        await server.MustAsync("POST", Maps, PolicyServer.Map("a", "bad"));
        var annotations = _file.Of(Maps).Single()["annotations"]!;
        Assert.Equal("""[{"message":"\u003cit's\u003e größer","policy":"p","binding":"p-binding","expressionIndex":1,"validationActions":["Audit"]}]""", (string?)annotations["validation.policy.admission.k8s.io/validation_failure"]);
        Assert.Equal(("is bad", null), ((string?)annotations["p/value"], (string?)annotations["p/none"]));
    }

    [Fact]
    public async Task A_deprecated_version_is_noted()
    {
        await using var server = await TestServer.StartAsync(_file.Options("omitStages: [RequestReceived]\nrules: [{level: Metadata}]"));
        await server.SendAsync("GET", "/api/v1/namespaces/default/endpoints");
        Assert.Equal("true", (string?)_file.Events.Single()["annotations"]!["k8s.io/deprecated"]);
    }

    [Fact]
    public async Task Events_levels_and_losses_are_counted()
    {
        await using var server = await TestServer.StartAsync(_file.Options("rules: [{level: None, verbs: [get]}, {level: Metadata}]", o => o with { Mode = new() { Truncates = true, MaxEventSize = 750 } }));
        await server.CreateConfigMapAsync("a");
        await server.CreateConfigMapAsync(new string('b', 240));
        var text = System.Text.Encoding.UTF8.GetString((await server.Host.InProcess.SendAsync(new(TestServer.Admin, "GET", "/metrics"), Ct)).Body.Json.Span);
        Assert.Contains("apiserver_audit_event_total 4\n", text, StringComparison.Ordinal);
        Assert.Contains("apiserver_audit_level_total{level=\"Metadata\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("apiserver_audit_level_total{level=\"None\"} 1\n", text, StringComparison.Ordinal);
        Assert.Matches("apiserver_audit_error_total\\{plugin=\"log\"\\} 1\n", text); // even cut, the last one is too long
    }

    public void Dispose() => _file.Dispose();

    private static JsonObject WithoutStage(JsonObject e)
    {
        Assert.Equal("ResponseStarted", (string?)e["stage"]);
        return e;
    }

    private static async Task Until(Func<bool> isThere)
    {
        for (var tries = 0; !isThere(); tries++)
        {
            Assert.True(tries < 3000, "it never came");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ct);
        }
    }
}
