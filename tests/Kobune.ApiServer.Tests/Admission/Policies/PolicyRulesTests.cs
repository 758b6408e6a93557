using System.Text.Json.Nodes;
using static Kobune.ApiServer.Tests.Admission.Policies.PolicyServer;

namespace Kobune.ApiServer.Tests.Admission.Policies;

/// <summary>What policies and bindings may say.</summary>
public class PolicyRulesTests
{
    private const string Valid = "\"validations\":[{\"expression\":\"true\"}]";

    [Theory]
    [InlineData("""{}""", "spec.validations: Required value: validations or auditAnnotations must contain at least one item", "spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item")]
    [InlineData("""{"validations":[{"expression":"object.x < object.y && )"}]}""", "spec.validations[0].expression: Invalid value: \"object.x < object.y && )\": compilation failed: ERROR: <input>:1:")]
    [InlineData("""{"validations":[{"expression":"1"}]}""", "spec.validations[0].expression: Invalid value: \"1\": must evaluate to bool but got int")]
    [InlineData("""{"validations":[{"expression":" "}]}""", "spec.validations[0].expression: Required value: expression is not specified")]
    [InlineData("""{"validations":[{"expression":"params == null"}]}""", "undeclared reference to 'params'")]
    [InlineData("""{"validations":[{"expression":"true","message":"a\nb","reason":"Odd","messageExpression":"1"}]}""", "messageExpression: Invalid value: \"1\": must evaluate to string but got int", "message: Invalid value: \"a\\nb\": message must not contain line breaks", "reason: Unsupported value: \"Odd\": supported values: \"Forbidden\", \"Invalid\", \"RequestEntityTooLarge\"")]
    [InlineData("""{"validations":[{"expression":"true","messageExpression":"string(authorizer.path('/').check('get').allowed())"}]}""", "undeclared reference to 'authorizer'")]
    [InlineData("""{"variables":[{"name":"1x","expression":"1"},{"name":"in","expression":" "}],"validations":[{"expression":"true"}]}""", "spec.variables[0].name: Invalid value: \"1x\": name is not a valid CEL identifier", "spec.variables[1].name: Invalid value: \"in\": name is not a valid CEL identifier", "spec.variables[1].expression: Required value: expression is not specified")]
    [InlineData("""{"variables":[{"name":"a","expression":"variables.b"},{"name":"b","expression":"1"}],"validations":[{"expression":"true"}]}""", "spec.variables[0].expression: Invalid value: \"variables.b\": compilation failed: ERROR: <input>:1:")]
    [InlineData("""{"variables":[{"name":"b","expression":"1"}],"matchConditions":[{"name":"m","expression":"variables.b == 1"}],"validations":[{"expression":"variables.b == 'x'"}]}""", "spec.matchConditions[0].expression: Invalid value: \"variables.b == 1\": compilation failed:", "found no matching overload for '_==_' applied to '(int, string)'")]
    [InlineData("""{"auditAnnotations":[{"key":"a b","valueExpression":"1"},{"key":"a b","valueExpression":""}]}""", "spec.auditAnnotations[0].key: Invalid value: \"p/a b\"", "spec.auditAnnotations[0].valueExpression: Invalid value: \"1\": must evaluate to one of [string null_type] but got int", "spec.auditAnnotations[1].key: Duplicate value: \"a b\"", "spec.auditAnnotations[1].valueExpression: Required value: valueExpression is not specified")]
    [InlineData("""{"paramKind":{"kind":"X_Y","apiVersion":"a/b/c"},"validations":[{"expression":"true"}]}""", "spec.paramKind.apiVersion: Invalid value: \"a/b/c\": unexpected GroupVersion string: a/b/c", "spec.paramKind.kind: Invalid value: \"X_Y\": may have mixed case, but should otherwise match: ")]
    [InlineData("""{"failurePolicy":"Odd","matchConstraints":{"matchPolicy":"Odd","resourceRules":[{"operations":[],"apiGroups":[""],"apiVersions":["v1"],"resources":["pods"],"resourceNames":["a/b","x","x"]}]},"validations":[{"expression":"true"}]}""", "spec.failurePolicy: Unsupported value: \"Odd\": supported values: \"Fail\", \"Ignore\"", "spec.matchConstraints.matchPolicy: Unsupported value: \"Odd\"", "spec.matchConstraints.resourceRules[0].resourceNames[0]: Invalid value: \"a/b\"", "spec.matchConstraints.resourceRules[0].resourceNames[2]: Duplicate value: \"x\"", "spec.matchConstraints.resourceRules[0].operations: Required value")]
    [InlineData("""{"matchConstraints":{},"validations":[{"expression":"true"}]}""", "spec.matchConstraints.resourceRules: Required value")]
    public async Task Policies_are_refused_in_upstreams_words(string spec, params string[] problems)
    {
        await using var server = await StartAsync();
        var refused = await server.SendAsync("POST", PolicyPath, Policy("p", spec));
        Assert.Equal(422, refused.Code);
        Assert.All(problems, p => Assert.Contains(p, refused.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"validationActions":["Deny"]}""", "spec.policyName: Required value")]
    [InlineData("""{"policyName":"p"}""", "spec.validationActions: Required value: at least one validation action is required")]
    [InlineData("""{"policyName":"p","validationActions":["Deny","Warn"]}""", "spec.validationActions: Invalid value: [\"Deny\",\"Warn\"]: must not contain both Deny and Warn")]
    [InlineData("""{"policyName":"p","validationActions":["Odd"]}""", "spec.validationActions[0]: Unsupported value: \"Odd\": supported values: \"Audit\", \"Deny\", \"Warn\"")]
    [InlineData("""{"policyName":"p","validationActions":["Deny"],"paramRef":{}}""", "spec.paramRef: Required value: one of name or selector must be specified", "spec.paramRef.parameterNotFoundAction: Required value")]
    [InlineData("""{"policyName":"p","validationActions":["Deny"],"paramRef":{"name":"n","selector":{},"parameterNotFoundAction":"Odd"}}""", "spec.paramRef.name: Forbidden: name and selector are mutually exclusive", "spec.paramRef.selector: Forbidden: name and selector are mutually exclusive", "spec.paramRef.parameterNotFoundAction: Unsupported value: \"Odd\"")]
    [InlineData("""{"policyName":"p","validationActions":["Deny"],"matchResources":{"matchPolicy":"Odd"}}""", "spec.matchResouces.matchPolicy: Unsupported value: \"Odd\"")]
    public async Task Bindings_are_refused_in_upstreams_words(string spec, params string[] problems)
    {
        await using var server = await StartAsync();
        var refused = await server.SendAsync("POST", BindingPath, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "b" }, ["spec"] = JsonNode.Parse(spec) }.ToJsonString());
        Assert.Equal(422, refused.Code);
        Assert.All(problems, p => Assert.Contains(p, refused.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Policies_and_bindings_have_defaults()
    {
        await using var server = await StartAsync();
        var policy = await server.MustAsync("POST", PolicyPath, Policy("p", $"{{{Valid}}}"));
        Assert.Equal(("Fail", "Equivalent"), ((string?)policy["spec"]!["failurePolicy"], (string?)policy["spec"]!["matchConstraints"]!["matchPolicy"]));
    }
}
