using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Kobune.Ingress.Tests;

/// <summary>TLS, HTTP/2, WebSocket and gRPC.</summary>
public class ProtocolTests
{
    [Fact]
    public async Task Each_host_shows_its_own_certificate_and_the_others_the_self_made_one()
    {
        await using var echo = await TestBackend.EchoAsync("echo");
        var ingress = Objects.Ingress("a", [], ("x.test", "/", "Prefix", "app"), ("*.y.test", "/", "Prefix", "app"), ("z.test", "/", "Prefix", "app"));
        await using var world = await IngressWorld.StartAsync(null, ingress with { Spec = ingress.Spec with { TLS = [new() { Hosts = ["x.test"], SecretName = "x" }, new() { Hosts = ["*.y.test"], SecretName = "y" }, new() { Hosts = ["z.test"], SecretName = "missing" }] } });
        world.Api.Put(Objects.Tls("x", "x.test"));
        world.Api.Put(Objects.Tls("y", "*.y.test"));
        await world.UntilAsync(s => s.CertificateFor("x.test")?.Covers("x.test") == true && s.CertificateFor("www.y.test")?.Covers("*.y.test") == true);
        await world.ServeAsync("app", echo);
        Assert.Equal("CN=x.test", await ShownAsync(world, "https://x.test/"));
        Assert.Equal("CN=*.y.test", await ShownAsync(world, "https://www.y.test/"));
        Assert.StartsWith("CN=Kubernetes Ingress Controller Fake Certificate", await ShownAsync(world, "https://z.test/"));
        Assert.StartsWith("CN=Kubernetes Ingress Controller Fake Certificate", await ShownAsync(world, "https://elsewhere.test/"));
        world.Api.Put(Objects.Tls("x", "x.test", "renewed.test"));
        await world.UntilAsync(s => s.CertificateFor("x.test")?.Covers("renewed.test") == true);
    }

    [Fact]
    public async Task A_host_with_tls_sends_http_to_https_and_sets_hsts()
    {
        await using var echo = await TestBackend.EchoAsync("echo");
        var ingress = Objects.Ingress("a", [], ("x.test", "/", "Prefix", "app"));
        await using var world = await IngressWorld.StartAsync(null, ingress with { Spec = ingress.Spec with { TLS = [new() { Hosts = ["x.test"], SecretName = "x" }] } }, Objects.Ingress("b", ["ssl-redirect=false"], ("y.test", "/", "Prefix", "app")));
        await world.ServeAsync("app", echo);
        using var http = await world.Client.GetAsync(new Uri("http://x.test/a"));
        Assert.Equal((HttpStatusCode.PermanentRedirect, "https://x.test/a"), (http.StatusCode, http.Headers.Location!.OriginalString));
        using var https = await world.Client.GetAsync(new Uri("https://x.test/a"));
        Assert.Equal("max-age=31536000; includeSubDomains", https.Headers.GetValues("Strict-Transport-Security").Single());
        Assert.Contains("X-Forwarded-Proto: https\n", await https.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, (await world.GetAsync("http://y.test/")).Status);
        Assert.NotEqual(HttpStatusCode.PermanentRedirect, (await world.GetAsync("http://x.test/.well-known/acme-challenge/token")).Status);
    }

