using System.Text.Json.Nodes;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authentication.Tokens;
using Kobune.ApiServer.Tests.Hosting;
using Kobune.ApiServer.Tests.Webhooks;
using Kobune.ApiServer.Webhooks;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.ApiServer.Tests.Authentication;

/// <summary>Tokens that a webhook knows.</summary>
public class WebhookTokenTests : IDisposable
{
    private const string Jane = """{"authenticated": true, "user": {"username": "jane", "uid": "7", "groups": ["dev"], "extra": {"scopes": ["a", "b"]}}}""";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kobune-webhook-");
    private readonly ManualTime _time = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("v1")]
    [InlineData("v1beta1")]
    public async Task A_request_is_that_of_the_user_whom_the_webhook_names(string version)
    {
        await using var hooks = await HookServer.StartAsync();
        Answer(hooks, Jane);
        await using var server = await SecuredServer.StartAsync(new() { TokenWebhook = Options(hooks) with { Version = version }, TokenFile = "known,joe,1" });
        var (code, body) = await server.SendHttpsAsync("/api/v1/namespaces/default/pods", token: "unknown");
        Assert.Equal(403, code);
        Assert.Contains("User \\\"jane\\\" cannot list resource", body, StringComparison.Ordinal);
        var asked = Assert.Single(hooks.Reviews);
        Assert.Equal(
            $$$"""{"kind":"TokenReview","apiVersion":"authentication.k8s.io/{{{version}}}","metadata":{},"spec":{"token":"unknown","audiences":["https://kubernetes.default.svc.cluster.local"]},"status":{}}""",
            asked.Review.ToJsonString());
        Assert.Contains("\\\"joe\\\"", (await server.SendHttpsAsync("/api/v1/pods", token: "known")).Body, StringComparison.Ordinal); // of the file, which is asked before
        Assert.Single(hooks.Reviews);
    }

    [Fact]
    public async Task A_review_tells_the_user_with_groups_uid_and_extra()
    {
        await using var hooks = await HookServer.StartAsync();
        Answer(hooks, Jane);
        await using var server = await SecuredServer.StartAsync(new() { TokenWebhook = Options(hooks) });
        var review = await server.MustAsync("POST", "/apis/authentication.k8s.io/v1/tokenreviews", """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"token":"t"}}""");
        Assert.Equal(
            """{"authenticated":true,"user":{"username":"jane","uid":"7","groups":["dev","system:authenticated"],"extra":{"scopes":["a","b"]}},"audiences":["https://kubernetes.default.svc.cluster.local"]}""",
            review["status"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"authenticated": false}""", "")]
    [InlineData("""{"authenticated": false, "error": "too old"}""", "too old")]
    [InlineData("""{"authenticated": true, "user": {"username": "jane"}, "audiences": ["others"]}""", "")]
    public async Task A_token_that_is_refused_gets_401(string status, string reason)
    {
        await using var hooks = await HookServer.StartAsync();
        Answer(hooks, status);
        await using var server = await SecuredServer.StartAsync(new() { TokenWebhook = Options(hooks) });
        Assert.Equal(401, (await server.SendHttpsAsync("/version", token: "t")).Code);
        var review = await server.MustAsync("POST", "/apis/authentication.k8s.io/v1/tokenreviews", """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"token":"t"}}""");
        Assert.Equal(reason.Length == 0 ? "invalid bearer token" : $"[invalid bearer token, {reason}]", (string?)review["status"]!["error"]);
    }

    [Fact]
    public async Task Only_the_audiences_that_both_name_are_shared()
    {
        await using var hooks = await HookServer.StartAsync();
        Answer(hooks, """{"authenticated": true, "user": {"username": "jane"}, "audiences": ["b", "c"]}""");
        using var authenticator = Authenticator(hooks);
        Assert.Equal(["b"], (await authenticator.AuthenticateTokenAsync("t", ["a", "b"], Ct))!.Audiences);
        Assert.Null(await authenticator.AuthenticateTokenAsync("t", ["a"], Ct)); // another question, not the answer to the first
        Assert.Equal("""["a","b"]""", hooks.Reviews.First().Review["spec"]!["audiences"]!.ToJsonString());
    }

    [Theory]
    [InlineData(Jane)]
    [InlineData("""{"authenticated": false}""")]
    public async Task An_answer_is_kept_for_its_time(string status)
    {
        await using var hooks = await HookServer.StartAsync();
        Answer(hooks, status);
        using var authenticator = Authenticator(hooks);
        var first = await authenticator.AuthenticateTokenAsync("t", [], Ct);
        _time.Advance(TimeSpan.FromSeconds(119));
        Assert.Same(first, await authenticator.AuthenticateTokenAsync("t", [], Ct));
        Assert.Single(hooks.Reviews);
        await authenticator.AuthenticateTokenAsync("other", [], Ct);
        Assert.Equal(2, hooks.Reviews.Count);
        _time.Advance(TimeSpan.FromSeconds(1));
        await authenticator.AuthenticateTokenAsync("t", [], Ct);
        Assert.Equal(3, hooks.Reviews.Count);
    }

    [Fact]
    public async Task Who_asks_at_the_same_time_shares_one_question()
    {
        await using var hooks = await HookServer.StartAsync();
        var (asked, answer) = (new SemaphoreSlim(0), new TaskCompletionSource());
        hooks.ReplyLater("/token", async _ =>
        {
            asked.Release();
            await answer.Task;
            return (200, Review(Jane));
        });
        using var authenticator = Authenticator(hooks);
        using var leaving = new CancellationTokenSource();
        var first = authenticator.AuthenticateTokenAsync("t", [], leaving.Token).AsTask();
        var second = authenticator.AuthenticateTokenAsync("t", [], Ct).AsTask();
        await asked.WaitAsync(Ct);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        answer.SetResult();
        Assert.Equal("jane", (await second)!.User!.Name);
        Assert.Single(hooks.Reviews);
    }

    [Theory]
    [InlineData(500, 2)]
    [InlineData(429, 2)]
    [InlineData(504, 2)]
    [InlineData(403, 1)]
    [InlineData(503, 1)]
    public async Task Transient_failures_are_tried_again(int code, int asked)
    {
        await using var hooks = await HookServer.StartAsync();
        var failures = 1;
        hooks.Reply("/token", _ => Interlocked.Decrement(ref failures) >= 0 ? (code, "no") : (200, Review(Jane)));
        await using var server = await SecuredServer.StartAsync(new() { TokenWebhook = Options(hooks) });
        Assert.Equal(asked == 2 ? 200 : 401, (await server.SendHttpsAsync("/version", token: "t")).Code);
        Assert.Equal(asked, hooks.Reviews.Count);
    }

    [Fact]
    public async Task A_webhook_that_keeps_failing_is_asked_five_times_and_its_failure_is_not_kept()
    {
        await using var hooks = await HookServer.StartAsync();
        hooks.Reply("/token", _ => (500, "oops"));
        using var authenticator = Authenticator(hooks, TimeProvider.System);
        var refused = await authenticator.AuthenticateTokenAsync("t", [], Ct);
        Assert.Equal("an error on the server (\"oops\") has prevented the request from succeeding", refused!.Failure);
        Assert.Equal(5, hooks.Reviews.Count);
        Answer(hooks, Jane);
        Assert.Equal("jane", (await authenticator.AuthenticateTokenAsync("t", [], Ct))!.User!.Name);
    }

    [Fact]
    public async Task A_webhook_that_is_not_there_refuses_every_token()
    {
        var hooks = await HookServer.StartAsync();
        using var authenticator = Authenticator(hooks);
        await hooks.DisposeAsync();
        var refused = await authenticator.AuthenticateTokenAsync("t", [], Ct);
        Assert.StartsWith($"Post \"{new Uri(hooks.Address, "/token")}\": ", refused!.Failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/v1","status":{"authenticated":true}}""", "the webhook answers with a SubjectAccessReview, not with a TokenReview")]
    [InlineData("nonsense", "couldn't get version/kind; json parse error: ")]
    public async Task An_answer_that_is_no_review_refuses_the_token(string body, string failure)
    {
        await using var hooks = await HookServer.StartAsync();
        hooks.Reply("/token", _ => (200, body));
        using var authenticator = Authenticator(hooks);
        Assert.StartsWith(failure, (await authenticator.AuthenticateTokenAsync("t", [], Ct))!.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_that_are_not_asked_for_make_room()
    {
        var cache = new AnswerCache<int>(2, _time);
        cache.Add("a", 1, TimeSpan.FromSeconds(1));
        cache.Add("b", 2, TimeSpan.FromSeconds(1));
        Assert.True(cache.TryGet("a", out _));
        cache.Add("c", 3, TimeSpan.FromSeconds(1));
        Assert.Equal([true, false, true], new[] { "a", "b", "c" }.Select(k => cache.TryGet(k, out _)));
        cache.Add("a", 4, TimeSpan.Zero);
        Assert.True(cache.TryGet("a", out var kept) && kept == 1);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static string Review(string status) => $$"""{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","status":{{status}}}""";

    private static void Answer(HookServer hooks, string status) => hooks.Reply("/token", _ => (200, Review(status)));

    private WebhookTokenAuthenticator Authenticator(HookServer hooks, TimeProvider? time = null) => new(Options(hooks), ["b", "d"], time ?? _time, NullLogger<WebhookTokenAuthenticator>.Instance);

    private ReviewWebhookOptions Options(HookServer hooks)
    {
        var config = Path.Combine(_folder.FullName, "config");
        File.WriteAllText(config, hooks.Kubeconfig("/token"));
        return new() { ConfigFile = config, Version = "v1", CacheTime = TimeSpan.FromMinutes(2), InitialBackoff = TimeSpan.FromMilliseconds(1) };
    }
}
