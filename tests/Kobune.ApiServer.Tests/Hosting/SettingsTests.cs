using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.Api.Schema;
using Kobune.Api.Selectors;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Requests;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Tests.Hosting;

/// <summary>What can be set of a server, seen from outside.</summary>
public class SettingsTests
{
    private const string Pods = "/api/v1/namespaces/default/pods";
    private const string Pod = """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"serviceAccountName":"default","containers":[{"name":"c","image":"i:1"}]}}""";

    [Fact]
    public async Task Who_has_no_credential_is_anonymous_or_nobody()
    {
        await using var open = await SecuredServer.StartAsync();
        Assert.Equal(403, (await open.SendHttpsAsync("/api/v1/pods")).Code);
        await using var closed = await SecuredServer.StartAsync(new() { AllowAnonymous = false });
        Assert.Equal(401, (await closed.SendHttpsAsync("/api/v1/pods")).Code);
    }

    [Fact]
    public async Task A_token_file_names_users()
    {
        await using var server = await SecuredServer.StartAsync(new() { TokenFile = "secret,jane,42,\"system:masters\"\n" });
        Assert.Equal(200, (await server.SendHttpsAsync("/api/v1/pods", token: "secret")).Code);
        Assert.Equal(401, (await server.SendHttpsAsync("/api/v1/pods", token: "guess")).Code);
    }

    [Theory]
    [InlineData("Node,RBAC", 403)]
    [InlineData("Node,RBAC,AlwaysAllow", 200)]
    [InlineData("AlwaysAllow", 200)]
    public async Task Authorizers_are_asked_in_the_order_that_was_set(string modes, int code)
    {
        await using var server = await SecuredServer.StartAsync(new() { AuthorizationModes = modes.Split(',') });
        Assert.Equal(code, (await server.SendAsync(UserInfo.Of("nobody"), "GET", "/api/v1/pods")).Code);
    }

    [Fact]
    public async Task Tokens_have_the_issuer_and_audiences_that_were_set()
    {
        await using var server = await SecuredServer.StartAsync(new() { Issuer = "https://issuer.example", Audiences = ["api"], MaxTokenExpiration = TimeSpan.FromHours(2) });
        await server.MustAsync("POST", "/api/v1/namespaces/default/serviceaccounts", """{"metadata":{"name":"robot"}}""");
        var answer = await server.MustAsync("POST", "/api/v1/namespaces/default/serviceaccounts/robot/token", """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":86400}}""");
        var claims = Claims((string)answer["status"]!["token"]!);
        Assert.Equal(("https://issuer.example", "api"), ((string?)claims["iss"], (string?)claims["aud"]![0]));
        Assert.Equal(7200, (long?)claims["exp"] - (long?)claims["iat"]);
        Assert.Equal(7200, (long?)answer["spec"]!["expirationSeconds"]);
        Assert.Equal("https://issuer.example", (string?)JsonNode.Parse((await server.SendHttpsAsync("/.well-known/openid-configuration", token: (string)answer["status"]!["token"]!)).Body)!["issuer"]);
    }

