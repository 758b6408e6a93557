using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Kobune.Ingress.Tests;

/// <summary>Annotations that change what a client sees.</summary>
public class AnnotationsOverHttpTests
{
    [Theory]
    [InlineData("/something/new?a=1", "GET /new?a=1 ")]
    [InlineData("/something", "GET / ")]
    [InlineData("/SOMETHING/x%20y", "GET /x%20y ")]
    public async Task Rewrite_target(string path, string seen)
    {
        await using var echo = await TestBackend.EchoAsync("echo");
        await using var world = await IngressWorld.StartAsync(null, Objects.Ingress("a", ["use-regex=true", "rewrite-target=/$2"], ("x.test", "/something(/|$)(.*)", "ImplementationSpecific", "app")));
        await world.ServeAsync("app", echo);
        Assert.Contains(seen, (await world.GetAsync("http://x.test" + path)).Body);
    }

    [Theory]
    [InlineData("app-root=/home", "/", 302, "http://x.test/home")]
    [InlineData("permanent-redirect=https://y.test$request_uri", "/a?b=c", 301, "https://y.test/a?b=c")]
    [InlineData("temporal-redirect=https://y.test", "/", 302, "https://y.test")]
    [InlineData("force-ssl-redirect=true", "/a?b=c", 308, "https://x.test/a?b=c")]
    public async Task Redirects(string annotation, string path, int status, string location)
    {
        await using var world = await IngressWorld.StartAsync(null, Objects.Ingress("a", [annotation], ("x.test", "/", "Prefix", "app")));
        using var answer = await world.Client.GetAsync(new Uri("http://x.test" + path));
        Assert.Equal((status, location), ((int)answer.StatusCode, answer.Headers.Location?.OriginalString));
    }

