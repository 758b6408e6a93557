using System.Net;
using System.Text;

namespace Kobune.Ingress.Tests;

/// <summary>API objects in, requests through, with real hosts on both sides.</summary>
public class RoutingOverHttpTests
{
    [Fact]
    public async Task Host_and_path_choose_the_service()
    {
        await using var one = await TestBackend.EchoAsync("one");
        await using var two = await TestBackend.EchoAsync("two");
        await using var world = await IngressWorld.StartAsync(null, Objects.Ingress("a", [], ("x.test", "/", "Prefix", "one"), ("x.test", "/two", "Prefix", "two"), ("*.y.test", "/", "Prefix", "two")));
        await world.ServeAsync("one", one);
        await world.ServeAsync("two", two);
        Assert.StartsWith("one\nGET /path?q=1 HTTP/1.1", (await world.GetAsync("http://x.test/path?q=1")).Body);
        Assert.StartsWith("two\nGET /two/a%20b%2Fc HTTP/1.1", (await world.GetAsync("http://x.test/two/a%20b%2Fc")).Body);
        Assert.StartsWith("two\n", (await world.GetAsync("http://any.y.test:8080/")).Body);
        Assert.Equal(HttpStatusCode.NotFound, (await world.GetAsync("http://z.test/")).Status);
        Assert.Equal(HttpStatusCode.OK, (await world.GetAsync("http://z.test/healthz")).Status);
    }

