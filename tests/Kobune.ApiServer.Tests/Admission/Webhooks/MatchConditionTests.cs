using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.ApiServer.Admission.Policies;
using Kobune.ApiServer.Admission.Webhooks;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Requests;
using Kobune.ApiServer.Tests.Hosting;
using Kobune.ApiServer.Tests.Webhooks;
using static Kobune.ApiServer.Tests.Admission.Webhooks.AdmissionWebhookTests;

namespace Kobune.ApiServer.Tests.Admission.Webhooks;

/// <summary>Expressions that decide whether a webhook is asked.</summary>
public class MatchConditionTests
{
    private static readonly CelMatchConditions Conditions = new(new OnlyConfigMaps());

    [Theory]
    [InlineData("mutatingwebhookconfigurations", "MutatingWebhookConfiguration")]
    [InlineData("validatingwebhookconfigurations", "ValidatingWebhookConfiguration")]
    public async Task A_configuration_whose_condition_is_no_CEL_is_refused(string resource, string kind)
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync(Conditions);
        var configuration = hooks.Configuration(kind, "c", MapRule, """{"matchConditions":[{"name":"bad","expression":"... [] bad expression"}]}""", "/c");
        var refused = await server.SendAsync("POST", $"/apis/admissionregistration.k8s.io/v1/{resource}", configuration.ToJsonString());
        Assert.Equal(422, refused.Code);
        Assert.StartsWith($"{kind}.admissionregistration.k8s.io \"c\" is invalid: webhooks[0].matchConditions[0].expression: Invalid value: \"... [] bad expression\": compilation failed: ERROR: <input>:1:", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_of_a_name_is_exempt_from_a_mutating_webhook()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync(Conditions);
        var patch = Convert.ToBase64String(Encoding.UTF8.GetBytes("""[{"op":"add","path":"/data/mutated","value":"yes"}]"""));
        hooks.Answer("/c", _ => $$"""{"allowed":true,"patchType":"JSONPatch","patch":"{{patch}}"}""");
        const string NotSkipMe = """{"matchConditions":[{"name":"skip-me","expression":"object.metadata.name != 'skip-me'"}]}""";
        await server.MustAsync("POST", MutatingPath, hooks.Configuration("MutatingWebhookConfiguration", "c", MapRule, NotSkipMe, "/c").ToJsonString());
        var skipped = await server.MustAsync("POST", Maps, Map("skip-me", "x"));
        var other = await server.MustAsync("POST", Maps, Map("other", "x"));
        Assert.Equal((null, "yes"), ((string?)skipped["data"]!["mutated"], (string?)other["data"]!["mutated"]));
        Assert.Single(hooks.Reviews);
    }

    [Fact]
    public async Task A_condition_that_fails_refuses_by_the_failure_policy()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await hooks.ServeAsync(Conditions);
        await server.MustAsync("POST", ValidatingPath, hooks.Configuration("ValidatingWebhookConfiguration", "v", MapRule, """{"matchConditions":[{"name":"n","expression":"object.absent == 'x'"}]}""", "/c").ToJsonString());
        var refused = await server.SendAsync("POST", Maps, Map("a", "x"));
        Assert.Equal((403, "configmaps \"a\" is forbidden: expression 'object.absent == 'x'' resulted in error: no such key: absent"), (refused.Code, refused.Message));
        await server.MustAsync("PATCH", $"{ValidatingPath}/v", """[{"op":"replace","path":"/webhooks/0/failurePolicy","value":"Ignore"}]""", "application/json-patch+json");
        await server.MustAsync("POST", Maps, Map("a", "x"));
        Assert.Empty(hooks.Reviews);
    }

    [Theory]
    [InlineData("object.metadata.name", "must evaluate to bool but got dyn")]
    [InlineData("'a'", "must evaluate to bool but got string")]
    [InlineData("[1]", "must evaluate to bool but got list(int)")]
    [InlineData("request.absent == 1", "compilation failed: ERROR: <input>:1:8: undefined field 'absent'\n | request.absent == 1\n | .......^")]
    [InlineData("params == null", "compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')\n | params == null\n | ^")]
    public void Problems_are_told_in_upstreams_words(string expression, string problem) => Assert.Equal([problem], Conditions.Problems(expression));

    [Theory]
    [InlineData(true, "true", "object.metadata.name == 'a'", "oldObject == null", "request.operation == 'CREATE'")]
    [InlineData(true, "request.kind.kind == 'ConfigMap' && request.resource.resource == 'configmaps' && request.userInfo.username == 'alice'", "!request.dryRun", "request.options.kind == 'CreateOptions'")]
    [InlineData(true, "!has(request.subResource)", "namespaceObject == null")]
    [InlineData(true, "authorizer.requestResource.check('create').allowed()", "!authorizer.group('').resource('secrets').namespace('x').check('get').allowed()")]
    [InlineData(true, "!authorizer.path('/healthz').check('get').allowed()", "authorizer.serviceAccount('a', 'b').group('').resource('configmaps').check('create').reason() == 'system:serviceaccount:a:b'")]
    [InlineData(false, "object.absent", "false")]
    [InlineData(false, "false")]
    public async Task Conditions_see_the_request(bool isMatch, params string[] expressions)
    {
        var verdict = await EvaluateAsync(expressions.Select(e => e == "object.absent" ? "object.absent == 1" : e));
        Assert.Equal(new MatchVerdict(isMatch), verdict);
    }

    [Fact]
    public async Task Errors_of_several_conditions_are_told_together()
    {
        var verdict = await EvaluateAsync(["object.a == 1", "true", "object.b == 1"]);
        Assert.Equal("[expression 'object.a == 1' resulted in error: no such key: a, expression 'object.b == 1' resulted in error: no such key: b]", verdict.Error);
    }

    [Fact]
    public async Task Conditions_share_a_budget()
    {
        const string Long = "[1,2,3,4,5,6,7,8,9,10]";
        var costly = $"{Long}.all(a, {Long}.all(b, {Long}.all(c, {Long}.all(d, {Long}.all(e, a + b + c + d + e > 0)))))";
        var verdict = await EvaluateAsync([costly, costly, costly, costly]);
        Assert.Equal("validation failed due to running out of cost budget, no further validation rules will be run", verdict.Error);
    }

    private static async Task<MatchVerdict> EvaluateAsync(IEnumerable<string> expressions)
    {
        var request = (JsonObject)JsonNode.Parse("""
            {"kind":{"group":"","version":"v1","kind":"ConfigMap"},"resource":{"group":"","version":"v1","resource":"configmaps"},
             "requestKind":{"group":"","version":"v1","kind":"ConfigMap"},"requestResource":{"group":"","version":"v1","resource":"configmaps"},
             "name":"a","namespace":"default","operation":"CREATE","userInfo":{"username":"alice"},"dryRun":false,"options":{"kind":"CreateOptions"}}
            """)!;
        var obj = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "a" } };
        MatchCondition[] conditions = [.. expressions.Select((e, i) => new MatchCondition { Name = $"c{i}", Expression = e })];
        return await Conditions.EvaluateAsync(conditions, new(request, obj, null, UserInfo.Of("alice")), TestContext.Current.CancellationToken);
    }

    /// <summary>Allows what is done to config maps, with the user's name as reason.</summary>
    private sealed class OnlyConfigMaps : IAuthorizer
    {
        public ValueTask<AuthorizationResult> AuthorizeAsync(UserInfo user, RequestInfo request, CancellationToken ct) =>
            new(request is { IsResourceRequest: true, Resource: "configmaps" } ? new AuthorizationResult(Decision.Allow, user.Name) : AuthorizationResult.None);
    }
}
