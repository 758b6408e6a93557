using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Authorization.Configuration;
using Kobune.ApiServer.Tests.Hosting;
using Kobune.ApiServer.Tests.Webhooks;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.ApiServer.Tests.Authorization;

/// <summary>--authorization-config: authorizers in order, webhooks with conditions and failure policies, and a file that changes.</summary>
public sealed class AuthorizationConfigurationTests : IDisposable
{
    private const string Head = "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\nauthorizers:\n";
    private static readonly UserInfo Jane = UserInfo.Of("jane", "dev");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kobune-authorizers-");
    private readonly ManualTime _time = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string FilePath => Path.Combine(_folder.FullName, "authorization.yaml");

    [Theory]
    [InlineData("get pods default/a", "Allow")]
    [InlineData("get secrets default/a", "NoOpinion")]
    [InlineData("get secrets/status default/a", "NoOpinion")]
    [InlineData("get /metrics", "NoOpinion")]
    public async Task A_webhook_is_asked_only_when_all_its_conditions_hold(string question, string decision)
    {
        await using var hooks = await HookServer.StartAsync();
        Answer(hooks, """{"allowed": true}""");
        using var authorizer = Start(hooks, "NoOpinion", "has(request.resourceAttributes)", "request.resourceAttributes.resource == 'pods' && request.user == 'jane' && 'dev' in request.groups");
        Assert.Equal(decision, (await authorizer.AuthorizeAsync(Jane, Ask.For(question), Ct)).Decision.ToString());
        Assert.Equal(decision == "Allow" ? 1 : 0, hooks.Reviews.Count);
    }

    [Fact]
    public async Task Conditions_see_selectors_and_extra_and_what_is_empty()
    {
        await using var hooks = await HookServer.StartAsync();
        Answer(hooks, """{"allowed": true}""");
        using var authorizer = Start(
            hooks,
            "NoOpinion",
            "request.resourceAttributes.subresource == '' && request.uid == ''",
            "request.resourceAttributes.fieldSelector.requirements.exists(r, r.key == 'spec.nodeName' && r.operator == 'In' && r.values == ['n1'])",
            "!has(request.extra) && !has(request.nonResourceAttributes)");
        Assert.Equal(Decision.Allow, (await authorizer.AuthorizeAsync(Jane, Ask.For("list pods default/ spec.nodeName=n1"), Ct)).Decision);
    }

    [Theory]
    [InlineData("NoOpinion", "NoOpinion")]
    [InlineData("Deny", "Deny")]
    public async Task A_failure_is_what_the_policy_says(string policy, string decision)
    {
        await using var hooks = await HookServer.StartAsync();
        hooks.Reply("/allow", _ => (403, "no"));
        using (var authorizer = Start(hooks, policy))
        {
            var result = await authorizer.AuthorizeAsync(Jane, Ask.For("get pods default/a"), Ct);
            Assert.Equal(decision, result.Decision.ToString());
            Assert.NotEqual("", result.Error);
        }

        using var conditional = Start(hooks, policy, "request.resourceAttributes.fieldSelector.requirements.size() > 0");
        var failed = await conditional.AuthorizeAsync(Jane, Ask.For("get pods default/a"), Ct);
        Assert.Equal(decision, failed.Decision.ToString());
        Assert.StartsWith("cel evaluation error: expression 'request.resourceAttributes.fieldSelector.requirements.size() > 0' resulted in error: no such key: fieldSelector", failed.Error, StringComparison.Ordinal);
        Assert.Single(hooks.Reviews);
    }

    [Fact]
    public async Task Authorizers_are_asked_in_the_order_of_the_file_which_is_read_again_when_it_has_changed()
    {
        File.WriteAllText(FilePath, Head + "- {type: AlwaysAllow, name: all}\n- {type: AlwaysDeny, name: none}\n");
        using var authorizer = new ConfiguredAuthorizer(FilePath, 36, s => new FixedAuthorizer(s.Type == "AlwaysAllow"), _time, NullLogger<ConfiguredAuthorizer>.Instance);
        Assert.Equal(Decision.Allow, await DecideAsync());
        File.WriteAllText(FilePath, Head + "- {type: AlwaysDeny, name: none}\n");
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(Decision.Allow, await DecideAsync());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Decision.NoOpinion, await DecideAsync());
        File.WriteAllText(FilePath, Head + "- {type: AlwaysAllow}\n");
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(Decision.NoOpinion, await DecideAsync()); // it cannot be used: the one before holds
        File.Delete(FilePath);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(Decision.NoOpinion, await DecideAsync());
        File.WriteAllText(FilePath, Head + "- {type: AlwaysAllow, name: all}\n");
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(Decision.Allow, await DecideAsync());

