using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

public class FlowControlStrategyTests
{
    private const string Schemas = "flowschemas.flowcontrol.apiserver.k8s.io";
    private const string Levels = "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io";
    private const string Schema = """{"metadata":{"name":"s"},"spec":{"priorityLevelConfiguration":{"name":"l"},"rules":[{"subjects":[{"kind":"User","user":{"name":"u"}}],"resourceRules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"],"namespaces":["*"]}],"nonResourceRules":[{"verbs":["get"],"nonResourceURLs":["/healthz"]}]}]}}""";
    private const string Level = """{"metadata":{"name":"l"},"spec":{"type":"Limited","limited":{"limitResponse":{"type":"Queue","queuing":{}}}}}""";

    [Fact]
    public void Defaults_are_upstreams()
    {
        Assert.Equal("1000", Defaulted(Schemas, Schema)["spec"]!["matchingPrecedence"]!.ToJsonString());
        Assert.Equal("""{"limitResponse":{"type":"Queue","queuing":{"queues":64,"handSize":8,"queueLengthLimit":50}},"nominalConcurrencyShares":30,"lendablePercent":0}""", Defaulted(Levels, Level)["spec"]!["limited"]!.ToJsonString());
        Assert.Equal("""{"type":"Exempt","exempt":{"nominalConcurrencyShares":0,"lendablePercent":0}}""", Defaulted(Levels, """{"spec":{"type":"Exempt"}}""")["spec"]!.ToJsonString());
    }

    [Theory]
    [InlineData("spec.matchingPrecedence", "-1", "spec.matchingPrecedence: Invalid value: -1: must be a positive value")]
    [InlineData("spec.matchingPrecedence", "10001", "spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000")]
    [InlineData("spec.matchingPrecedence", "1", "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1")]
    [InlineData("spec.distinguisherMethod", """{"type":"ByMoon"}""", "spec.distinguisherMethod.type: Unsupported value: {\"Type\":\"ByMoon\"}: supported values: \"ByNamespace\", \"ByUser\"")]
    [InlineData("spec.priorityLevelConfiguration", "{}", "spec.priorityLevelConfiguration.name: Required value: must reference a priority level")]
    [InlineData("spec.rules.0.subjects", "[]", "spec.rules[0].subjects: Required value: subjects must contain at least one value")]
    [InlineData("spec.rules.0.subjects.0.kind", "\"Group\"", "spec.rules[0].subjects[0].group: Required value: group is required when subject kind is 'Group'\nspec.rules[0].subjects[0].user: Forbidden: user is forbidden when subject kind is not 'User'")]
    [InlineData("spec.rules.0.subjects.0", """{"kind":"ServiceAccount","serviceAccount":{"name":"*"}}""", "spec.rules[0].subjects[0].serviceAccount.namespace: Required value: must specify namespace for service account")]
    [InlineData("spec.rules.0.subjects.0", """{"kind":"Robot"}""", "spec.rules[0].subjects[0].kind: Unsupported value: \"Robot\": supported values: \"Group\", \"ServiceAccount\", \"User\"")]
    [InlineData("spec.rules.0.resourceRules.0.verbs", """["get","*"]""", "spec.rules[0].resourceRules[0].verbs: Invalid value: [\"get\",\"*\"]: if '*' is present, must not specify other verbs")]
    [InlineData("spec.rules.0.resourceRules.0.verbs", """["peek"]""", "spec.rules[0].resourceRules[0].verbs: Unsupported value: [\"peek\"]: supported values: \"create\", \"delete\", \"deletecollection\", \"get\", \"list\", \"patch\", \"proxy\", \"update\", \"watch\"")]
    [InlineData("spec.rules.0.resourceRules.0.apiGroups", "[]", "spec.rules[0].resourceRules[0].apiGroups: Required value: resource rules must supply at least one api group")]
    [InlineData("spec.rules.0.resourceRules.0.namespaces", "[]", "spec.rules[0].resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace")]
    [InlineData("spec.rules.0.nonResourceRules.0.nonResourceURLs", """["healthz"]""", "spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: \"healthz\": must start with slash")]
    [InlineData("spec.rules.0.nonResourceRules.0.nonResourceURLs", """["/a*b"]""", "spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: \"/a*b\": wildcard can only do suffix matching")]
    [InlineData("spec.rules.0", """{"subjects":[{"kind":"User","user":{"name":"u"}}]}""", "spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty")]
    public void Schema_problems(string path, string value, string expected) => Creates(Schemas, "FlowSchema", With(Schema, path, value), expected);

    [Theory]
    [InlineData("spec.type", "\"Exempt\"", "spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if name is 'exempt'\nspec.limited: Forbidden: must be nil if the type is not Limited")]
    [InlineData("spec.type", "\"Wide\"", "spec.type: Unsupported value: \"Wide\": supported values: \"Exempt\", \"Limited\"")]
    [InlineData("spec.limited", "-", "spec.limited: Required value: must not be empty when type is Limited")]
    [InlineData("spec.exempt", "{}", "spec.exempt: Forbidden: must be nil if the type is Limited")]
    [InlineData("spec.limited.nominalConcurrencyShares", "-1", "spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer")]
    [InlineData("spec.limited.lendablePercent", "101", "spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive")]
    [InlineData("spec.limited.borrowingLimitPercent", "-1", "spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer")]
    [InlineData("spec.limited.limitResponse.type", "\"Reject\"", "spec.limited.limitResponse.queuing: Forbidden: must be nil if limited.limitResponse.type is not Limited")]
    [InlineData("spec.limited.limitResponse.queuing", "-", "spec.limited.limitResponse.queuing: Required value: must not be empty if limited.limitResponse.type is Limited")]
    [InlineData("spec.limited.limitResponse.queuing.queues", "-2", "spec.limited.limitResponse.queuing.queues: Invalid value: -2: must be positive\nspec.limited.limitResponse.queuing.handSize: Invalid value: 8: should not be greater than queues (-2)")]
    [InlineData("spec.limited.limitResponse.queuing.handSize", "11", "spec.limited.limitResponse.queuing.handSize: Invalid value: 11: required entropy bits of deckSize 64 and handSize 11 should not be greater than 60")]
    [InlineData("spec.limited.limitResponse.queuing.queueLengthLimit", "-1", "spec.limited.limitResponse.queuing.queueLengthLimit: Invalid value: -1: must be positive")]
    public void Level_problems(string path, string value, string expected) => Creates(Levels, "PriorityLevelConfiguration", With(Level, path, value), expected);

    [Fact]
    public void Sound_objects_have_no_problem()
    {
        Assert.Equal("", Create(Schemas, Schema));
        Assert.Equal("", Create(Levels, Level));
    }
}
