using System.Text.Json.Nodes;
using static Kobune.ApiServer.Tests.Admission.Policies.PolicyServer;

namespace Kobune.ApiServer.Tests.Admission.Policies;

/// <summary>What bound policies do to requests.</summary>
public class ValidatingPolicyTests
{
    [Fact]
    public async Task A_new_policy_refuses_the_next_request()
    {
        await using var server = await StartAsync();
        await BindAsync(server, "p", """{"validations":[{"expression":"object.data.a == 'good'"}]}""");
        await server.MustAsync("POST", Maps, Map("a", "good"));
        var refused = await server.SendAsync("POST", Maps, Map("b", "bad"));
        Assert.Equal((422, "Invalid"), (refused.Code, refused.Reason));
        const string Message = "ValidatingAdmissionPolicy 'p' with binding 'p-binding' denied request: failed expression: object.data.a == 'good'";
        Assert.Equal($"configmaps \"b\" is forbidden: {Message}", refused.Message);
        Assert.Equal(Message, (string?)refused.Body["details"]!["causes"]![0]!["message"]);
        Assert.Equal(422, (await server.SendAsync("PATCH", $"{Maps}/a", """{"data":{"a":"bad"}}""", "application/merge-patch+json")).Code);
        await server.MustAsync("DELETE", $"{BindingPath}/p-binding");
        await server.MustAsync("POST", Maps, Map("b", "bad"));
    }

    [Theory]
    [InlineData("""{"expression":"false","message":" no way "}""", 422, "Invalid", "no way")]
    [InlineData("""{"expression":"false","message":"no","messageExpression":"'value ' + object.data.a"}""", 422, "Invalid", "value x")]
    [InlineData("""{"expression":"false","message":"no","messageExpression":"object.absent + 'x'"}""", 422, "Invalid", "no")]
    [InlineData("""{"expression":"false","message":"no","messageExpression":"'a\\nb'"}""", 422, "Invalid", "no")]
    [InlineData("""{"expression":"false","reason":"Forbidden"}""", 403, "Forbidden", "failed expression: false")]
    [InlineData("""{"expression":"false","reason":"RequestEntityTooLarge"}""", 413, "RequestEntityTooLarge", "failed expression: false")]
    [InlineData("""{"expression":"object.absent == 1","reason":"Forbidden"}""", 422, "Invalid", "expression 'object.absent == 1' resulted in error: no such key: absent")]
    public async Task Refusals_have_the_message_and_reason_of_the_validation(string validation, int code, string reason, string message)
    {
        await using var server = await StartAsync();
        await BindAsync(server, "p", $$"""{"validations":[{{validation}}]}""");
        var refused = await server.SendAsync("POST", Maps, Map("b", "x"));
        Assert.Equal((code, reason, $"configmaps \"b\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p-binding' denied request: {message}"), (refused.Code, refused.Reason, refused.Message));
    }

    [Theory]
    [InlineData("object.metadata.name == 'b' && oldObject == null && request.operation == 'CREATE'", true)]
    [InlineData("namespaceObject.metadata.labels.env == 'prod' && timestamp(dyn(namespaceObject).metadata.creationTimestamp) > timestamp('2020-01-01T00:00:00Z')", true)]
    [InlineData("namespaceObject.metadata.creationTimestamp > timestamp('2020-01-01T00:00:00Z')", false)]
    [InlineData("has(dyn(namespaceObject).metadata.uid) && !has(dyn(namespaceObject).metadata.managedFields)", true)]
    [InlineData("has(dyn(request).object) && has(dyn(request).oldObject) && dyn(request).object == null", true)]
    [InlineData("has(request.options.fieldValidation) || has(request.options.fieldManager)", false)]
    [InlineData("request.userInfo.username == 'admin' && request.kind.kind == 'ConfigMap'", true)]
    [InlineData("authorizer.requestResource.check('create').allowed()", false)]
    [InlineData("authorizer.group('').resource('configmaps').check('get').allowed()", false)]
    [InlineData("variables.label == 'prod' && variables.both", true)]
    public async Task Expressions_see_the_request(string expression, bool isAllowed)
    {
        await using var server = await StartAsync();
        const string Variables = """[{"name":"label","expression":"namespaceObject.metadata.labels['env']"},{"name":"both","expression":"variables.label == 'prod' && object.data.a == 'x'"},{"name":"never","expression":"object.absent"}]""";
        await BindAsync(server, "p", $$"""{"variables":{{Variables}},"validations":[{"expression":"{{expression}}"}]}""");
        Assert.Equal(isAllowed ? 201 : 422, (await server.SendAsync("POST", Maps, Map("b", "x"))).Code);
    }

