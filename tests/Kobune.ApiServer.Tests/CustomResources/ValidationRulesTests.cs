using System.Text.Json.Nodes;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.CustomResources;

public class ValidationRulesTests
{
    private const string Objects = "/apis/stable.example.com/v1/namespaces/default/crontabs";
    private const string Field = "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0]";
    private const string Budget = " (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)";

    [Theory]
    [InlineData("""{"rule":""}""", Field + ".rule: Required value: rule is not specified")]
    [InlineData("""{"rule":"true","message":"a\nb"}""", Field + ".message: Invalid value: \"a\\nb\": must not contain line breaks")]
    [InlineData("""{"rule":"true","message":" "}""", Field + ".message: Invalid value: \" \": must be non-empty if specified")]
    [InlineData("""{"rule":"true\n&& true"}""", Field + ".message: Required value: message must be specified if rule contains line breaks")]
    [InlineData("""{"rule":"true","messageExpression":" "}""", Field + ".messageExpression: Required value: messageExpression must be non-empty if specified")]
    [InlineData("""{"rule":"true","reason":"Other"}""", Field + ".reason: Unsupported value: \"Other\": supported values: \"FieldValueDuplicate\", \"FieldValueForbidden\", \"FieldValueInvalid\", \"FieldValueRequired\"")]
    [InlineData("""{"rule":"true","fieldPath":".none"}""", Field + ".fieldPath: Invalid value: \".none\": must be a valid path")]
    [InlineData("""{"rule":"true","fieldPath":"a"}""", Field + ".fieldPath: Invalid value: \"a\": must be a valid path")]
    [InlineData("""{"rule":"true","optionalOldSelf":true}""", Field + ".optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule")]
    [InlineData("""{"rule":"1"}""", Field + ".rule: Invalid value: {\"Rule\":\"1\",\"Message\":\"\",\"MessageExpression\":\"\",\"Reason\":null,\"FieldPath\":\"\",\"OptionalOldSelf\":null}: cel expression must evaluate to a bool")]
    [InlineData("""{"rule":"true","messageExpression":"1"}""", Field + ".messageExpression: Invalid value: {\"Rule\":\"true\",\"Message\":\"\",\"MessageExpression\":\"1\",\"Reason\":null,\"FieldPath\":\"\",\"OptionalOldSelf\":null}: messageExpression must evaluate to a string")]
    [InlineData("""{"rule":"self.b == 1"}""", Field + ".rule: Invalid value: {\"Rule\":\"self.b == 1\",\"Message\":\"\",\"MessageExpression\":\"\",\"Reason\":null,\"FieldPath\":\"\",\"OptionalOldSelf\":null}: compilation failed: ERROR: <input>:1:5: undefined field 'b'\n | self.b == 1\n | ....^")]
    public async Task A_definition_with_a_bad_rule_is_refused(string rule, string problem)
    {
        await using var server = await TestServer.StartAsync();
        var refused = await server.SendAsync("POST", Definitions.Path, Definitions.CronTabs(Spec(rule)).ToJsonString());
        Assert.Equal($"CustomResourceDefinition.apiextensions.k8s.io \"crontabs.stable.example.com\" is invalid: {problem}", refused.Message);
    }