        async Task<Decision> DecideAsync() => (await authorizer.AuthorizeAsync(Jane, Ask.For("get pods default/a"), Ct)).Decision;
    }

    [Theory]
    [InlineData("kind: Policy", "no kind \"Policy\" is registered for version \"\"")]
    [InlineData(Head + "modes: []", "strict decoding error: unknown field \"modes\"")]
    [InlineData(Head + "- {type: Webhook, name: w, webhook: {cacheAuthorizedRequests: 'no'}}", "strict decoding error: field \"authorizers[0].webhook.cacheAuthorizedRequests\" is a text and must be true or false")]
    [InlineData(Head, "authorizers: Required value: at least one authorization mode must be defined")]
    [InlineData(Head + "- {name: a}\n- {type: ABAC, name: b}", "[authorizers[0].type: Required value, authorizers[1].type: Unsupported value: \"ABAC\": supported values: \"AlwaysAllow\", \"AlwaysDeny\", \"Node\", \"RBAC\", \"Webhook\"]")]
    [InlineData(Head + "- {type: RBAC, name: a}\n- {type: RBAC, name: b}\n- {type: Node, name: a}", "[authorizers[1].type: Duplicate value: \"RBAC\", authorizers[2].name: Duplicate value: \"a\"]")]
    [InlineData(Head + "- {type: RBAC}\n- {type: Node, name: a, webhook: {}}\n- {type: Webhook, name: w}", "[authorizers[0].name: Required value, authorizers[1].webhook: Invalid value: \"non-null\": may only be specified when type=Webhook, authorizers[2].webhook: Required value: required when type=Webhook]")]
    [InlineData(Head + "- {type: Webhook, name: w, webhook: {timeout: 3s, subjectAccessReviewVersion: v1, failurePolicy: Deny, connectionInfo: {type: InClusterConfig, kubeConfigFile: /a}}}", "authorizers[0].connectionInfo.kubeConfigFile: Invalid value: \"/a\": can only be set when type=KubeConfigFile")]
    [InlineData(Head + "- {type: Webhook, name: w, webhook: {timeout: 3s, subjectAccessReviewVersion: v1, failurePolicy: Deny, connectionInfo: {type: Some}}}", "authorizers[0].connectionInfo.type: Unsupported value: {\"Type\":\"Some\",\"KubeConfigFile\":null}: supported values: \"InClusterConfig\", \"KubeConfigFile\"")]
    [InlineData(Head + "- {type: Webhook, name: w, webhook: {connectionInfo: {}}}", "[authorizers[0].timeout: Required value, authorizers[0].subjectAccessReviewVersion: Required value, authorizers[0].failurePolicy: Required value, authorizers[0].connectionInfo.type: Required value]")]
    [InlineData(Head + "- {type: Webhook, name: w, webhook: {timeout: 31s, authorizedTTL: -1s, subjectAccessReviewVersion: v2, failurePolicy: Open, connectionInfo: {type: KubeConfigFile, kubeConfigFile: a}, matchConditions: [{expression: 'request.nobody'}, {expression: ' '}]}}", "[authorizers[0].timeout: Invalid value: \"31s\": must be > 0s and <= 30s, authorizers[0].authorizedTTL: Invalid value: \"-1s\": must be > 0s, authorizers[0].subjectAccessReviewVersion: Unsupported value: \"v2\": supported values: \"v1\", \"v1beta1\", authorizers[0].failurePolicy: Unsupported value: \"Open\": supported values: \"NoOpinion\", \"Deny\", authorizers[0].matchConditionSubjectAccessReviewVersion: Required value: required if match conditions are specified, authorizers[0].matchConditions[0].expression: Invalid value: \"request.nobody\": compilation failed: ERROR: <input>:1:8: undefined field 'nobody'\n | request.nobody\n | .......^, authorizers[0].matchConditions[1].expression: Required value, authorizers[0].connectionInfo.kubeConfigFile: Invalid value: \"a\": must be an absolute path]")]
    public void A_file_that_cannot_be_used_is_refused_in_upstreams_words(string text, string problem) =>
        Assert.Equal(problem, Assert.Throws<FormatException>(() => AuthorizationFile.Parse(text, 36)).Message);

    [Fact]
    public async Task A_server_is_started_with_the_file_and_asks_as_it_says()
    {
        await using var hooks = await HookServer.StartAsync();
        Answer(hooks, """{"allowed": true}""");
        File.WriteAllText(FilePath, Head + Webhook(hooks, "Deny", "request.resourceAttributes.?namespace.orValue('') == 'default'") + "- {type: RBAC, name: rules}\n");
        await using var server = await SecuredServer.StartAsync(new() { AuthorizationConfig = FilePath });
        Assert.Equal(200, (await server.SendAsync(Jane, "GET", "/api/v1/namespaces/default/pods")).Code);
        Assert.Equal(403, (await server.SendAsync(Jane, "GET", "/api/v1/namespaces/kube-system/pods")).Code);
        Assert.Equal($"failed to load AuthorizationConfiguration from file {FilePath}x: Could not find file '{FilePath}x'.", Assert.Throws<FormatException>(() => new ConfiguredAuthorizer(FilePath + "x", 36, _ => null!, _time, NullLogger<ConfiguredAuthorizer>.Instance)).Message);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static void Answer(HookServer hooks, string status) => hooks.Reply("/allow", _ => (200, $$"""{"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/v1","status":{{status}}}"""));

    private string Webhook(HookServer hooks, string policy, params string[] conditions)
    {
        var config = Path.Combine(_folder.FullName, "config");
        File.WriteAllText(config, hooks.Kubeconfig("/allow"));
        return $"- type: Webhook\n  name: hook\n  webhook:\n    timeout: 3s\n    subjectAccessReviewVersion: v1\n    matchConditionSubjectAccessReviewVersion: v1\n    failurePolicy: {policy}\n"
            + $"    connectionInfo: {{type: KubeConfigFile, kubeConfigFile: {config}}}\n    matchConditions: [{string.Join(", ", conditions.Select(c => $"{{expression: \"{c}\"}}"))}]\n";
    }

    private ConfiguredAuthorizer Start(HookServer hooks, string policy, params string[] conditions)
    {
        File.WriteAllText(FilePath, Head + Webhook(hooks, policy, conditions));
        return new(FilePath, 36, s => new ConditionalAuthorizer(new WebhookAuthorizer(s.Webhook!.Options, true, _time, NullLogger<WebhookAuthorizer>.Instance), s.Webhook.Conditions, s.Webhook.DeniesOnFailure), _time, NullLogger<ConfiguredAuthorizer>.Instance);
    }
}