    [Fact]
    public async Task Variables_take_part_in_the_decision_on_a_deployment()
    {
        await using var server = await StartAsync();
        const string Deployments = """{"resourceRules":[{"operations":["CREATE"],"apiGroups":["apps"],"apiVersions":["v1"],"resources":["deployments"]}]}""";
        await BindAsync(server, "d", """{"variables":[{"name":"replicas","expression":"object.spec.replicas"},{"name":"isEven","expression":"variables.replicas % 2 == 0"}],"validations":[{"expression":"variables.replicas > 1"},{"expression":"variables.isEven"}]}""", constraints: Deployments);
        static string Deployment(int replicas) => """{"metadata":{"name":"dN"},"spec":{"replicas":N,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}"""
            .Replace("N", $"{replicas}", StringComparison.Ordinal);
        const string Path = "/apis/apps/v1/namespaces/default/deployments";
        await server.MustAsync("POST", Path, Deployment(2));
        Assert.EndsWith("failed expression: variables.replicas > 1", (await server.SendAsync("POST", Path, Deployment(1))).Message, StringComparison.Ordinal);
        Assert.EndsWith("failed expression: variables.isEven", (await server.SendAsync("POST", Path, Deployment(3))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Variables_that_fail_are_told_with_their_name()
    {
        await using var server = await StartAsync();
        await BindAsync(server, "p", """{"variables":[{"name":"x","expression":"object.absent"}],"validations":[{"expression":"variables.x == 1"}]}""");
        var refused = await server.SendAsync("POST", Maps, Map("b", "x"));
        Assert.EndsWith("expression 'variables.x == 1' resulted in error: composited variable \"x\" fails to evaluate: no such key: absent", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failure_policy_ignore_lets_errors_pass_and_not_denials()
    {
        await using var server = await StartAsync();
        await BindAsync(server, "p", """{"failurePolicy":"Ignore","validations":[{"expression":"object.absent == 1"},{"expression":"object.data.a == 'x'"}]}""");
        await server.MustAsync("POST", Maps, Map("a", "x"));
        Assert.Equal(422, (await server.SendAsync("POST", Maps, Map("b", "y"))).Code);
    }

    [Fact]
    public async Task Action_warn_sends_a_warning_and_audit_lets_the_request_pass()
    {
        await using var server = await StartAsync();
        await BindAsync(server, "p", """{"validations":[{"expression":"false","message":"careful"}]}""", """{"validationActions":["Warn","Audit"]}""");
        var answer = await server.SendAsync("POST", Maps, Map("a", "x"));
        Assert.Equal(201, answer.Code);
        Assert.Equal(["Validation failed for ValidatingAdmissionPolicy 'p' with binding 'p-binding': careful"], answer.Warnings);
    }

    [Fact]
    public async Task Options_show_what_the_client_gave()
    {
        await using var server = await StartAsync();
        await BindAsync(server, "p", """{"validations":[{"expression":"request.options.fieldValidation == 'Strict' && request.options.fieldManager == 'me' && request.options.dryRun == ['All']"}]}""");
        await server.MustAsync("POST", $"{Maps}?fieldValidation=Strict&fieldManager=me&dryRun=All", Map("b", "x"));
    }

    [Fact]
    public async Task A_generated_name_is_known_when_the_object_is_finished()
    {
        await using var server = await StartAsync();
        await BindAsync(server, "p", """{"validations":[{"expression":"request.name.startsWith('gen-') && request.name == object.metadata.name"}]}""");
        await server.MustAsync("POST", Maps, """{"metadata":{"generateName":"gen-"},"data":{"a":"x"}}""");
    }

    [Theory]
    [InlineData("namespaceObject == null", 422)]
    [InlineData("request.resource.version == 'v1' && request.kind.version == 'v2'", 422)]
    [InlineData("request.resource.version == 'v2'", 201)]
    public async Task Match_conditions_see_no_namespace_and_the_resource_of_the_request(string condition, int code)
    {
        await using var server = await StartAsync();
        const string Scalers = """{"resourceRules":[{"operations":["CREATE"],"apiGroups":["autoscaling"],"apiVersions":["v2"],"resources":["horizontalpodautoscalers"]}]}""";
        await BindAsync(server, "p", $$"""{"matchConditions":[{"name":"c","expression":"{{condition}}"}],"validations":[{"expression":"namespaceObject == null || request.resource.version != 'v2'"}]}""", constraints: Scalers);
        const string Scaler = """{"metadata":{"name":"a"},"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"d","apiVersion":"apps/v1"}}}""";
        Assert.Equal(code, (await server.SendAsync("POST", "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers", Scaler)).Code);
    }

    [Fact]
    public async Task Match_conditions_exempt_requests()
    {
        await using var server = await StartAsync();
        await BindAsync(server, "p", """{"matchConditions":[{"name":"not-b","expression":"object.metadata.name != 'b'"}],"validations":[{"expression":"false"}]}""");
        await server.MustAsync("POST", Maps, Map("b", "x"));
        Assert.Equal(422, (await server.SendAsync("POST", Maps, Map("a", "x"))).Code);
    }

    [Theory]
    [InlineData("""{"objectSelector":{"matchLabels":{"k":"v"}}}""", 201, 422)]
    [InlineData("""{"namespaceSelector":{"matchLabels":{"env":"test"}}}""", 201, 201)]
    [InlineData("""{"namespaceSelector":{"matchLabels":{"env":"prod"}}}""", 422, 422)]
    [InlineData("""{"excludeResourceRules":[{"resourceNames":["plain"],"operations":["*"],"apiGroups":["*"],"apiVersions":["*"],"resources":["*"]}]}""", 201, 422)]
    [InlineData("""{"resourceRules":[{"resourceNames":["labelled"],"operations":["*"],"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps"]}]}""", 201, 422)]
    [InlineData("""{"resourceRules":[{"operations":["DELETE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps"]}]}""", 201, 201)]
    public async Task Bindings_narrow_what_a_policy_means(string match, int plain, int labelled)
    {
        await using var server = await StartAsync();
        await BindAsync(server, "p", """{"validations":[{"expression":"false"}]}""", $$"""{"validationActions":["Deny"],"matchResources":{{match}}}""");
        Assert.Equal(plain, (await server.SendAsync("POST", Maps, Map("plain", "x"))).Code);
        Assert.Equal(labelled, (await server.SendAsync("POST", Maps, Map("labelled", "x", """{"k":"v"}"""))).Code);
    }

    [Theory]
    [InlineData("Equivalent", 422)]
    [InlineData("Exact", 201)]
    public async Task A_rule_for_another_version_means_equivalent_requests(string policy, int code)
    {
        await using var server = await StartAsync();
        var constraints = $$"""{"matchPolicy":"{{policy}}","resourceRules":[{"operations":["*"],"apiGroups":["autoscaling"],"apiVersions":["v1"],"resources":["horizontalpodautoscalers"]}]}""";
        await BindAsync(server, "p", """{"validations":[{"expression":"object.apiVersion != 'autoscaling/v1' || !has(object.spec.targetCPUUtilizationPercentage)"}]}""", constraints: constraints);
        const string Body = """{"metadata":{"name":"h"},"spec":{"maxReplicas":3,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"d"},"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}]}}""";
        Assert.Equal(code, (await server.SendAsync("POST", "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers", Body)).Code);
    }

    [Fact]
    public async Task Params_are_read_by_name_and_by_selector()
    {
        await using var server = await StartAsync();
        await server.MustAsync("POST", Maps, Map("limits", "5", """{"use":"yes"}"""));
        const string Spec = """{"paramKind":{"apiVersion":"v1","kind":"ConfigMap"},"validations":[{"expression":"object.metadata.name == 'limits' || object.data.a == params.data.a","messageExpression":"'must be ' + params.data.a"}]}""";
        await BindAsync(server, "n", Spec, """{"validationActions":["Deny"],"paramRef":{"name":"limits","namespace":"default","parameterNotFoundAction":"Deny"}}""");
        await BindAsync(server, "s", Spec, """{"validationActions":["Deny"],"paramRef":{"selector":{"matchLabels":{"use":"yes"}},"parameterNotFoundAction":"Allow"}}""");
        await server.MustAsync("POST", Maps, Map("a", "5"));
        var refused = await server.SendAsync("POST", Maps, Map("b", "6"));
        Assert.Equal((422, true), (refused.Code, refused.Message.EndsWith("'n' with binding 'n-binding' denied request: must be 5", StringComparison.Ordinal)));
        await server.MustAsync("DELETE", $"{BindingPath}/n-binding");
        Assert.EndsWith("'s' with binding 's-binding' denied request: must be 5", (await server.SendAsync("POST", Maps, Map("b", "6"))).Message, StringComparison.Ordinal);
        await server.MustAsync("DELETE", $"{BindingPath}/s-binding");
        await BindAsync(server, "none", Spec, """{"validationActions":["Deny"],"paramRef":{"selector":{"matchLabels":{"use":"no"}},"parameterNotFoundAction":"Allow"}}""");
        await server.MustAsync("POST", Maps, Map("b", "6"));
    }

    [Theory]
    [InlineData("ConfigMap", """{"name":"none","namespace":"default","parameterNotFoundAction":"Deny"}""", "with binding 'p-binding' denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction")]
    [InlineData("Namespace", """{"name":"none","namespace":"default","parameterNotFoundAction":"Deny"}""", "with binding 'p-binding' denied request: failed to configure binding: paramRef.namespace must not be provided for a cluster-scoped `paramKind`")]
    [InlineData("Absent", """{"name":"none","parameterNotFoundAction":"Allow"}""", "denied request: failed to configure policy: failed to find resource referenced by paramKind: '/v1, Kind=Absent'")]
    [InlineData("ConfigMap", """{"name":"none","parameterNotFoundAction":"Allow"}""", null)]
    public async Task Params_that_are_not_there_refuse_or_are_ignored(string kind, string reference, string? problem)
    {
        await using var server = await StartAsync();
        await BindAsync(server, "p", $$"""{"paramKind":{"apiVersion":"v1","kind":"{{kind}}"},"validations":[{"expression":"params != null && false"}]}""", $$"""{"validationActions":["Warn"],"paramRef":{{reference}}}""");
        var answer = await server.SendAsync("POST", Maps, Map("a", "x"));
        Assert.Equal(problem is null ? (201, "") : (422, $"configmaps \"a\" is forbidden: ValidatingAdmissionPolicy 'p' {problem}"), (answer.Code, answer.Message));
    }

    [Fact]
    public async Task An_audit_annotation_that_fails_refuses_whatever_the_actions_are()
    {
        await using var server = await StartAsync();
        await BindAsync(server, "p", """{"auditAnnotations":[{"key":"k","valueExpression":"object.data.a == 'x' ? 'fine' : string(object.absent)"}]}""", """{"validationActions":["Audit"]}""");
        await server.MustAsync("POST", Maps, Map("a", "x"));
        Assert.Contains("no such key: absent", (await server.SendAsync("POST", Maps, Map("b", "y"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Configurations_of_admission_are_exempt()
    {
        await using var server = await StartAsync();
        await BindAsync(server, "p", """{"validations":[{"expression":"false"}]}""", constraints: """{"resourceRules":[{"operations":["*"],"apiGroups":["*"],"apiVersions":["*"],"resources":["*"]}]}""");
        await server.MustAsync("DELETE", $"{PolicyPath}/p");
        await server.MustAsync("POST", Maps, Map("a", "x"));
    }

    [Fact]
    public async Task The_status_tells_the_generation_that_was_looked_at()
    {
        await using var server = await StartAsync();
        await using var watch = server.Watch($"{PolicyPath}?watch=true");
        await server.MustAsync("POST", PolicyPath, Policy("p", """{"validations":[{"expression":"true"}]}"""));
        JsonNode? policy;
        do
        {
            policy = (await watch.NextAsync()).Object;
        }
        while ((long?)policy!["status"]?["observedGeneration"] != 1);

        Assert.NotNull(policy["status"]!["typeChecking"]);
    }
}