    [Theory]
    [InlineData(30, "", true, true)]
    [InlineData(30, "ServiceAccountTokenJTI=false,ServiceAccountTokenPodNodeInfo=false", false, false)]
    public async Task Tokens_say_what_their_features_say(int minor, string gates, bool hasId, bool hasNode)
    {
        var features = FeatureGates.Parse(new(minor, 0), gates);
        await using var server = await SecuredServer.StartAsync(new() { Features = features }, o => o with { Version = features.Version, Features = features });
        await server.MustAsync("POST", "/api/v1/namespaces/default/serviceaccounts", """{"metadata":{"name":"default"}}""");
        await server.MustAsync("POST", Pods, Pod.Replace("\"serviceAccountName\"", "\"nodeName\":\"n\",\"serviceAccountName\"", StringComparison.Ordinal));
        await server.SeesAsync<Pod>("default", "web");
        const string Body = """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"boundObjectRef":{"apiVersion":"v1","kind":"KIND","name":"NAME"}}}""";
        var answer = await server.MustAsync("POST", "/api/v1/namespaces/default/serviceaccounts/default/token", Body.Replace("KIND", "Pod", StringComparison.Ordinal).Replace("NAME", "web", StringComparison.Ordinal));
        var claims = Claims((string)answer["status"]!["token"]!);
        Assert.Equal((hasId, hasNode), (claims.ContainsKey("jti"), ((JsonObject)claims["kubernetes.io"]!).ContainsKey("node")));
        var (code, refusal) = await server.SendAsync(SecuredServer.Admin, "POST", "/api/v1/namespaces/default/serviceaccounts/default/token", Body.Replace("KIND", "Node", StringComparison.Ordinal).Replace("NAME", "n", StringComparison.Ordinal));
        Assert.Equal((400, "cannot bind token to a Node object as the \"ServiceAccountTokenNodeBinding\" feature-gate is disabled"), (code, (string?)refusal["message"])); // on since 1.31
    }

    [Fact]
    public async Task Pods_tolerate_sick_nodes_as_long_as_was_set()
    {
        await using var server = await WithAdmission(new() { NotReadySeconds = 30, UnreachableSeconds = 31 });
        var tolerations = (await server.MustAsync("POST", Pods, Pod))["spec"]!["tolerations"]!.AsArray();
        Assert.Equal([30, 31], tolerations.Select(t => (int)t!["tolerationSeconds"]!));
    }

    [Fact]
    public async Task Plugins_can_be_left_out()
    {
        await using var server = await SecuredServer.StartAsync(new() { Admission = new() { Disabled = ["NamespaceLifecycle", "ServiceAccount"] } });
        await server.MustAsync("POST", "/api/v1/namespaces/nowhere/configmaps", """{"metadata":{"name":"a"}}"""); // nobody asks whether the namespace exists
    }

    [Fact]
    public async Task Namespaces_are_made_when_they_are_needed()
    {
        await using var server = await WithAdmission(new() { Enabled = ["NamespaceAutoProvision"] });
        await server.MustAsync("POST", "/api/v1/namespaces/team/configmaps", """{"metadata":{"name":"a"}}""");
        Assert.Equal("Active", (string?)(await server.MustAsync("GET", "/api/v1/namespaces/team"))["status"]!["phase"]);
        await using var without = await WithAdmission(new());
        Assert.Equal(404, (await without.SendAsync(SecuredServer.Admin, "POST", "/api/v1/namespaces/team/configmaps", """{"metadata":{"name":"a"}}""")).Code);
    }

    [Theory]
    [InlineData("AlwaysPullImages", "Always")]
    [InlineData("", "IfNotPresent")]
    public async Task Images_are_always_pulled_with_AlwaysPullImages(string plugin, string policy)
    {
        await using var server = await WithAdmission(new() { Enabled = [plugin] });
        Assert.Equal(policy, (string?)(await server.MustAsync("POST", Pods, Pod))["spec"]!["containers"]![0]!["imagePullPolicy"]);
    }

    /// <summary>A plugin, what it refuses, and its words.</summary>
    [Theory]
    [InlineData("DenyServiceExternalIPs", "services", """{"metadata":{"name":"a"},"spec":{"externalIPs":["192.0.2.1"],"ports":[{"port":80}]}}""", "services \"a\" is forbidden: Use of external IPs is denied by admission control")]
    [InlineData("LimitPodHardAntiAffinityTopology", "pods", """{"metadata":{"name":"a"},"spec":{"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"zone"}]}},"containers":[{"name":"c","image":"i"}]}}""", "only key kubernetes.io/hostname is allowed")]
    public async Task Plugins_refuse_when_they_are_on(string plugin, string plural, string body, string words)
    {
        await using var on = await WithAdmission(new() { Enabled = [plugin], Disabled = ["ServiceAccount"] });
        var (code, refusal) = await on.SendAsync(SecuredServer.Admin, "POST", "/api/v1/namespaces/default/" + plural, body);
        Assert.Equal(403, code);
        Assert.Contains(words, (string?)refusal["message"], StringComparison.Ordinal);
        await using var off = await WithAdmission(new() { Disabled = ["ServiceAccount"] });
        await off.MustAsync("POST", "/api/v1/namespaces/default/" + plural, body);
    }

