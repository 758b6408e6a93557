using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.Hosting;
using static Kobune.ApiServer.Tests.Admission.Policies.PolicyServer;

namespace Kobune.ApiServer.Tests.Admission.Policies;

/// <summary>What bound MutatingAdmissionPolicies do to objects.</summary>
public class MutatingPolicyTests
{
    private const string PolicyPath = "/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies";
    private const string BindingPath = "/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings";
    private const string Deployments = "/apis/apps/v1/namespaces/default/deployments";
    private const string OfDeployments = """{"resourceRules":[{"operations":["CREATE","UPDATE"],"apiGroups":["apps"],"apiVersions":["v1"],"resources":["deployments","deployments/scale"]}]}""";
    private const string Deployment = """{"metadata":{"name":"d","labels":{"was":"there"}},"spec":{"replicas":1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""";

    public static TheoryData<string, string, string> Mutations => new()
    {
        { Configuration("Object{data: {'a': object.data.a + '!'}}"), "data", """{"a":"x!"}""" },
        { Configuration("Object{metadata: Object.metadata{annotations: {'made': 'here'}}}"), "metadata.annotations", """{"made":"here"}""" },
        { Configuration("Object{metadata: Object.metadata{labels: {'more': variables.env}}}"), "metadata.labels", """{"has":"one","more":"prod"}""" },
        { Configuration("has(object.data.b) ? Object{data: {'b': 'no'}} : Object{}"), "data", """{"a":"x"}""" },
        { Patch("[JSONPatch{op: 'add', path: '/data/b', value: 'y'}, JSONPatch{op: 'test', path: '/data/a', value: 'x'}]"), "data", """{"a":"x","b":"y"}""" },
        { Patch("[JSONPatch{op: 'add', path: '/data/b', value: 'y'}, JSONPatch{op: 'test', path: '/data/a', value: 'other'}]"), "data", """{"a":"x"}""" },
        { Patch("[JSONPatch{op: 'move', from: '/data/a', path: '/data/c'}]"), "data", """{"c":"x"}""" },
        { Patch("[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('example.com/app'), value: 'a'}]"), "metadata.labels", """{"example.com/app":"a","has":"one"}""" },
        { Patch("[JSONPatch{op: 'replace', path: '/metadata/labels', value: {'only': 'this'}}]"), "metadata.labels", """{"only":"this"}""" },
        { Patch("[JSONPatch{op: 'remove', path: '/metadata/labels'}]"), "metadata.labels", "" },
    };