    [Fact]
    public async Task Rules_that_cost_too_much_are_refused()
    {
        await using var server = await TestServer.StartAsync();
        const string Rule = "self.texts.all(x, self.texts.all(y, x == y))";
        var refused = await server.SendAsync("POST", Definitions.Path, Definitions.CronTabs(Spec($$"""{"rule":"{{Rule}}"}""")).ToJsonString());
        Assert.Contains(Field + ".rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x" + Budget, refused.Message, StringComparison.Ordinal);
        Assert.Contains(Field + ".rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema", refused.Message, StringComparison.Ordinal);
        Assert.Contains("spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x" + Budget, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_of_unknown_length_costs_too_much()
    {
        await using var server = await TestServer.StartAsync();
        var refused = await server.SendAsync("POST", Definitions.Path, Definitions.CronTabs(Spec("""{"rule":"self.a < 5","messageExpression":"'a is ' + string(self.a)"}""")).ToJsonString());
        Assert.Contains(Field + ".messageExpression: Forbidden: estimated messageExpression cost exceeds budget by factor of more than 100x" + Budget, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_with_a_constant_that_cannot_be_used_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        var refused = await server.SendAsync("POST", Definitions.Path, Definitions.CronTabs(Spec("""{"rule":"int('x') == self.a"}""")).ToJsonString());
        Assert.EndsWith(": program instantiation failed: type conversion error from 'string' to 'int'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transition_rule_below_a_list_without_keys_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        const string Schema = """{"type":"object","properties":{"l":{"type":"array","maxItems":5,"items":{"type":"integer","x-kubernetes-validations":[{"rule":"self == oldSelf"}]}}}}""";
        var refused = await server.SendAsync("POST", Definitions.Path, Definitions.CronTabs(Schema).ToJsonString());
        const string Path = "spec.validation.openAPIV3Schema.properties[spec].properties[l]";
        Assert.EndsWith($" is invalid: {Path}.items.x-kubernetes-validations[0].rule: Invalid value: \"self == oldSelf\": oldSelf cannot be used on the uncorrelatable portion of the schema within {Path}", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"rule":"self.a < 5"}""", """{"a":3}""", null)]
    [InlineData("""{"rule":"self.a < 5"}""", """{"a":7}""", "spec: Invalid value: failed rule: self.a < 5")]
    [InlineData("""{"rule":"self.a < 5","message":"too much"}""", """{"a":7}""", "spec: Invalid value: too much")]
    [InlineData("""{"rule":"self.a < 5","messageExpression":"self.a > 6 ? 'over six' : 'five'"}""", """{"a":7}""", "spec: Invalid value: over six")]
    [InlineData("""{"rule":"self.port != 'x'"}""", """{"port":"x"}""", "spec: Invalid value: failed rule: self.port != 'x'")]
    [InlineData("""{"rule":"self.a < 5","message":"too much","messageExpression":"' '"}""", """{"a":7}""", "spec: Invalid value: too much")]
    [InlineData("""{"rule":"self.a < 5","reason":"FieldValueForbidden","fieldPath":".a"}""", """{"a":7}""", "spec.a: Forbidden: failed rule: self.a < 5")]
    [InlineData("""{"rule":"self.a < 5","reason":"FieldValueRequired","message":"m"}""", """{"a":7}""", "spec: Required value: m")]
    [InlineData("""{"rule":"self.a < 5","reason":"FieldValueDuplicate"}""", """{"a":7}""", "spec: Duplicate value")]
    [InlineData("""{"rule":"self.map['x'] == 1"}""", """{"map":{"y":1}}""", "spec: Invalid value: \"object\": no such key: x evaluating rule: self.map['x'] == 1")]
    [InlineData("""{"rule":"self.port == 80 || self.port == 'http'"}""", """{"port":"http"}""", null)]
    [InlineData("""{"rule":"self.pod.metadata.name == 'p' && self.pod.kind == 'Pod'"}""", """{"pod":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"}}}""", null)]
    [InlineData("""{"rule":"self.a < 5"}""", """{"a":"x"}""", "[spec.a: Invalid value: \"string\": spec.a in body must be of type integer: \"string\", <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]")]
    public async Task Objects_are_held_to_the_rules(string rule, string spec, string? problem)
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Definitions.CronTabs(Spec(rule)));
        var answer = await server.SendAsync("POST", Objects, Object(spec));
        Assert.Equal(problem is null ? 201 : 422, answer.Code);
        if (problem is not null)
        {
            Assert.Equal($"CronTab.stable.example.com \"a\" is invalid: {problem}", answer.Message);
        }
    }

    [Fact]
    public async Task A_rule_of_the_root_sees_the_name_and_holds_at_the_status_too()
    {
        await using var server = await TestServer.StartAsync();
        var crd = Definitions.CronTabs(Spec("""{"rule":"true"}"""), """{"subresources":{"status":{}}}""");
        var root = (JsonObject)crd["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!;
        root["x-kubernetes-validations"] = JsonNode.Parse("""[{"rule":"self.metadata.name.startsWith('a') && self.kind == 'CronTab'"}]""");
        root["properties"]!["status"] = JsonNode.Parse("""{"type":"object","properties":{"n":{"type":"integer","x-kubernetes-validations":[{"rule":"self >= oldSelf","message":"only up"}]}}}""");
        await server.EstablishAsync(crd);
        await server.MustAsync("POST", Objects, Object("{}"));
        var refused = await server.SendAsync("POST", Objects, Object("{}").Replace("\"a\"", "\"b\"", StringComparison.Ordinal));
        Assert.EndsWith(" is invalid: <nil>: Invalid value: failed rule: self.metadata.name.startsWith('a') && self.kind == 'CronTab'", refused.Message, StringComparison.Ordinal);
        await server.MustAsync("PATCH", $"{Objects}/a/status", """{"status":{"n":2}}""", "application/merge-patch+json");
        var lower = await server.SendAsync("PATCH", $"{Objects}/a/status", """{"status":{"n":1}}""", "application/merge-patch+json");
        Assert.EndsWith(" is invalid: status.n: Invalid value: 1: only up", lower.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a":2}""", null)]
    [InlineData("""{"a":0}""", "spec: Invalid value: grows")]
    [InlineData("""{"a":1,"parts":[{"name":"y","v":1},{"name":"x","v":2}]}""", "spec.parts[1].v: Invalid value: 2: fixed")]
    [InlineData("""{"a":1,"parts":[{"name":"y","v":5},{"name":"x","v":1}]}""", null)]
    public async Task Transition_rules_compare_with_what_was_there(string spec, string? problem)
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Definitions.CronTabs(Spec("""{"rule":"self.a >= oldSelf.a","message":"grows"}""")));
        await server.MustAsync("POST", Objects, Object("""{"a":1,"parts":[{"name":"x","v":1}]}"""));
        var answer = await server.SendAsync("PATCH", $"{Objects}/a", "{\"spec\":" + spec + "}", "application/merge-patch+json");
        Assert.Equal(problem is null ? 200 : 422, answer.Code);
        if (problem is not null)
        {
            Assert.Equal($"CronTab.stable.example.com \"a\" is invalid: {problem}", answer.Message);
        }
    }