    [Fact]
    public async Task Basic_auth_asks_for_a_user_of_the_secret()
    {
        await using var echo = await TestBackend.EchoAsync("echo");
        await using var world = await IngressWorld.StartAsync(null, Objects.Ingress("a", ["auth-type=basic", "auth-secret=users", "auth-realm=The shop"], ("x.test", "/", "Prefix", "app")));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await world.GetAsync("http://x.test/")).Status); // the Secret is missing: nobody enters
        world.Api.Put(Objects.Secret("users", ("auth", "ada:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/\n")));
        await world.ServeAsync("app", echo);
        await world.UntilAsync(s => s.Find("x.test").Match("/").Users is not null);
        using var refused = await world.Client.GetAsync(new Uri("http://x.test/"));
        Assert.Equal((HttpStatusCode.Unauthorized, "Basic realm=\"The shop\""), (refused.StatusCode, refused.Headers.WwwAuthenticate.ToString()));
        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.OK, HttpStatusCode.OK], [await LoginAsync(world, "ada:wrong"), await LoginAsync(world, "ada:secret"), await LoginAsync(world, "ada:secret")]);
    }

    [Theory]
    [InlineData("whitelist-source-range=10.0.0.0/8", HttpStatusCode.Forbidden)]
    [InlineData("whitelist-source-range=10.0.0.0/8,127.0.0.0/8", HttpStatusCode.OK)]
    [InlineData("denylist-source-range=127.0.0.1", HttpStatusCode.Forbidden)]
    [InlineData("whitelist-source-range=nonsense", HttpStatusCode.ServiceUnavailable)]
    public async Task Source_ranges(string annotation, HttpStatusCode status)
    {
        await using var echo = await TestBackend.EchoAsync("echo");
        await using var world = await IngressWorld.StartAsync(null, Objects.Ingress("a", [annotation], ("x.test", "/", "Prefix", "app")));
        await world.ServeAsync("app", echo);
        Assert.Equal(status, (await world.GetAsync("http://x.test/")).Status);
    }

    [Fact]
    public async Task Cors_answers_preflights_and_marks_answers()
    {
        await using var echo = await TestBackend.EchoAsync("echo");
        await using var world = await IngressWorld.StartAsync(null, Objects.Ingress("a", ["enable-cors=true", "cors-allow-origin=https://*.shop.test", "cors-max-age=600"], ("x.test", "/", "Prefix", "app")));
        await world.ServeAsync("app", echo);
        var (status, headers) = await WithOriginAsync(world, HttpMethod.Options, "https://www.shop.test");
        Assert.Equal((HttpStatusCode.NoContent, "https://www.shop.test", "600", "true"), (status, headers("Access-Control-Allow-Origin"), headers("Access-Control-Max-Age"), headers("Access-Control-Allow-Credentials")));
        Assert.Equal("GET, PUT, POST, DELETE, PATCH, OPTIONS", headers("Access-Control-Allow-Methods"));
        (status, headers) = await WithOriginAsync(world, HttpMethod.Get, "https://www.shop.test");
        Assert.Equal((HttpStatusCode.OK, "https://www.shop.test"), (status, headers("Access-Control-Allow-Origin")));
        (status, headers) = await WithOriginAsync(world, HttpMethod.Get, "https://evil.test");
        Assert.Equal((HttpStatusCode.OK, ""), (status, headers("Access-Control-Allow-Origin")));
    }

    [Theory]
    [InlineData("balanced")]
    [InlineData("persistent")]
    public async Task A_session_cookie_keeps_the_endpoint(string mode)
    {
        await using var one = await TestBackend.EchoAsync("one");
        await using var two = await TestBackend.EchoAsync("two");
        await using var world = await IngressWorld.StartAsync(null, Objects.Ingress("a", ["affinity=cookie", "affinity-mode=" + mode, "session-cookie-name=route", "session-cookie-max-age=60", "session-cookie-samesite=Lax"], ("x.test", "/app", "Prefix", "app")));
        await world.ServeAsync("app", one, two);
        var seen = new HashSet<string>();
        for (var session = 0; session < 6; session++)
        {
            using var first = await world.Client.GetAsync(new Uri("http://x.test/app"));
            var cookie = Assert.Single(first.Headers.GetValues("Set-Cookie"));
            Assert.Matches(@"^route=[^;|]+\|[0-9a-f]{32}; Max-Age=60; Path=/app; HttpOnly; SameSite=Lax$", cookie);
            var name = (await first.Content.ReadAsStringAsync()).Split('\n')[0];
            seen.Add(name);
            for (var i = 0; i < 3; i++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "http://x.test/app");
                request.Headers.Add("Cookie", "other=1; " + cookie.Split(';')[0]);
                using var again = await world.Client.SendAsync(request);
                Assert.StartsWith(name + "\n", await again.Content.ReadAsStringAsync());
                Assert.False(again.Headers.Contains("Set-Cookie"));
            }
        }

        Assert.Equal(["one", "two"], seen.Order());
    }

    [Fact]
    public async Task A_persistent_session_whose_endpoint_went_gets_another()
    {
        await using var one = await TestBackend.EchoAsync("one");
        await using var two = await TestBackend.EchoAsync("two");
        await using var world = await IngressWorld.StartAsync(null, Objects.Ingress("a", ["affinity=cookie", "affinity-mode=persistent"], ("x.test", "/", "Prefix", "app")));
        await world.ServeAsync("app", one);
        using var first = await world.Client.GetAsync(new Uri("http://x.test/"));
        var cookie = first.Headers.GetValues("Set-Cookie").Single();
        await world.ServeAsync("app", two);
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://x.test/");
        request.Headers.Add("Cookie", cookie.Split(';')[0]);
        using var again = await world.Client.SendAsync(request);
        Assert.StartsWith("two", await again.Content.ReadAsStringAsync());
        Assert.StartsWith("INGRESSCOOKIE=", again.Headers.GetValues("Set-Cookie").Single());
    }

    private static async Task<HttpStatusCode> LoginAsync(IngressWorld world, string user)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://x.test/");
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(user)));
        using var answer = await world.Client.SendAsync(request);
        return answer.StatusCode;
    }

    private static async Task<(HttpStatusCode Status, Func<string, string> Header)> WithOriginAsync(IngressWorld world, HttpMethod method, string origin)
    {
        using var request = new HttpRequestMessage(method, "http://x.test/");
        request.Headers.Add("Origin", origin);
        var answer = await world.Client.SendAsync(request);
        return (answer.StatusCode, name => answer.Headers.TryGetValues(name, out var values) ? string.Join(",", values) : "");
    }
}