    [Fact]
    public async Task Pods_that_ask_for_devices_tolerate_their_taints()
    {
        await using var server = await WithAdmission(new() { Enabled = ["ExtendedResourceToleration"] });
        var made = await server.MustAsync("POST", Pods, Pod.Replace("\"i:1\"", "\"i:1\",\"resources\":{\"limits\":{\"example.com/gpu\":\"1\"}}", StringComparison.Ordinal));
        Assert.Contains(made["spec"]!["tolerations"]!.AsArray(), t => (string?)t!["key"] == "example.com/gpu" && (string?)t["operator"] == "Exists");
    }

    [Fact]
    public async Task Events_expire_after_the_time_that_was_set()
    {
        var store = new TakenNames();
        await using var server = await TestServer.StartAsync(o => o with { EventTimeToLive = TimeSpan.FromMinutes(5) }, store);
        await server.MustAsync("POST", "/api/v1/namespaces/default/events", """{"apiVersion":"v1","kind":"Event","metadata":{"name":"e"},"involvedObject":{"namespace":"default"}}""");
        var write = store.Seen.SelectMany(t => t.Operations).Single(o => o.Key == "/registry/events/default/e");
        Assert.Equal(TimeSpan.FromMinutes(5), write.TimeToLive);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(1800)]
    public void A_watch_without_a_time_lives_between_the_least_and_twice_that(int seconds)
    {
        var least = TimeSpan.FromSeconds(seconds);
        var filter = new EntryFilter("", Selector.Everything, FieldSelector.Parse(""));
        var features = FeatureGates.Default(KubernetesVersion.Newest);
        var found = Enumerable.Range(0, 50).Select(_ => ListOptionsParser.Watch(QueryValues.Empty, filter, features, least, Random.Shared).Timeout).ToArray();
        Assert.All(found, t => Assert.InRange(t, least, least * 2));
        Assert.True(found.Distinct().Count() > 1);
    }

    [Theory]
    [InlineData("", "gzip")]
    [InlineData("APIResponseCompression=false", "")]
    public async Task Large_answers_are_compressed_with_APIResponseCompression(string gates, string encoding)
    {
        var features = FeatureGates.Parse(KubernetesVersion.Newest, gates);
        await using var server = await SecuredServer.StartAsync(new() { TokenFile = "secret,jane,42,\"system:masters\"\n" }, o => o with { Features = features });
        await server.MustAsync("POST", "/api/v1/namespaces/default/configmaps", $$$"""{"metadata":{"name":"large"},"data":{"a":"{{{new string('x', 200_000)}}}"}}""");
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null } };
        using var http = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{server.Host.Addresses[0]}/api/v1/namespaces/default/configmaps/large");
        request.Headers.Authorization = new("Bearer", "secret");
        request.Headers.AcceptEncoding.Add(new("gzip"));
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("no-cache, private", answer.Headers.CacheControl?.ToString());
        Assert.Equal((200, encoding), ((int)answer.StatusCode, string.Join(',', answer.Content.Headers.ContentEncoding)));
    }

    private static async Task<SecuredServer> WithAdmission(AdmissionSettings admission)
    {
        var server = await SecuredServer.StartAsync(new() { Admission = admission });
        await server.MustAsync("POST", "/api/v1/namespaces/default/serviceaccounts", """{"metadata":{"name":"default"}}""");
        await server.SeesAsync<ServiceAccount>("default", "default");
        return server;
    }

    private static JsonObject Claims(string token)
    {
        var payload = token.Split('.')[1].Replace('-', '+').Replace('_', '/');
        return (JsonObject)JsonNode.Parse(Convert.FromBase64String(payload + new string('=', (4 - (payload.Length % 4)) % 4)))!;
    }
}