    [Fact]
    public async Task An_optional_old_value_lets_a_rule_see_the_create()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Definitions.CronTabs(Spec("""{"rule":"oldSelf.hasValue() || self.a == 1","message":"begins with one","optionalOldSelf":true}""")));
        var refused = await server.SendAsync("POST", Objects, Object("""{"a":2}"""));
        Assert.EndsWith(" is invalid: spec: Invalid value: begins with one", refused.Message, StringComparison.Ordinal);
        await server.MustAsync("POST", Objects, Object("""{"a":1}"""));
        await server.MustAsync("PATCH", $"{Objects}/a", """{"spec":{"a":2}}""", "application/merge-patch+json");
    }

    /// <summary>A rule that came after the object does not hold up changes elsewhere.</summary>
    [Theory]
    [InlineData("""{"a":9,"b":2}""", "")]
    [InlineData("""{"a":8,"b":1}""", "a: Invalid value: 8: failed rule: self < 5")]
    public void What_an_update_does_not_touch_is_not_held_to_a_rule(string now, string problem)
    {
        var schema = (JsonObject)JsonNode.Parse("""{"type":"object","properties":{"a":{"type":"integer","x-kubernetes-validations":[{"rule":"self < 5"}]},"b":{"type":"integer"}}}""")!;
        var errors = new FieldErrors();
        RuleEvaluation.Validate((JsonObject)JsonNode.Parse(now)!, (JsonObject)JsonNode.Parse("""{"a":9,"b":1}""")!, RuleNode.Of(schema)!, errors, CancellationToken.None);
        Assert.Equal(problem, string.Join('|', errors.Items.Select(e => $"{e.Field}: {e.Message}")));
        Assert.Equal(problem.Length == 0 ? ["a: Invalid value: 9: failed rule: self < 5"] : [], errors.Warnings);
    }

    [Theory]
    [InlineData("""{"type":"string","x-kubernetes-validations":[{"rule":"self == 'a'","reason":"FieldValueDuplicate"}]}""", "\"b\"", "Duplicate value: \"b\"")]
    [InlineData("""{"type":"string","x-kubernetes-validations":[{"rule":"self == 'a'","fieldPath":""}]}""", "\"b\"", "Invalid value: \"b\": failed rule: self == 'a'")]
    [InlineData("""{"type":"number","x-kubernetes-validations":[{"rule":"self < 1.0","message":"less"}]}""", "2.5", "Invalid value: 2.5: less")]
    [InlineData("""{"type":"boolean","x-kubernetes-validations":[{"rule":"self"}]}""", "false", "Invalid value: false: failed rule: self")]
    [InlineData("""{"x-kubernetes-int-or-string":true,"x-kubernetes-validations":[{"rule":"self == 80"}]}""", "\"http\"", "Invalid value: \"http\": failed rule: self == 80")]
    [InlineData("""{"type":"array","items":{"type":"string"},"x-kubernetes-validations":[{"rule":"self.size() == 0"}]}""", "[\"x\"]", "Invalid value: failed rule: self.size() == 0")]
    [InlineData("""{"type":"object","properties":{"namespace":{"type":"string"}},"x-kubernetes-validations":[{"rule":"has(self.namespace) && self.namespace == 'a' && self.__namespace__ == 'b'"}]}""", "{\"namespace\":\"a\"}", "Invalid value: failed rule: has(self.namespace) && self.namespace == 'a' && self.__namespace__ == 'b'")]
    [InlineData("""{"type":"array","items":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"n":{"type":"integer"}}},"x-kubernetes-validations":[{"rule":"self[0] == self[1]"},{"rule":"self[0] == self[2]"}]}""", """[{"n":1,"u":[1]},{"n":1,"u":[1]},{"n":1,"u":[2]}]""", "Invalid value: failed rule: self[0] == self[2]")]
    [InlineData("""{"type":"string","x-kubernetes-validations":[{"rule":"self == oldName"}]}""", "\"b\"", "Invalid value: \"string\": rule compile error: compilation failed: ERROR: <input>:1:9: undeclared reference to 'oldName' (in container '')\n | self == oldName\n | ........^")]
    public void A_scalar_that_fails_is_shown_and_nothing_else(string schema, string value, string problem)
    {
        var errors = new FieldErrors();
        RuleEvaluation.Validate(JsonNode.Parse(value)!, RuleNode.Of((JsonObject)JsonNode.Parse(schema)!, isResource: false)!, "spec.x", errors, CancellationToken.None);
        Assert.Equal($"spec.x: {problem}", string.Join('|', errors.Items.Select(e => $"{e.Field}: {e.Message}")));
    }

    [Fact]
    public async Task The_client_is_warned_of_a_rule_that_an_update_is_let_pass_by()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Definitions.CronTabs(Spec("""{"rule":"true"}""")));
        await server.MustAsync("POST", Objects, Object("""{"a":7}"""));
        await using var watch = server.Watch($"{Objects}?watch=1&resourceVersion=0");
        await watch.NextAsync();
        await server.MustAsync("PATCH", $"{Definitions.Path}/crontabs.stable.example.com", """[{"op":"replace","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/x-kubernetes-validations","value":[{"rule":"self.a < 5","message":"too much"}]}]""", "application/json-patch+json");
        await watch.EndsAsync();
        var answer = await server.SendAsync("PATCH", $"{Objects}/a", """{"metadata":{"labels":{"x":"y"}}}""", "application/merge-patch+json");
        Assert.Equal(200, answer.Code);
        Assert.Equal(["spec: Invalid value: too much"], answer.Warnings);
    }

    private static string Spec(string rule) => """
        {"type":"object","properties":{
          "a":{"type":"integer"},
          "map":{"type":"object","additionalProperties":{"type":"integer"}},
          "texts":{"type":"array","items":{"type":"string"}},
          "port":{"x-kubernetes-int-or-string":true},
          "n":{"type":"string","nullable":true},
          "pod":{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true},
          "parts":{"type":"array","maxItems":10,"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],"items":{"type":"object","required":["name"],"properties":{
            "name":{"type":"string"},"v":{"type":"integer","x-kubernetes-validations":[{"rule":"self == oldSelf","message":"fixed"}]}}}}},
         "x-kubernetes-validations":[RULE]}
        """.Replace("RULE", rule, StringComparison.Ordinal);

    private static string Object(string spec) => "{\"apiVersion\":\"stable.example.com/v1\",\"kind\":\"CronTab\",\"metadata\":{\"name\":\"a\"},\"spec\":" + spec + "}";
}
