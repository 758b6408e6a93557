using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Kobune.Api.Core.V1;

namespace Kobune.Kubelet.Tests.Node;

/// <summary>exec, attach and port-forward reach containerd's streaming server through the kubelet.</summary>
public sealed class StreamingTests(ContainerdFixture containerd) : IClassFixture<ContainerdFixture>
{
    private const string Upgrade = "Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\n";

    private static async Task<TestNode> StartAsync(ContainerdFixture containerd, string pod)
    {
        var node = new TestNode(containerd);
        node.Start();
        await node.CreateAsync(new Pod
        {
            Metadata = new() { Name = pod, Namespace = "default" },
            Spec = new()
            {
                HostNetwork = true,
                RestartPolicy = "Always",
                TerminationGracePeriodSeconds = 0,
                Containers = [new() { Name = "main", Image = TestImage.Busybox, ImagePullPolicy = "Never", Command = ["/bin/sleep", "1000"] }],
            },
        });
        await node.WaitAsync(pod, p => p.Status.Phase == "Running", "Running");
        return node;
    }

    private static async Task<(string Head, SslStream Stream)> SendAsync(TestNode node, string request, bool certificate = true)
    {
        var found = await node.Client.GetAsync<Kobune.Api.Core.V1.Node>("", node.Name, CancellationToken.None);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, found.Status.DaemonEndpoints.KubeletEndpoint.Port);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true), false, (_, server, _, _) => server!.Issuer == "CN=test");
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", ClientCertificates = certificate ? [node.ClientCertificate] : [] });
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one).AsTask().WaitAsync(TestNode.Patience) > 0)
        {
            head.Append((char)one[0]);
        }

        return (head.ToString(), stream);
    }

    [Theory]
    [InlineData("/exec/default/NAME/main?command=cat&input=1&output=1&error=1", "v4.channel.k8s.io")]
    [InlineData("/attach/default/NAME/main?output=1", "v4.channel.k8s.io")]
    [InlineData("/portForward/default/NAME", "portforward.k8s.io")]
    public async Task Upgrade_is_passed_through(string path, string protocol)
    {
        var name = "stream-" + protocol.Length + path.Length;
        await using var node = await StartAsync(containerd, name);
        var (head, stream) = await SendAsync(node, $"POST {path.Replace("NAME", name, StringComparison.Ordinal)} HTTP/1.1\r\nHost: x\r\n{Upgrade}X-Stream-Protocol-Version: {protocol}\r\nContent-Length: 0\r\n\r\n");
        await using var owned = stream;
        Assert.StartsWith("HTTP/1.1 101", head, StringComparison.Ordinal);
        Assert.Contains("Upgrade: SPDY/3.1", head, StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"X-Stream-Protocol-Version: {protocol}", head, StringComparison.OrdinalIgnoreCase);

        // A SPDY ping comes back as it went: the bytes really pass both ways.
        byte[] ping = [0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1];
        await stream.WriteAsync(ping);
        var pong = new byte[ping.Length];
        await stream.ReadExactlyAsync(pong).AsTask().WaitAsync(TestNode.Patience);
        Assert.Equal(ping, pong);
    }

    [Fact]
    public async Task Caller_without_a_certificate_is_not_known()
    {
        await using var node = await StartAsync(containerd, "closed");
        var (head, stream) = await SendAsync(node, "GET /pods HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", certificate: false);
        await using var owned = stream;
        Assert.StartsWith("HTTP/1.1 401", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exec_without_an_upgrade_or_a_container_is_refused()
    {
        await using var node = await StartAsync(containerd, "refusing");
        using var http = await node.HttpAsync();
        using var plain = await http.PostAsync("/exec/default/refusing/main?command=true&output=1", null);
        Assert.Equal(HttpStatusCode.BadRequest, plain.StatusCode);
        using var missing = await http.PostAsync("/exec/default/refusing/none?command=true&output=1", null);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Equal("ok", await http.GetStringAsync("/healthz"));
        Assert.Contains("\"name\":\"refusing\"", await http.GetStringAsync("/pods"), StringComparison.Ordinal);
        Assert.Contains("\"podRef\":{\"name\":\"refusing\"", await http.GetStringAsync("/stats/summary"), StringComparison.Ordinal);
        Assert.Contains("container_memory_working_set_bytes{container=\"main\",namespace=\"default\",pod=\"refusing\"}", await http.GetStringAsync("/metrics/resource"), StringComparison.Ordinal);
        var cadvisor = await http.GetStringAsync("/metrics/cadvisor");
        Assert.Matches("container_cpu_usage_seconds_total\\{container=\"main\",id=\"[^\"]*/kubepods/[^\"]+\",image=\"[^\"]+\",name=\"[0-9a-f]{64}\",namespace=\"default\",pod=\"refusing\",cpu=\"total\"\\} 0\\.[0-9]+", cadvisor);
    }
}
