using System.Net;
using System.Net.WebSockets;
using System.Text;
using Kobune.ApiServer.Outbound;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Handlers;

public class ConnectTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private const string Pods = "/api/v1/namespaces/default/pods";

    [Fact]
    public async Task A_log_is_the_kubelets_stream_with_all_options()
    {
        using var kubelet = new Target(HttpStatusCode.OK, "line\n");
        await using var server = await TestServer.StartAsync(o => o with { Outbound = kubelet });
        await PodAsync(server, """[{"name":"c","image":"i"}]""", "n1");
        Assert.Equal("line\n", await TextAsync(server, $"{Pods}/p/log?follow=true&tailLines=5&timestamps=true"));
        Assert.Equal("https://n1/containerLogs/default/p/c?follow=true&tailLines=5&timestamps=true", kubelet.Asked);
        Assert.Equal(new OutboundTarget(OutboundPurpose.Kubelet, "n1", 0, true), kubelet.Wanted);
    }

    [Theory]
    [InlineData(null, "", "line\n")]
    [InlineData("binary.k8s.io", "", "line\n")]
    [InlineData("base64.binary.k8s.io", "", "bGluZQo=")]
    public async Task A_log_over_a_websocket_is_an_empty_message_and_then_the_pieces(string? protocol, params string[] messages)
    {
        using var kubelet = new Target(HttpStatusCode.OK, "line\n");
        await using var https = await HttpsServer.StartAsync(keepsSystemObjects: false, configure: o => o with { Outbound = kubelet });
        await PodAsync(https.Server, """[{"name":"c","image":"i"}]""", "n1");
        using var client = https.Client();
        using var socket = new ClientWebSocket();
        if (protocol is not null)
        {
            socket.Options.AddSubProtocol(protocol);
        }

        await socket.ConnectAsync(new Uri($"{https.Address.Replace("https:", "wss:", StringComparison.Ordinal)}{Pods}/p/log"), client, Ct);
        Assert.Equal(protocol, socket.SubProtocol);
        foreach (var message in messages)
        {
            Assert.Equal((message, protocol == "base64.binary.k8s.io" ? WebSocketMessageType.Text : WebSocketMessageType.Binary), await ReceiveAsync(socket));
        }

        Assert.Equal(("", WebSocketMessageType.Close), await ReceiveAsync(socket));
    }

    [Fact]
    public async Task A_websocket_of_another_protocol_is_refused()
    {
        using var kubelet = new Target(HttpStatusCode.OK, "line\n");
        await using var https = await HttpsServer.StartAsync(keepsSystemObjects: false, configure: o => o with { Outbound = kubelet });
        await PodAsync(https.Server, """[{"name":"c","image":"i"}]""", "n1");
        using var client = https.Client();
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("chat");
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new Uri($"{https.Address.Replace("https:", "wss:", StringComparison.Ordinal)}{Pods}/p/log"), client, Ct));
    }

    [Fact]
    public async Task A_container_must_be_named_when_there_are_several()
    {
        using var kubelet = new Target(HttpStatusCode.OK, "");
        await using var server = await TestServer.StartAsync(o => o with { Outbound = kubelet });
        await PodAsync(server, """[{"name":"c","image":"i"},{"name":"d","image":"i"}]""", "n1");
        Assert.Equal("a container name must be specified for pod p, choose one of: [c d]", (await server.SendAsync("GET", $"{Pods}/p/log")).Message);
        Assert.Equal("container x is not valid for pod p", (await server.SendAsync("GET", $"{Pods}/p/log?container=x")).Message);
        var invalid = await server.SendAsync("GET", $"{Pods}/p/log?container=c&tailLines=-1");
        Assert.Equal((422, "PodLogOptions \"p\" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0"), (invalid.Code, invalid.Message));
    }

    [Fact]
    public async Task What_a_kubelet_refuses_is_told_in_its_words()
    {
        using var kubelet = new Target(HttpStatusCode.BadRequest, "container \"c\" in pod \"p\" is waiting to start: ContainerCreating");
        await using var server = await TestServer.StartAsync(o => o with { Outbound = kubelet });
        await PodAsync(server, """[{"name":"c","image":"i"}]""", "n1");
        var refused = await server.SendAsync("GET", $"{Pods}/p/log");
        Assert.Equal((400, "BadRequest", "container \"c\" in pod \"p\" is waiting to start: ContainerCreating"), (refused.Code, refused.Reason, refused.Message));
    }

    [Fact]
    public async Task Health_tells_each_check_and_fails_with_one()
    {
        await using var server = await TestServer.StartAsync(o => o with { HealthChecks = [new Health.HealthCheck("part", () => "broken")] });
        Assert.Equal("[+]ping ok\n[+]log ok\n[+]etcd ok\n[+]poststarthook/bootstrap-system-objects ok\n[-]part failed: reason withheld\nlivez check failed\n", await TextAsync(server, "/livez?verbose"));
        Assert.Equal("ok", await TextAsync(server, "/readyz?exclude=part"));
        Assert.Equal("ok", await TextAsync(server, "/healthz/etcd"));
        Assert.Equal("internal server error: broken\n", await TextAsync(server, "/livez/part"));
    }

    private static async Task<(string Text, WebSocketMessageType Type)> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[1024];
        var result = await socket.ReceiveAsync(buffer.AsMemory(), Ct);
        return (Encoding.UTF8.GetString(buffer, 0, result.Count), result.MessageType);
    }

    private static async Task PodAsync(TestServer server, string containers, string node)
    {
        await server.MustAsync("POST", Pods, $$$"""{"metadata":{"name":"p"},"spec":{"nodeName":"{{{node}}}","containers":{{{containers}}}}}""");
    }

    private static async Task<string> TextAsync(TestServer server, string path)
    {
        var answer = await server.Host.InProcess.SendAsync(new InProcessRequest(TestServer.Admin, "GET", path), TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(answer.Body.Json.Span);
    }

    /// <summary>A kubelet of one answer.</summary>
    private sealed class Target(HttpStatusCode code, string body) : HttpMessageHandler, IOutboundConnector
    {
        public string Asked { get; private set; } = "";

        public OutboundTarget? Wanted { get; private set; }

        public ValueTask<(HttpMessageInvoker Invoker, Uri BaseAddress)> ConnectAsync(OutboundTarget target, CancellationToken ct)
        {
            Wanted = target;
            return new((new HttpMessageInvoker(this, disposeHandler: false), new Uri($"https://{target.Host}")));
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked = request.RequestUri!.ToString();
            return Task.FromResult(new HttpResponseMessage(code) { Content = new StringContent(body) });
        }
    }
}
