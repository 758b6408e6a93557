using System.Text;
using Kobune.Api;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Api.Schema;
using Kobune.ApiServer.Admission.Policies;

namespace Kobune.ApiServer.Tests.Admission.Policies;

/// <summary>What type checking says about expressions: warnings in the status, which change nothing of what the policy does.</summary>
public class PolicyTypeCheckTests
{
    private const string Deployments = """{"apiGroups":["apps"],"apiVersions":["v1"],"resources":["deployments"],"operations":["*"]}""";
    private const string Wrong = "object.spec.replicaz > 1";
    private const string Undefined = "ERROR: <input>:1:12: undefined field 'replicaz'\n | object.spec.replicaz > 1\n | ...........^";

    public static TheoryData<string, string, string, string[]> Cases => new()
    {
        { "a field that is there", Deployments, "object.spec.replicas > 1 && oldObject.metadata.name != ''", [] },
        { "one that is not", Deployments, Wrong, [$"spec.validations[0].expression: apps/v1, Kind=Deployment: {Undefined}\n"] },
        { "of two kinds", """{"apiGroups":["apps"],"apiVersions":["v1"],"resources":["statefulsets","deployments"],"operations":["*"]}""", Wrong, [$"spec.validations[0].expression: apps/v1, Kind=Deployment: {Undefined}\n\napps/v1, Kind=StatefulSet: {Undefined}\n"] },
        { "of one kind of two", """{"apiGroups":["","apps"],"apiVersions":["v1"],"resources":["pods","deployments"],"operations":["*"]}""", "object.spec.replicas > 1", ["spec.validations[0].expression: /v1, Kind=Pod: ERROR: <input>:1:12: undefined field 'replicas'\n | object.spec.replicas > 1\n | ...........^\n"] },
        { "kinds without names", """{"apiGroups":["*"],"apiVersions":["v1"],"resources":["deployments"],"operations":["*"]}""", Wrong, [] },
        { "subresources", """{"apiGroups":["apps"],"apiVersions":["v1"],"resources":["deployments/scale","*"],"operations":["*"]}""", Wrong, [] },
        { "kinds that are not served", """{"apiGroups":["apps"],"apiVersions":["v7"],"resources":["deployments"],"operations":["*"]}""", Wrong, [] },
        { "times, numbers or text, and maps", Deployments, "object.metadata.creationTimestamp < timestamp('2030-01-01T00:00:00Z') && object.spec.strategy.rollingUpdate.maxSurge == 1 && object.metadata.labels['a'] == 'b'", [] },
        { "a variable's type", Deployments, "variables.n == 'x'", ["spec.validations[0].expression: apps/v1, Kind=Deployment: ERROR: <input>:1:13: found no matching overload for '_==_' applied to '(int, string)'\n | variables.n == 'x'\n | ............^\n"] },
        { "an expression need not be a bool here", Deployments, "object.spec.replicas", [] },
    };

    [Theory, MemberData(nameof(Cases))]
    public void Checking(string what, string rule, string expression, string[] warnings)
    {
        var policy = Read($$"""{"variables":[{"name":"n","expression":"object.spec.replicas"}],"validations":[{"expression":"{{expression}}"}],"matchConstraints":{"resourceRules":[{{rule}}]} }""");
        Assert.Equal(warnings, Warnings(policy));
        Assert.NotEmpty(what);
    }

