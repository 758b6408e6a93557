using System.Text.Json.Nodes;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Tests.Hosting;
using Kobune.ApiServer.Tests.Webhooks;
using Kobune.ApiServer.Webhooks;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.ApiServer.Tests.Authorization;

/// <summary>--authorization-mode=Webhook.</summary>
public class WebhookAuthorizerTests : IDisposable
{
    private const string Pods = "/api/v1/namespaces/default/pods";
    private static readonly UserInfo Jane = new("jane", "7", ["dev", "system:authenticated"], new Dictionary<string, IReadOnlyList<string>> { ["scopes"] = ["a", "b"] });
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kobune-webhook-");
    private readonly ManualTime _time = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("v1", "groups")]
    [InlineData("v1beta1", "group")]
    public async Task The_webhook_is_told_what_is_asked(string version, string groups)
    {
        await using var hooks = await HookServer.StartAsync();
        Answer(hooks, """{"allowed": true}""");
        await using var server = await SecuredServer.StartAsync(Security(hooks, "RBAC", "Webhook") with { AuthorizationWebhook = Options(hooks) with { Version = version } });
        await server.MustAsync("GET", Pods + "?labelSelector=app%3Dweb,tier+in+(a,b),x!%3Dy,new,!old,n%3E5&fieldSelector=spec.nodeName%3Dn1,status.phase!%3DFailed", user: Jane);
        Assert.Equal(
            $$$"""
            {"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/{{{version}}}","metadata":{},"spec":{"resourceAttributes":{"namespace":"default","verb":"list","version":"v1","resource":"pods","fieldSelector":{"requirements":[{"key":"spec.nodeName","operator":"In","values":["n1"]},{"key":"status.phase","operator":"NotIn","values":["Failed"]}]},"labelSelector":{"requirements":[{"key":"app","operator":"In","values":["web"]},{"key":"new","operator":"Exists"},{"key":"old","operator":"DoesNotExist"},{"key":"tier","operator":"In","values":["a","b"]},{"key":"x","operator":"NotIn","values":["y"]}]}},"user":"jane","{{{groups}}}":["dev","system:authenticated"],"extra":{"scopes":["a","b"]},"uid":"7"},"status":{}}
            """,
            Assert.Single(hooks.Reviews).Review.ToJsonString());
    }

    [Theory]
    [InlineData("GET", "/apis/apps/v1/namespaces/default/deployments/web/scale", """{"resourceAttributes":{"namespace":"default","verb":"get","group":"apps","version":"v1","resource":"deployments","subresource":"scale","name":"web"},"user":"jo"}""")]
    [InlineData("GET", "/metrics", """{"nonResourceAttributes":{"path":"/metrics","verb":"get"},"user":"jo"}""")]
    [InlineData("DELETE", Pods + "?labelSelector=a", """{"resourceAttributes":{"namespace":"default","verb":"deletecollection","version":"v1","resource":"pods","labelSelector":{"requirements":[{"key":"a","operator":"Exists"}]}},"user":"jo"}""")]
    [InlineData("GET", Pods + "?labelSelector=a%3D%3D%3D&fieldSelector=x", """{"resourceAttributes":{"namespace":"default","verb":"list","version":"v1","resource":"pods"},"user":"jo"}""")]
    [InlineData("GET", Pods + "/a?labelSelector=a", """{"resourceAttributes":{"namespace":"default","verb":"get","version":"v1","resource":"pods","name":"a"},"user":"jo"}""")]
    public async Task Attributes_are_those_of_the_request(string method, string path, string spec)
    {
        await using var hooks = await HookServer.StartAsync();
        Answer(hooks, "{}");
        await using var server = await SecuredServer.StartAsync(Security(hooks, "RBAC", "Webhook"));
        Assert.Equal(403, (await server.SendAsync(new("jo", "", [], UserInfo.NoExtra), method, path)).Code);
        Assert.Equal(spec, Assert.Single(hooks.Reviews).Review["spec"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"allowed": true}""", "Webhook,AlwaysDeny", 200, "")]
    [InlineData("""{"allowed": false, "reason": "not today"}""", "Webhook,AlwaysAllow", 200, "")]
    [InlineData("""{"allowed": false, "reason": "not today"}""", "Webhook,AlwaysDeny", 403, ": not today\nEverything is forbidden.")]
    [InlineData("""{"allowed": false, "denied": true, "reason": "never"}""", "Webhook,AlwaysAllow", 403, ": never")]
    [InlineData("""{"allowed": false, "denied": true, "reason": "never"}""", "AlwaysAllow,Webhook", 200, "")]
    [InlineData("""{"allowed": false, "denied": true}""", "AlwaysDeny,Webhook", 403, "")]
    public async Task No_opinion_asks_the_next_and_a_denial_ends_the_chain(string status, string modes, int code, string reason)
    {
        await using var hooks = await HookServer.StartAsync();
        Answer(hooks, status);
        await using var server = await SecuredServer.StartAsync(Security(hooks, modes.Split(',')));
        var (answered, body) = await server.SendAsync(Jane, "GET", Pods);
        Assert.Equal(code, answered);
        if (code == 403)
        {
            Assert.Equal("pods is forbidden: User \"jane\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"" + reason, (string?)body["message"]);
        }
    }

    [Fact]
    public async Task Masters_are_not_asked_for()
    {
        await using var hooks = await HookServer.StartAsync();
        Answer(hooks, """{"allowed": false, "denied": true}""");
        await using var server = await SecuredServer.StartAsync(Security(hooks, "Webhook"));
        await server.MustAsync("GET", Pods, user: UserInfo.Of("root", UserNames.Masters));
        Assert.Empty(hooks.Reviews);
    }

    [Fact]
    public async Task A_webhook_that_fails_has_no_opinion_and_when_nobody_has_one_the_client_is_told()
    {
        await using var hooks = await HookServer.StartAsync();
        hooks.Reply("/allow", _ => (500, "oops"));
        await using var server = await SecuredServer.StartAsync(Security(hooks, "Webhook", "RBAC") with { TokenFile = "t,jo,1" });
        const string problem = "an error on the server (\"oops\") has prevented the request from succeeding";
        Assert.Equal((500, $"Internal Server Error: \"{Pods}?limit=1&amp;x=2\": {problem}\n"), await server.SendHttpsAsync(Pods + "?limit=1&x=2", token: "t"));
        Assert.Equal(5, hooks.Reviews.Count);
        await server.MustAsync("GET", Pods); // the administrator's right is RBAC's
        var review = await server.MustAsync("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", """{"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{"user":"jo","resourceAttributes":{"verb":"list","resource":"pods"}}}""");
        Assert.Equal($$"""{"allowed":false,"evaluationError":{{JsonValue.Create(problem).ToJsonString()}}}""", review["status"]!.ToJsonString());
    }

    [Fact]
    public async Task An_answer_that_allows_and_denies_denies()
    {
        await using var hooks = await HookServer.StartAsync();
        Answer(hooks, """{"allowed": true, "denied": true, "reason": "odd"}""");
        using var authorizer = Authorizer(hooks);
        var result = await authorizer.AuthorizeAsync(Jane, Ask("get"), Ct);
        Assert.Equal((Decision.Deny, "odd", "webhook subject access review returned both allow and deny response"), (result.Decision, result.Reason, result.Error));
    }

    [Theory]
    [InlineData("""{"allowed": true}""", 300)]
    [InlineData("""{"allowed": false}""", 30)]
    [InlineData("""{"allowed": false, "denied": true}""", 30)]
    public async Task An_answer_is_kept_for_its_time(string status, int seconds)
    {
        await using var hooks = await HookServer.StartAsync();
        Answer(hooks, status);
        using var authorizer = Authorizer(hooks);
        var first = await authorizer.AuthorizeAsync(Jane, Ask("get"), Ct);
        _time.Advance(TimeSpan.FromSeconds(seconds - 1));
        Assert.Equal(first, await authorizer.AuthorizeAsync(Jane, Ask("get"), Ct));
        Assert.Single(hooks.Reviews);
        await authorizer.AuthorizeAsync(Jane, Ask("list"), Ct);
        await authorizer.AuthorizeAsync(Jane with { Groups = [] }, Ask("get"), Ct);
        Assert.Equal(3, hooks.Reviews.Count);
        _time.Advance(TimeSpan.FromSeconds(1));
        await authorizer.AuthorizeAsync(Jane, Ask("get"), Ct);
        Assert.Equal(4, hooks.Reviews.Count);
    }

    [Fact]
    public async Task A_question_that_is_long_on_purpose_is_not_kept()
    {
        await using var hooks = await HookServer.StartAsync();
        Answer(hooks, """{"allowed": true}""");
        using var authorizer = Authorizer(hooks);
        await authorizer.AuthorizeAsync(Jane, Ask(new('x', 10_000)), Ct);
        await authorizer.AuthorizeAsync(Jane, Ask(new('x', 10_000)), Ct);
        Assert.Equal(2, hooks.Reviews.Count);
    }

    [Fact]
    public async Task A_review_passes_its_selectors_on()
    {
        await using var hooks = await HookServer.StartAsync();
        Answer(hooks, """{"allowed": true, "reason": "fine"}""");
        await using var server = await SecuredServer.StartAsync(Security(hooks, "RBAC", "Webhook"));
        const string selectors = """
            "fieldSelector":{"requirements":[{"key":"a","operator":"In","values":["1,2"]},{"key":"b","operator":"NotIn","values":["3"]},{"key":"c","operator":"In","values":["4","5"]}]},
            "labelSelector":{"requirements":[{"key":"a","operator":"NotIn","values":["1","2"]},{"key":"b","operator":"Exists"},{"key":"b,c","operator":"Exists"}]}
            """;
        var review = await server.MustAsync("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", $$$"""{"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{"user":"jo","resourceAttributes":{"verb":"list","resource":"pods",{{{selectors}}} } } }""");
        Assert.Equal("""{"allowed":true,"reason":"fine"}""", review["status"]!.ToJsonString());
        Assert.Equal(
            """{"verb":"list","version":"*","resource":"pods","fieldSelector":{"requirements":[{"key":"a","operator":"In","values":["1,2"]},{"key":"b","operator":"NotIn","values":["3"]}]},"labelSelector":{"requirements":[{"key":"a","operator":"NotIn","values":["1","2"]},{"key":"b","operator":"Exists"}]}}""",
            Assert.Single(hooks.Reviews).Review["spec"]!["resourceAttributes"]!.ToJsonString());
    }

    [Fact]
    public async Task Rules_of_a_webhook_are_not_known()
    {
        await using var hooks = await HookServer.StartAsync();
        Answer(hooks, """{"allowed": true}""");
        await using var server = await SecuredServer.StartAsync(Security(hooks, "RBAC", "Webhook"));
        var review = await server.MustAsync("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", """{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectRulesReview","spec":{"namespace":"default"}}""");
        Assert.Equal((true, "webhook authorizer does not support user rule resolution"), ((bool)review["status"]!["incomplete"]!, (string?)review["status"]!["evaluationError"]));
    }

    [Fact]
    public async Task A_mode_without_a_file_is_refused() =>
        Assert.Equal(
            "authorization-mode Webhook's authorization config file not passed",
            (await Assert.ThrowsAsync<FormatException>(() => SecuredServer.StartAsync(new() { AuthorizationModes = ["Webhook"] }))).Message);

    public void Dispose() => _folder.Delete(recursive: true);

    private static void Answer(HookServer hooks, string status) => hooks.Reply("/allow", _ => (200, $$"""{"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/v1","status":{{status}}}"""));

    private static global::Kobune.ApiServer.Requests.RequestInfo Ask(string verb) => new() { IsResourceRequest = true, Path = "", Verb = verb, Resource = "pods" };

    private WebhookAuthorizer Authorizer(HookServer hooks) => new(Options(hooks), true, _time, NullLogger<WebhookAuthorizer>.Instance);

    private ServerSecurityOptions Security(HookServer hooks, params string[] modes) => new() { AuthorizationModes = modes, AuthorizationWebhook = Options(hooks) };

    private ReviewWebhookOptions Options(HookServer hooks)
    {
        var config = Path.Combine(_folder.FullName, "config");
        File.WriteAllText(config, hooks.Kubeconfig("/allow"));
        return new() { ConfigFile = config, Version = "v1", CacheTime = TimeSpan.FromMinutes(5), RefusalCacheTime = TimeSpan.FromSeconds(30), InitialBackoff = TimeSpan.FromMilliseconds(1) };
    }
}