    [Fact]
    public async Task The_endpoint_sees_forwarded_headers_and_none_of_the_connection()
    {
        await using var echo = await TestBackend.EchoAsync("echo");
        await using var world = await IngressWorld.StartAsync(null, Objects.Ingress("a", [], ("x.test", "/", "Prefix", "app")));
        await world.ServeAsync("app", echo);
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://x.test/") { Content = new StringContent("hello") };
        request.Headers.TryAddWithoutValidation("Connection", "X-Private");
        request.Headers.TryAddWithoutValidation("X-Private", "1");
        request.Headers.TryAddWithoutValidation("Proxy", "evil");
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", "6.6.6.6");
        request.Headers.TryAddWithoutValidation("X-Real-IP", "6.6.6.6");
        request.Headers.TryAddWithoutValidation("X-Request-ID", "mine");
        request.Headers.TryAddWithoutValidation("X-Own", "kept");
        using var answer = await world.Client.SendAsync(request);
        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n');
        Assert.Equal("POST / HTTP/1.1", lines[1]);
        string[] expected =
        [
            "Host: x.test", "X-Request-ID: mine", "X-Real-IP: 127.0.0.1", "X-Forwarded-For: 127.0.0.1", "X-Forwarded-Host: x.test",
            "X-Forwarded-Proto: http", "X-Forwarded-Scheme: http", "X-Scheme: http", "X-Original-Forwarded-For: 6.6.6.6", "X-Own: kept", "Content-Length: 5", "body=hello",
        ];
        Assert.All(expected, line => Assert.Contains(line, lines));
        Assert.DoesNotContain(lines, l => l.StartsWith("X-Private") || l.StartsWith("Proxy:") || l.Contains("evil"));
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Fact]
    public async Task Without_endpoints_503_and_without_a_service_too()
    {
        await using var world = await IngressWorld.StartAsync(null, Objects.Ingress("a", [], ("x.test", "/", "Prefix", "app")));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await world.GetAsync("http://x.test/")).Status);
        world.Api.Put(Objects.Service("app"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await world.GetAsync("http://x.test/")).Status);
    }

    [Fact]
    public async Task A_refused_connection_goes_to_the_next_endpoint()
    {
        await using var echo = await TestBackend.EchoAsync("alive");
        await using var world = await IngressWorld.StartAsync(null, Objects.Ingress("a", [], ("x.test", "/", "Prefix", "app")));
        await world.ServeAsync("app", echo.Port, await ClosedPortAsync());
        for (var i = 0; i < 4; i++)
        {
            using var answer = await world.Client.PostAsync(new Uri("http://x.test/"), new StringContent("body " + i)); // nothing was sent yet: a POST too
            Assert.Contains("body=body " + i, await answer.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task A_broken_connection_is_tried_elsewhere_only_when_that_is_harmless()
    {
        await using var echo = await TestBackend.EchoAsync("alive");
        await using var broken = await TestBackend.StartAsync(http =>
        {
            http.Abort();
            return Task.CompletedTask;
        });
        await using var world = await IngressWorld.StartAsync(null, Objects.Ingress("a", [], ("x.test", "/", "Prefix", "app")));
        await world.ServeAsync("app", echo, broken);
        HttpStatusCode[] posts = [await PostAsync(world), await PostAsync(world)];
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.BadGateway], posts.Order());
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK], [(await world.GetAsync("http://x.test/")).Status, (await world.GetAsync("http://x.test/")).Status]);
    }

    [Fact]
    public async Task All_endpoints_down_is_502()
    {
        await using var world = await IngressWorld.StartAsync(null, Objects.Ingress("a", [], ("x.test", "/", "Prefix", "app")));
        await world.ServeAsync("app", await ClosedPortAsync());
        Assert.Equal(HttpStatusCode.BadGateway, (await world.GetAsync("http://x.test/")).Status);
    }

    [Fact]
    public async Task A_silent_endpoint_is_504_after_the_read_timeout()
    {
        var time = new TimerTime();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var silent = await TestBackend.StartAsync(async http =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        await using var world = await IngressWorld.StartAsync(time, Objects.Ingress("a", ["proxy-read-timeout=33"], ("x.test", "/", "Prefix", "app")));
        await world.ServeAsync("app", silent);
        var asking = world.GetAsync("http://x.test/");
        await asked.Task.WaitAsync(IngressWorld.Patience);
        time.Advance(TimeSpan.FromSeconds(32));
        Assert.False(asking.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await asking.WaitAsync(IngressWorld.Patience)).Status);
    }

    [Theory]
    [InlineData(true, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData(false, HttpStatusCode.RequestEntityTooLarge)]
    public async Task A_body_over_the_limit_is_413(bool length, HttpStatusCode status)
    {
        await using var echo = await TestBackend.EchoAsync("echo");
        await using var world = await IngressWorld.StartAsync(null, Objects.Ingress("a", ["proxy-body-size=1k"], ("x.test", "/", "Prefix", "app")));
        await world.ServeAsync("app", echo);
        using var fits = await world.Client.PostAsync(new Uri("http://x.test/"), new ByteArrayContent(new byte[1024]));
        Assert.Equal(HttpStatusCode.OK, fits.StatusCode);
        HttpContent body = length ? new ByteArrayContent(new byte[1025]) : new StreamContent(new MemoryStream(new byte[4096]));
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://x.test/") { Content = body };
        request.Headers.TransferEncodingChunked = !length;
        using var answer = await world.Client.SendAsync(request);
        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task A_long_body_flows_through()
    {
        await using var count = await TestBackend.StartAsync(async http =>
        {
            var total = 0L;
            var buffer = new byte[65536];
            for (int n; (n = await http.Request.Body.ReadAsync(buffer)) > 0; total += n)
            {
            }

            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(total.ToString()));
        });
        await using var world = await IngressWorld.StartAsync(null, Objects.Ingress("a", ["proxy-body-size=0"], ("x.test", "/", "Prefix", "app")));
        await world.ServeAsync("app", count);
        using var answer = await world.Client.PostAsync(new Uri("http://x.test/"), new ByteArrayContent(new byte[5_000_000]));
        Assert.Equal("5000000", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_reload_under_load_drops_no_request()
    {
        await using var one = await TestBackend.EchoAsync("one");
        await using var two = await TestBackend.EchoAsync("two");
        await using var world = await IngressWorld.StartAsync(null, Objects.Ingress("a", [], ("x.test", "/", "Prefix", "app")));
        await world.ServeAsync("app", one);
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 4).Select(async _ =>
        {
            var (good, bad) = (0, new List<HttpStatusCode>());
            while (!stop.IsCancellationRequested)
            {
                var (status, _) = await world.GetAsync("http://x.test/");
                good += status == HttpStatusCode.OK ? 1 : 0;
                if (status != HttpStatusCode.OK)
                {
                    bad.Add(status);
                }
            }

            return (good, bad);
        }).ToList();
        for (var i = 0; i < 20; i++)
        {
            await world.ServeAsync("app", i % 2 == 0 ? two : one);
            world.Api.Put(Objects.Ingress("a", ["proxy-read-timeout=" + (60 + i)], ("x.test", "/", "Prefix", "app"), ($"h{i}.test", "/", "Prefix", "app")));
            await world.UntilAsync(s => s.Hosts.ContainsKey($"h{i}.test"));
        }

        await stop.CancelAsync();
        var results = await Task.WhenAll(load);
        Assert.All(results, r => Assert.Empty(r.bad));
        Assert.All(results, r => Assert.True(r.good > 0));
    }

    private static async Task<HttpStatusCode> PostAsync(IngressWorld world)
    {
        using var answer = await world.Client.PostAsync(new Uri("http://x.test/"), new StringContent("x"));
        return answer.StatusCode;
    }

    private static async Task<int> ClosedPortAsync()
    {
        await using var gone = await TestBackend.EchoAsync("gone");
        return gone.Port;
    }
}