    [Fact]
    public void Messages_are_checked_and_parameters_have_their_kind()
    {
        var policy = Read($$$"""{"paramKind":{"apiVersion":"v1","kind":"ConfigMap"},"validations":[{"expression":"params.data['a'] == 'b'"},{"expression":"params.dada['a'] == 'b'","messageExpression":"object.kint"}],"matchConstraints":{"resourceRules":[{{{Deployments}}}]}}""");
        var warnings = Warnings(policy);
        Assert.Equal(2, warnings.Length);
        Assert.StartsWith("spec.validations[1].expression: apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'dada'\n", warnings[0], StringComparison.Ordinal);
        Assert.StartsWith("spec.validations[1].messageExpression: apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'kint'\n", warnings[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_status_shows_warnings_and_a_new_generation_is_checked_anew()
    {
        await using var server = await PolicyServer.StartAsync();
        await using var watch = server.Watch($"{PolicyServer.PolicyPath}?watch=true");
        await server.MustAsync("POST", PolicyServer.PolicyPath, PolicyServer.Policy("p", """{"validations":[{"expression":"object.dada == 1"}]}"""));
        var status = await StatusAsync(watch, 1);
        Assert.Equal("spec.validations[0].expression", (string?)status["typeChecking"]!["expressionWarnings"]![0]!["fieldRef"]);
        Assert.Equal("/v1, Kind=ConfigMap: ERROR: <input>:1:7: undefined field 'dada'\n | object.dada == 1\n | ......^\n", (string?)status["typeChecking"]!["expressionWarnings"]![0]!["warning"]);
        await server.MustAsync("PATCH", $"{PolicyServer.PolicyPath}/p", """[{"op":"replace","path":"/spec/validations/0/expression","value":"object.data.a == 'x'"}]""", "application/json-patch+json");
        status = await StatusAsync(watch, 2);
        Assert.Null(status["typeChecking"]); // an apply that empties an object takes it away
    }

    [Fact]
    public async Task A_custom_kinds_schema_counts()
    {
        await using var server = await PolicyServer.StartAsync();
        await server.MustAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """{"metadata":{"name":"boats.example.com"},"spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"boats","kind":"Boat"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{"oars":{"type":"integer"}}}}}}}]}}""");
        while ((await server.SendAsync("GET", "/apis/example.com/v1")).Code != 200) // discovery shows the same schema
        {
            await Task.Yield();
        }

        await using var watch = server.Watch($"{PolicyServer.PolicyPath}?watch=true");
        const string Boats = """{"resourceRules":[{"operations":["*"],"apiGroups":["example.com"],"apiVersions":["v1"],"resources":["boats"]}]}""";
        await server.MustAsync("POST", PolicyServer.PolicyPath, PolicyServer.Policy("p", """{"validations":[{"expression":"object.spec.oars > 1 && object.metadata.labels['a'] == 'b'"},{"expression":"object.spec.sails > 1"}]}""", Boats));
        var warnings = (System.Text.Json.Nodes.JsonArray)(await StatusAsync(watch, 1))["typeChecking"]!["expressionWarnings"]!;
        Assert.Equal("spec.validations[1].expression", (string?)Assert.Single(warnings)!["fieldRef"]);
    }

    [Fact]
    public async Task What_policies_say_is_counted_by_what_is_done_about_it()
    {
        await using var server = await PolicyServer.StartAsync();
        await PolicyServer.BindAsync(server, "deny", """{"validations":[{"expression":"object.data.a != 'bad'"}]}""", """{"validationActions":["Deny"]}""");
        await PolicyServer.BindAsync(server, "warn", """{"validations":[{"expression":"object.data.a != 'bad'"}]}""", """{"validationActions":["Warn","Audit"]}""");
        await PolicyServer.BindAsync(server, "open", """{"failurePolicy":"Ignore","validations":[{"expression":"object.absent == 1"}]}""");
        await server.MustAsync("POST", PolicyServer.Maps, PolicyServer.Map("a", "good"));
        await server.SendAsync("POST", PolicyServer.Maps, PolicyServer.Map("b", "bad"));
        var answer = await server.Host.InProcess.SendAsync(new InProcessRequest(Hosting.TestServer.Admin, "GET", "/metrics"), TestContext.Current.CancellationToken);
        var metrics = Encoding.UTF8.GetString(answer.Body.Json.Span);
        foreach (var (policy, action, count) in new[] { ("deny", "deny", 1), ("warn", "warn", 1), ("warn", "audit", 1), ("open", "allow", 2) })
        {
            var labels = $$"""{policy="{{policy}}",policy_binding="{{policy}}-binding",error_type="invalid_error",enforcement_action="{{action}}"}""";
            Assert.Contains($"apiserver_validating_admission_policy_check_total{labels} {count}\n", metrics, StringComparison.Ordinal);
            Assert.Contains($"apiserver_validating_admission_policy_check_duration_seconds_count{labels} {count}\n", metrics, StringComparison.Ordinal);
        }
    }

    private static async Task<System.Text.Json.Nodes.JsonNode> StatusAsync(Hosting.WatchStream watch, long generation)
    {
        while (true)
        {
            var status = (await watch.NextAsync()).Object?["status"];
            if ((long?)status?["observedGeneration"] == generation)
            {
                return status!;
            }
        }
    }

    private static ValidatingAdmissionPolicy Read(string spec) => new EncodedObject(Encoding.UTF8.GetBytes($$"""{"metadata":{"name":"p"},"spec":{{spec}}}""")).Read<ValidatingAdmissionPolicy>();

    private static string[] Warnings(ValidatingAdmissionPolicy policy) => [.. PolicyTypeCheck.Check(policy, ApiSchema.Newest, 36).Select(w => $"{w.FieldRef}: {w.Warning}")];
}
