using System.Text.Json.Nodes;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Authorization.Rbac;
using Kobune.ApiServer.Authorization.Reviews;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;
using static Kobune.ApiServer.Tests.Authorization.RbacAuthorizerTests;

namespace Kobune.ApiServer.Tests.Authorization;

public class AccessReviewTests
{
    [Theory]
    [InlineData("selfsubjectaccessreviews", """{"resourceAttributes":{"verb":"get","resource":"pods","namespace":"default"}}""", true)]
    [InlineData("selfsubjectaccessreviews", """{"resourceAttributes":{"verb":"delete","resource":"pods","namespace":"default"}}""", false)]
    [InlineData("selfsubjectaccessreviews", """{"nonResourceAttributes":{"verb":"get","path":"/healthz"}}""", true)]
    [InlineData("subjectaccessreviews", """{"user":"bob","resourceAttributes":{"verb":"get","resource":"pods","namespace":"default"}}""", false)]
    [InlineData("subjectaccessreviews", """{"user":"bob","groups":["devs"],"resourceAttributes":{"verb":"get","resource":"pods","namespace":"default"}}""", true)]
    [InlineData("localsubjectaccessreviews", """{"groups":["devs"],"resourceAttributes":{"verb":"get","resource":"pods","namespace":"default"}}""", true)]
    public async Task Review_tells_what_the_authorizer_says(string resource, string spec, bool allowed)
    {
        var answer = await Create(resource, spec);
        Assert.Equal(allowed, answer["status"]!["allowed"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData("subjectaccessreviews", "{}", "SubjectAccessReview.authorization.k8s.io \"\" is invalid: [spec.resourceAttributes: Invalid value: \"nil\": exactly one of nonResourceAttributes or resourceAttributes must be specified, spec.user: Invalid value: \"\": at least one of user or group must be specified]")]
    [InlineData("selfsubjectaccessreviews", """{"resourceAttributes":{},"nonResourceAttributes":{}}""", "SelfSubjectAccessReview.authorization.k8s.io \"\" is invalid: spec.nonResourceAttributes: Invalid value: \"nonResourceAttributes\": cannot be specified in combination with resourceAttributes")]
    [InlineData("localsubjectaccessreviews", """{"user":"x","resourceAttributes":{"namespace":"other"}}""", "LocalSubjectAccessReview.authorization.k8s.io \"\" is invalid: spec.resourceAttributes.namespace: Invalid value: \"other\": must match metadata.namespace")]
    public async Task Bad_review_is_refused(string resource, string spec, string message) =>
        Assert.Equal(message, (await Assert.ThrowsAsync<StatusException>(() => Create(resource, spec))).Message);

    [Fact]
    public async Task Rules_review_lists_the_askers_rules()
    {
        var answer = await new SelfSubjectRulesReviewResource(new(Cluster())).CreateAsync(Request("selfsubjectrulesreviews", """{"namespace":"default"}"""), default);
        var status = answer["status"]!;
        Assert.Contains("""{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}""", status["resourceRules"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("/healthz", status["nonResourceRules"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.False(status["incomplete"]!.GetValue<bool>());
    }

    private static ObjectTable Cluster() => Bootstrapped()
        .Put(Role("default", "r", Rule("get", "", "pods")))
        .Put(Bind("default", "b", "Role", "r", Group("devs")));

    private static VirtualCreate Request(string resource, string spec) => new(
        Ask.For($"create {resource}.authorization.k8s.io {(resource.StartsWith("local", StringComparison.Ordinal) ? "default" : "")}/"),
        UserInfo.Of("alice", "devs"),
        new() { ["spec"] = JsonNode.Parse(spec) },
        new ObjectTable(),
        DryRun: false);

    private static async Task<JsonObject> Create(string resource, string spec) => await AccessReviews
        .Of(new AuthorizerChain(new RbacAuthorizer(Cluster())))
        .Single(r => r.Resource.Plural == resource)
        .CreateAsync(Request(resource, spec), default);
}
