using Kobune.ApiServer.Audit;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Tests.Audit;

public class AuditPolicyTests
{
    private const string Head = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";

    [Theory]
    [InlineData("{level: Metadata}", true)]
    [InlineData("{level: Metadata, users: [bob]}", false)]
    [InlineData("{level: Metadata, users: [alice, bob]}", true)]
    [InlineData("{level: Metadata, userGroups: ['system:authenticated']}", true)]
    [InlineData("{level: Metadata, userGroups: [admins]}", false)]
    [InlineData("{level: Metadata, verbs: [get, watch]}", false)]
    [InlineData("{level: Metadata, verbs: [update]}", true)]
    [InlineData("{level: Metadata, namespaces: [prod]}", true)]
    [InlineData("{level: Metadata, namespaces: ['']}", false)]
    [InlineData("{level: Metadata, resources: [{group: ''}]}", true)]
    [InlineData("{level: Metadata, resources: [{group: apps}]}", false)]
    [InlineData("{level: Metadata, resources: [{group: '', resources: [pods]}]}", false)]
    [InlineData("{level: Metadata, resources: [{group: '', resources: ['pods/status']}]}", true)]
    [InlineData("{level: Metadata, resources: [{group: '', resources: ['pods/*']}]}", true)]
    [InlineData("{level: Metadata, resources: [{group: '', resources: ['*/status']}]}", true)]
    [InlineData("{level: Metadata, resources: [{group: '', resources: ['*/scale']}]}", false)]
    [InlineData("{level: Metadata, resources: [{group: '', resources: ['*'], resourceNames: [web]}]}", true)]
    [InlineData("{level: Metadata, resources: [{group: '', resources: ['*'], resourceNames: [db]}]}", false)]
    [InlineData("{level: Metadata, nonResourceURLs: ['*']}", false)]
    public void A_rule_means_requests_of_its_kind(string rule, bool matches)
    {
        var info = RequestInfoFactory.Create("PUT", "/api/v1/namespaces/prod/pods/web/status", QueryValues.Empty);
        var decision = AuditPolicy.Parse($"{Head}rules: [{rule}]").Evaluate(UserInfo.Of("alice"), info);
        Assert.Equal(matches ? AuditLevel.Metadata : AuditLevel.None, decision.Level);
    }

    [Theory]
    [InlineData("/healthz", true)]
    [InlineData("/healthz/etcd", false)]
    [InlineData("/metrics/slow", true)]
    [InlineData("/version", false)]
    public void Other_paths_are_named_whole_or_by_their_beginning(string path, bool matches)
    {
        var policy = AuditPolicy.Parse($"{Head}rules: [{{level: Metadata, nonResourceURLs: [/healthz, '/metrics*']}}]");
        Assert.Equal(matches ? AuditLevel.Metadata : AuditLevel.None, policy.Evaluate(null, RequestInfoFactory.Create("GET", path, QueryValues.Empty)).Level);
    }

    [Fact]
    public void The_first_rule_decides_and_omissions_add_up()
    {
        var policy = AuditPolicy.Parse(Head + """
            omitStages: [RequestReceived]
            omitManagedFields: true
            rules:
            - level: None
              users: [bob]
            - level: Request
              omitStages: [ResponseStarted]
              omitManagedFields: false
            - level: RequestResponse
            """);
        var info = RequestInfoFactory.Create("GET", "/api/v1/pods", QueryValues.Empty);
        Assert.Equal(AuditLevel.None, policy.Evaluate(UserInfo.Of("bob"), info).Level);
        var decision = policy.Evaluate(UserInfo.Of("alice"), info);
        Assert.Equal((AuditLevel.Request, false, true, true, false), (decision.Level, decision.OmitManagedFields, decision.Omits(AuditStage.RequestReceived), decision.Omits(AuditStage.ResponseStarted), decision.Omits(AuditStage.ResponseComplete)));
    }

    [Theory]
    [InlineData("rules: []", "loaded illegal policy with 0 rules")]
    [InlineData("rules: [{level: Loud}]", "rules[0].level: Unsupported value: \"Loud\": supported values: \"None\", \"Metadata\", \"Request\", \"RequestResponse\"")]
    [InlineData("omitStages: [Never]\nrules: [{level: None}]", "omitStages: Invalid value: \"Never\": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic")]
    [InlineData("rules: [{level: None, namespaces: [a], nonResourceURLs: [/a]}]", "rules[0].nonResourceURLs: Invalid value: [\"/a\"]: rules cannot apply to both regular resources and non-resource URLs")]
    [InlineData("rules: [{level: None, nonResourceURLs: [a]}]", "rules[0].nonResourceURLs: Invalid value: \"a\": non-resource URL rules must begin with a '/' character")]
    [InlineData("rules: [{level: None, nonResourceURLs: ['/a*b']}]", "rules[0].nonResourceURLs: Invalid value: \"/a*b\": non-resource URL wildcards '*' must be the final character of the rule")]
    [InlineData("rules: [{level: None, resources: [{resourceNames: [a]}]}]", "rules[0].resources.resourceNames: Invalid value: [\"a\"]: using resourceNames requires at least one resource")]
    [InlineData("rules: [{level: None, user: a}]", "strict decoding error: unknown field \"rules[0].user\"")]
    public void A_broken_policy_is_refused(string body, string problem) => Assert.Equal(problem, Assert.Throws<FormatException>(() => AuditPolicy.Parse(Head + body)).Message);

    [Fact]
    public void Another_document_is_no_policy() =>
        Assert.Throws<FormatException>(() => AuditPolicy.Parse("apiVersion: audit.k8s.io/v2\nkind: Policy\nrules: [{level: None}]"));
}