    [Fact]
    public async Task Http2_from_the_client_is_http1_to_the_endpoint()
    {
        await using var echo = await TestBackend.EchoAsync("echo");
        await using var world = await IngressWorld.StartAsync(null, Objects.Ingress("a", [], ("x.test", "/", "Prefix", "app")));
        await world.ServeAsync("app", echo);
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://x.test/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new StringContent("two") };
        using var answer = await world.Client.SendAsync(request);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpVersion.Version20, answer.Version);
        Assert.Contains("POST / HTTP/1.1", body);
        Assert.Contains("Host: x.test", body);
        Assert.EndsWith("body=two", body);
    }

    [Fact]
    public async Task Https_endpoints_need_no_known_certificate()
    {
        await using var echo = await TestBackend.EchoAsync("secure", tls: true);
        await using var world = await IngressWorld.StartAsync(null, Objects.Ingress("a", ["backend-protocol=HTTPS"], ("x.test", "/", "Prefix", "app")));
        await world.ServeAsync("app", echo);
        Assert.StartsWith("secure\n", (await world.GetAsync("http://x.test/")).Body);
    }

    [Theory]
    [InlineData("GRPC", false)]
    [InlineData("GRPCS", true)]
    public async Task Grpc_streams_both_ways_and_ends_with_trailers(string protocol, bool tls)
    {
        await using var service = await TestBackend.StartAsync(
            async http =>
            {
                Assert.Equal(("HTTP/2", "trailers"), (http.Request.Protocol, http.Request.Headers.TE.ToString()));
                http.Response.ContentType = "application/grpc";
                await http.Response.Body.FlushAsync();
                var buffer = new byte[1024];
                for (int count; (count = await http.Request.Body.ReadAsync(buffer)) > 0;)
                {
                    await http.Response.Body.WriteAsync(buffer.AsMemory(0, count));
                }

                http.Response.AppendTrailer("grpc-status", "0");
            },
            HttpProtocols.Http2,
            tls);
        await using var world = await IngressWorld.StartAsync(null, Objects.Ingress("a", ["backend-protocol=" + protocol], ("x.test", "/", "Prefix", "app")));
        await world.ServeAsync("app", service);
        using var body = new DuplexContent();
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://x.test/pkg.Service/Method") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = body };
        request.Headers.TE.ParseAdd("trailers");
        body.Headers.ContentType = new("application/grpc");
        using var answer = await world.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await answer.Content.ReadAsStreamAsync();
        foreach (var message in (string[])["first", "second"])
        {
            await body.WriteAsync(message);
            var buffer = new byte[message.Length];
            await stream.ReadExactlyAsync(buffer); // the answer to the first comes before the second is asked
            Assert.Equal(message, Encoding.UTF8.GetString(buffer));
        }

        body.Complete();
        Assert.Equal(0, await stream.ReadAsync(new byte[1]));
        Assert.Equal("0", answer.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [Theory]
    [InlineData("ws://x.test/chat", false)]
    [InlineData("wss://x.test/chat", false)]
    [InlineData("wss://x.test/chat", true)]
    public async Task Web_sockets(string url, bool http2)
    {
        await using var chat = await TestBackend.StartAsync(async http =>
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[1024];
            while (await socket.ReceiveAsync(buffer, default) is { MessageType: not WebSocketMessageType.Close } got)
            {
                await socket.SendAsync(buffer.AsMemory(0, got.Count), WebSocketMessageType.Text, true, default);
            }

            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", default);
        });
        await using var world = await IngressWorld.StartAsync(null, Objects.Ingress("a", [], ("x.test", "/", "Prefix", "app")));
        await world.ServeAsync("app", chat);
        using var client = new ClientWebSocket();
        client.Options.HttpVersion = http2 ? HttpVersion.Version20 : HttpVersion.Version11;
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using var timeout = new CancellationTokenSource(IngressWorld.Patience);
        await client.ConnectAsync(new(url), world.Client, timeout.Token);
        foreach (var text in (string[])["hello", "again"])
        {
            await client.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, timeout.Token);
            var buffer = new byte[100];
            var got = await client.ReceiveAsync(buffer, timeout.Token);
            Assert.Equal(text, Encoding.UTF8.GetString(buffer, 0, got.Count));
        }

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", timeout.Token);
        Assert.Equal("bye", client.CloseStatusDescription);
    }

    private static async Task<string> ShownAsync(IngressWorld world, string url)
    {
        using var answer = await world.Client.GetAsync(new Uri(url));
        return world.Shown!.Subject;
    }
}