    [Theory]
    [MemberData(nameof(Mutations))]
    public async Task Objects_come_back_as_the_expression_says(string mutation, string path, string expected)
    {
        await using var server = await StartAsync();
        await BindMutatingAsync(server, "p", $$"""{"variables":[{"name":"env","expression":"namespaceObject.metadata.labels['env']"}],"mutations":[{{mutation}}]}""");
        var made = await server.MustAsync("POST", Maps, Map("b", "x", """{"has":"one"}"""));
        var node = path.Split('.').Aggregate((JsonNode?)made, (at, name) => at?[name]);
        Assert.True(JsonNode.DeepEquals(expected.Length == 0 ? null : JsonNode.Parse(expected), node is JsonObject map ? new JsonObject(map.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone()))) : node), made.ToJsonString());
    }

    [Fact]
    public async Task Configurations_merge_lists_by_their_keys()
    {
        await using var server = await StartAsync();
        var sidecar = Configuration("Object{spec: Object.spec{replicas: object.spec.replicas + 2, template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: 'side', image: 's'}, Object.spec.template.spec.containers{name: 'c', imagePullPolicy: 'Never'}]}}}}");
        await BindMutatingAsync(server, "p", $$"""{"mutations":[{{sidecar}}]}""", OfDeployments);
        var made = await server.MustAsync("POST", Deployments, Deployment);
        Assert.Equal(3, (int)made["spec"]!["replicas"]!);
        Assert.Equal(["c i Never", "side s IfNotPresent"], made["spec"]!["template"]!["spec"]!["containers"]!.AsArray().Select(c => $"{c!["name"]} {c["image"]} {c["imagePullPolicy"]}").Order(StringComparer.Ordinal).Select(t => t.Replace("Always", "IfNotPresent", StringComparison.Ordinal)));
        var scaled = await server.SendAsync("PUT", $"{Deployments}/d/scale", """{"metadata":{"name":"d","namespace":"default"},"spec":{"replicas":5}}""");
        Assert.Equal("policy 'p' with binding 'p-binding' denied request: error applying patch: failed to convert patch object to typed object: .spec.template: field not declared in schema", scaled.Message);
    }

    [Fact]
    public async Task Updates_are_changed_too_and_conditions_and_parameters_count()
    {
        await using var server = await StartAsync();
        await server.MustAsync("POST", Maps, Map("params", "given"));
        await BindMutatingAsync(
            server,
            "p",
            $$"""{"paramKind":{"apiVersion":"v1","kind":"ConfigMap"},"matchConditions":[{"name":"c","expression":"object.metadata.name != 'spared'"}],"mutations":[{{Configuration("Object{metadata: Object.metadata{annotations: {'by': params.data.a}}}")}}]}""",
            binding: """{"paramRef":{"name":"params","parameterNotFoundAction":"Deny"}}""");
        Assert.Equal("given", (string?)(await server.MustAsync("POST", Maps, Map("b", "x")))["metadata"]!["annotations"]!["by"]);
        Assert.Null((await server.MustAsync("POST", Maps, Map("spared", "x")))["metadata"]!["annotations"]);
        Assert.Equal("given", (string?)(await server.MustAsync("PUT", $"{Maps}/b", Map("b", "z")))["metadata"]!["annotations"]!["by"]);
        await server.MustAsync("DELETE", $"{BindingPath}/p-binding");
        Assert.Null((await server.MustAsync("POST", Maps, Map("free", "x")))["metadata"]!["annotations"]);
    }

    [Theory]
    [InlineData("ApplyConfiguration", "Object{data: {'a': object.absent}}", "expression 'Object{data: {'a': object.absent}}' resulted in error: no such key: absent")]
    [InlineData("ApplyConfiguration", "Object{data: Object.wrong{a: 'x'}}", "type mismatch: unexpected type name \"Object.wrong\", expected \"Object.data\", which matches field name path from root Object type")]
    [InlineData("ApplyConfiguration", "Object{wrong: 'x'}", "error applying patch: failed to convert patch object to typed object: .wrong: field not declared in schema")]
    [InlineData("JSONPatch", "[JSONPatch{op: 'remove', path: '/data/b'}]", "JSON Patch: error in remove for path: '/data/b': Unable to remove nonexistent key: b: missing value")]
    public async Task What_cannot_be_made_refuses_the_request_unless_failures_are_ignored(string type, string expression, string problem)
    {
        await using var server = await StartAsync();
        var mutation = type == "JSONPatch" ? Patch(expression) : Configuration(expression);
        await BindMutatingAsync(server, "p", $$"""{"mutations":[{{mutation}}]}""");
        var refused = await server.SendAsync("POST", Maps, Map("b", "x"));
        Assert.Equal((403, "Invalid", $"policy 'p' with binding 'p-binding' denied request: {problem}"), (refused.Code, refused.Reason, refused.Message));
        Assert.Equal(refused.Message, (string?)refused.Body["details"]!["causes"]![0]!["message"]);
        await server.MustAsync("PATCH", $"{PolicyPath}/p", """{"spec":{"failurePolicy":"Ignore"}}""", "application/merge-patch+json");
        await server.MustAsync("POST", Maps, Map("b", "x"));
    }

    [Theory]
    [InlineData("spec: Object.spec{nodeName: null}", ".spec.nodeName: expected string, got &value.valueUnstructured{Value:0}")]
    [InlineData("spec: null", ".spec: expected map, got &{NULL_VALUE}")]
    [InlineData("spec: Object.spec{nodeName: duration('1m30s')}", ".spec.nodeName: expected string, got &value.valueUnstructured{Value:90000000000}")]
    [InlineData("spec: Object.spec{nodeName: b'ab'}", ".spec.nodeName: expected string, got &value.valueUnstructured{Value:[]uint8{0x61, 0x62}}")]
    [InlineData("spec: Object.spec{nodeName: timestamp('2024-01-02T03:04:05Z')}", ".spec.nodeName: expected string, got &value.valueUnstructured{Value:time.Date(2024, time.January, 2, 3, 4, 5, 0, time.UTC)}")]
    [InlineData("spec: Object.spec{priority: timestamp('2024-01-02T03:04:05Z')}", ".spec.priority: expected numeric (int or float), got time.Time")]
    [InlineData("spec: Object.spec{hostNetwork: duration('1m30s')}", ".spec.hostNetwork: expected boolean, got &{1m30s}")]
    [InlineData("spec: Object.spec{containers: [Object.spec.containers{name: 'c', image: null}]}", ".spec.containers[0].image: expected string, got &value.valueUnstructured{Value:0}")]
    public async Task Values_that_no_field_takes_refuse_the_request(string fields, string problem)
    {
        await using var server = await StartAsync();
        await BindMutatingAsync(server, "p", $$"""{"mutations":[{{Configuration($"Object{{{fields}}}")}}]}""", """{"resourceRules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["pods"]}]}""");
        var refused = await server.SendAsync("POST", "/api/v1/namespaces/default/pods", """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}""");
        Assert.Equal($"policy 'p' with binding 'p-binding' denied request: error applying patch: failed to convert patch object to typed object: {problem}", refused.Message);
    }

    [Theory]
    [InlineData("object.data.a.size() == 1 ? 9007199254740991 : 0", "number")]
    [InlineData("9007199254740992", "string")]
    [InlineData("-9007199254740992", "string")]
    [InlineData("18446744073709551615u", "string")]
    public async Task Whole_numbers_that_no_double_holds_become_texts_in_patches(string value, string kind)
    {
        await using var server = await StartAsync();
        await BindMutatingAsync(server, "p", $$"""{"mutations":[{{Patch($"[JSONPatch{{op: 'add', path: '/data/b', value: {value}}}]")}}]}""");
        var answer = await server.SendAsync("POST", Maps, Map("b", "x"));
        Assert.Equal(kind == "string" ? 201 : 500, answer.Code);
        Assert.Equal(kind == "string" ? value.TrimEnd('u') : null, (string?)answer.Body["data"]?["b"]);
    }

    [Fact]
    public async Task What_makes_an_object_readable_may_not_be_taken_away()
    {
        await using var server = await StartAsync();
        await BindMutatingAsync(server, "p", $$"""{"mutations":[{{Patch("[JSONPatch{op: 'replace', path: '/apiVersion', value: 'a/b/c'}]")}}]}""");
        var refused = await server.SendAsync("POST", Maps, Map("b", "x"));
        Assert.Equal((500, "Internal error occurred: unexpected GroupVersion string: a/b/c"), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task A_created_object_may_be_given_another_name_and_no_revision()
    {
        await using var server = await StartAsync();
        await server.MustAsync("POST", Maps, Map("other", "x"));
        await BindMutatingAsync(server, "p", $$"""{"matchConditions":[{"name":"c","expression":"object.data.a == 'name'"}],"mutations":[{{Configuration("Object{metadata: Object.metadata{name: 'other'}}")}}]}""");
        await BindMutatingAsync(server, "q", $$"""{"matchConditions":[{"name":"c","expression":"object.data.a == 'revision'"}],"mutations":[{{Configuration("Object{metadata: Object.metadata{resourceVersion: '1'}}")}}]}""");
        Assert.Equal("configmaps \"other\" already exists", (await server.SendAsync("POST", Maps, Map("b", "name"))).Message);
        var refused = await server.SendAsync("POST", Maps, Map("b", "revision"));
        Assert.Equal((500, "", "resourceVersion should not be set on objects to be created"), (refused.Code, refused.Reason, refused.Message));
    }

    [Fact]
    public async Task A_policy_that_cannot_be_used_is_named_in_double_quotes()
    {
        await using var server = await StartAsync();
        await BindMutatingAsync(server, "p", $$"""{"paramKind":{"apiVersion":"none.example.com/v1","kind":"None"},"mutations":[{{Configuration("Object{}")}}]}""");
        var refused = await server.SendAsync("POST", Maps, Map("b", "x"));
        Assert.Equal("policy \"p\" denied request: failed to configure policy: failed to find resource referenced by paramKind: 'none.example.com/v1, Kind=None'", refused.Message);
    }

    [Theory]
    [InlineData("IfNeeded", "xyy")]
    [InlineData("Never", "xy")]
    public async Task Even_the_last_policy_is_asked_again_when_it_wants_it(string reinvocation, string expected)
    {
        await using var server = await StartAsync();
        await BindMutatingAsync(server, "a", $$"""{"reinvocationPolicy":"{{reinvocation}}","mutations":[{{Patch("[JSONPatch{op: 'replace', path: '/data/a', value: object.data.a + 'y'}]")}}]}""");
        Assert.Equal(expected, (string?)(await server.MustAsync("POST", Maps, Map("m", "x")))["data"]!["a"]);
    }

    [Fact]
    public async Task Atomic_lists_may_not_be_changed_by_configurations()
    {
        await using var server = await StartAsync();
        var expression = Configuration("Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: 'c', args: ['x']}]}}}}");
        await BindMutatingAsync(server, "p", $$"""{"mutations":[{{expression}}]}""", OfDeployments);
        var refused = await server.SendAsync("POST", Deployments, Deployment);
        Assert.Equal("policy 'p' with binding 'p-binding' denied request: error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.template.spec.containers[0].args", refused.Message);
    }

    [Theory]
    [InlineData("IfNeeded", "x12x")]
    [InlineData("Never", "x12")]
    public async Task A_policy_that_wants_it_sees_what_later_ones_made(string reinvocation, string expected)
    {
        await using var server = await StartAsync();
        await BindMutatingAsync(server, "a", $$"""{"reinvocationPolicy":"{{reinvocation}}","mutations":[{{Configuration("Object{data: {'a': object.data.a.endsWith('2') ? object.data.a + 'x' : object.data.a + '1'}}")}}]}""");
        await BindMutatingAsync(server, "b", $$"""{"mutations":[{{Configuration("Object{data: {'a': object.data.a + '2'}}")}}]}""");
        Assert.Equal(expected, (string?)(await server.MustAsync("POST", Maps, Map("m", "x")))["data"]!["a"]);
    }

    [Theory]
    [InlineData("""{"mutations":[]}""", "spec.mutations: Required value: mutations must contain at least one item")]
    [InlineData("""{"reinvocationPolicy":"Maybe","mutations":[{"patchType":"JSONPatch","jsonPatch":{"expression":"[]"}}]}""", "spec.reinvocationPolicy: Unsupported value: \"Maybe\": supported values: \"IfNeeded\", \"Never\"")]
    [InlineData("""{"mutations":[{"patchType":"Merge"}]}""", "spec.mutations[0].patchType: Unsupported value: \"Merge\": supported values: \"ApplyConfiguration\", \"JSONPatch\"")]
    [InlineData("""{"mutations":[{"patchType":"JSONPatch","jsonPatch":{"expression":"Object{}"}}]}""", "spec.mutations[0].jsonPatch.expression: Invalid value: \"Object{}\": must evaluate to list(JSONPatch) but got Object")]
    [InlineData("""{"mutations":[{"patchType":"ApplyConfiguration","applyConfiguration":{"expression":"Object{"}}]}""", "spec.mutations[0].applyConfiguration.expression: Invalid value: \"Object{\": compilation failed")]
    public async Task Policies_are_judged_when_they_are_made(string spec, string problem)
    {
        await using var server = await StartAsync();
        var refused = await server.SendAsync("POST", PolicyPath, Spec("p", spec));
        Assert.Equal(422, refused.Code);
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }

    private static string Configuration(string expression) => new JsonObject { ["patchType"] = "ApplyConfiguration", ["applyConfiguration"] = new JsonObject { ["expression"] = expression } }.ToJsonString();

    private static string Patch(string expression) => new JsonObject { ["patchType"] = "JSONPatch", ["jsonPatch"] = new JsonObject { ["expression"] = expression } }.ToJsonString();

    private static string Spec(string name, string spec, string? constraints = null)
    {
        var json = (JsonObject)JsonNode.Parse(spec)!;
        json["reinvocationPolicy"] ??= "Never";
        return constraints is null ? Policy(name, json.ToJsonString()) : Policy(name, json.ToJsonString(), constraints);
    }

    private static async Task BindMutatingAsync(TestServer server, string name, string spec, string? constraints = null, string binding = "{}")
    {
        await server.MustAsync("POST", PolicyPath, Spec(name, spec, constraints));
        var bound = (JsonObject)JsonNode.Parse(binding)!;
        bound["policyName"] = name;
        await server.MustAsync("POST", BindingPath, new JsonObject { ["metadata"] = new JsonObject { ["name"] = $"{name}-binding" }, ["spec"] = bound }.ToJsonString());
    }
}
