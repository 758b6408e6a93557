using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Handlers;
using Kobune.ApiServer.Outbound;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Handlers;

/// <summary>The proxy subresources against a real backend on loopback, through the real HTTPS edge.</summary>
public class ProxyTests
{
    private const string Api = "/api/v1/namespaces/default";

    [Theory]
    [InlineData("/api/v1/namespaces/ns/pods/p/proxy", "/api/v1/namespaces/ns/pods/p/proxy", "", "")]
    [InlineData("/api/v1/namespaces/ns/pods/p/proxy/a%2Fb/c?x=1", "/api/v1/namespaces/ns/pods/p/proxy", "/a%2Fb/c", "?x=1")]
    [InlineData("/api/v1/namespaces/ns/services/proxy-a:http/proxy/proxy/b", "/api/v1/namespaces/ns/services/proxy-a:http/proxy", "/proxy/b", "")]
    [InlineData("/api/v1/nodes/n:10250/proxy/metrics", "/api/v1/nodes/n:10250/proxy", "/metrics", "")]
    public void The_target_begins_behind_the_subresource(string raw, string prefix, string path, string query) =>
        Assert.Equal((prefix, path, query), ProxyForward.Split(raw));

    [Fact]
    public async Task An_answer_of_unknown_length_ends_where_the_backends_ends()
    {
        await using var world = await World.StartAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
        using var answer = await world.SendAsync("GET", $"{Api}/pods/p/proxy/");
        Assert.Equal("ok", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("pods/p", 8080, false)]
    [InlineData("pods/p:81", 81, false)]
    [InlineData("pods/http:p:81", 81, false)]
    [InlineData("pods/https:p:443", 443, true)]
    [InlineData("services/s:web", 8080, false)]
    [InlineData("services/s:80", 8080, false)]
    [InlineData("services/https:s:web", 8080, true)]
    public async Task A_name_chooses_scheme_and_port(string name, int port, bool tls)
    {
        await using var world = await World.StartAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        using var answer = await world.SendAsync("GET", $"{Api}/{name}/proxy/");
        Assert.Equal("ok", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(("10.1.2.3", port, tls), (world.Wanted!.Host, world.Wanted.Port, world.Wanted.Tls));
    }

    [Fact]
    public async Task Path_query_and_body_pass_as_they_are_and_credentials_stay()
    {
        await using var world = await World.StartAsync("HTTP/1.1 201 Created\r\nContent-Length: 4\r\nX-Answer: yes\r\nKeep-Alive: timeout=5\r\n\r\nmade");
        using var answer = await world.SendAsync("POST", $"{Api}/pods/p/proxy/a%2Fb/%E5%B0%8F?x=1&y=%20", request =>
        {
            request.Content = new StringContent("hello");
            request.Headers.TryAddWithoutValidation("X-Mine", "1");
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer secret");
            request.Headers.TryAddWithoutValidation("X-Forwarded-Uri", "/forged");
        });
        Assert.Equal((HttpStatusCode.Created, "made", "yes"), (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), answer.Headers.GetValues("X-Answer").Single()));
        Assert.False(answer.Headers.Contains("Keep-Alive"));
        var seen = await world.SeenAsync();
        Assert.StartsWith("POST /a%2Fb/%E5%B0%8F?x=1&y=%20 HTTP/1.1\r\n", seen, StringComparison.Ordinal);
        Assert.EndsWith("hello", seen, StringComparison.Ordinal);
        Assert.Contains("\r\nX-Mine: 1\r\n", seen, StringComparison.Ordinal);
        Assert.Contains($"\r\nX-Forwarded-Uri: {Api}/pods/p/proxy/a%2Fb/%E5%B0%8F\r\n", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Forwarded-Proto", seen, StringComparison.Ordinal); // upstream's transport knows no scheme of its own
        Assert.DoesNotContain("secret", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("forged", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_bare_subresource_redirects_to_its_slash()
    {
        await using var world = await World.StartAsync("");
        using var answer = await world.SendAsync("GET", $"{Api}/services/s:web/proxy?a=1");
        Assert.Equal((HttpStatusCode.MovedPermanently, $"{Api}/services/s:web/proxy/?a=1"), (answer.StatusCode, answer.Headers.Location!.OriginalString));
    }

    [Theory]
    [InlineData("/login?next=%2F", "{prefix}/login?next=%2F")]
    [InlineData("http://{backend}/x", "{prefix}/x")]
    [InlineData("https://elsewhere.example/x", "https://elsewhere.example/x")]
    [InlineData("sub/page", "sub/page")]
    public async Task A_redirect_of_the_target_stays_under_the_proxy(string location, string expected)
    {
        await using var world = await World.StartAsync("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + "\r\n\r\n");
        using var answer = await world.SendAsync("GET", $"{Api}/pods/p/proxy/a");
        Assert.Equal(expected.Replace("{self}", world.Self, StringComparison.Ordinal).Replace("{prefix}", $"{Api}/pods/p/proxy", StringComparison.Ordinal), answer.Headers.Location!.OriginalString);
    }

    [Theory]
    [InlineData("/a?b=/c#d", "/p/proxy/a?b=/c#d")]
    [InlineData("/p/proxy/a", "/p/proxy/a")]
    [InlineData("http://10.1.2.3:80/a/", "/p/proxy/a/")]
    [InlineData("//10.1.2.3:80/a", "/p/proxy/a")]
    [InlineData("https://api:6443/a", "https://api:6443/p/proxy/a")]
    [InlineData("http://10.1.2.3:80", "http://10.1.2.3:80")]
    [InlineData("http://other/a", "http://other/a")]
    [InlineData("mailto:/a", "mailto:/a")]
    [InlineData("a/b", "a/b")]
    [InlineData("?a=/b", "?a=/b")]
    [InlineData("#/b", "#/b")]
    [InlineData("", "")]
    public void Links_to_the_target_are_led_under_the_proxy(string link, string expected) =>
        Assert.Equal(expected, new ProxyLinks("10.1.2.3:80", "api:6443", "/p/proxy").Rewrite(link));

    [Theory]
    [InlineData("<a href=\"/x\">/x</a><IMG SRC='/y' alt=/y><link href=/z>", "<a href=\"/p/x\">/x</a><IMG SRC='/p/y' alt=/y><link href=/p/z>")]
    [InlineData("<form action = \"/f?a=1&amp;b=2\"><p>\u00e9 unclosed <a href='rel'>", "<form action = \"/p/f?a=1&amp;b=2\"><p>\u00e9 unclosed <a href='rel'>")]
    [InlineData("<script>var a = '<a href=\"/x\">';</script><!-- <a href=\"/x\"> --><div href=\"/x\">", "<script>var a = '<a href=\"/x\">';</script><!-- <a href=\"/x\"> --><div href=\"/x\">")]
    public void Only_links_of_a_page_change(string page, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(new ProxyLinks("t", "a", "/p").RewritePage(Encoding.UTF8.GetBytes(page))));

    [Theory]
    [InlineData("")]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Links_in_html_stay_under_the_proxy_also_when_packed(string encoding)
    {
        var page = Encoding.Latin1.GetString(Pack("<a href=/next>n</a>", encoding));
        var header = encoding.Length == 0 ? "" : $"Content-Encoding: {encoding}\r\n";
        await using var world = await World.StartAsync($"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nAccess-Control-Allow-Origin: *\r\n{header}Content-Length: {page.Length}\r\n\r\n{page}");
        using var answer = await world.SendAsync("GET", $"{Api}/pods/p/proxy/");
        var body = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal($"<a href={Api}/pods/p/proxy/next>n</a>", Unpack(body, encoding));
        Assert.Equal(encoding, string.Join(',', answer.Content.Headers.ContentEncoding));
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    private static byte[] Pack(string text, string encoding)
    {
        using var packed = new MemoryStream();
        using (Stream stream = encoding switch { "gzip" => new GZipStream(packed, CompressionMode.Compress, true), "deflate" => new DeflateStream(packed, CompressionMode.Compress, true), _ => packed })
        {
            stream.Write(Encoding.ASCII.GetBytes(text));
            stream.Flush();
        }

        return packed.ToArray();
    }

    private static string Unpack(byte[] bytes, string encoding)
    {
        using var packed = new MemoryStream(bytes);
        using Stream stream = encoding switch { "gzip" => new GZipStream(packed, CompressionMode.Decompress), "deflate" => new DeflateStream(packed, CompressionMode.Decompress), _ => packed };
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [Fact]
    public async Task An_upgrade_becomes_a_pipe_to_the_target()
    {
        await using var world = await World.StartAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
        using var answer = await world.SendAsync("GET", $"{Api}/pods/p/proxy/chat", request =>
        {
            request.Headers.Connection.Add("Upgrade");
            request.Headers.TryAddWithoutValidation("Upgrade", "echo");
        });
        Assert.Equal((HttpStatusCode.SwitchingProtocols, "echo"), (answer.StatusCode, answer.Headers.Upgrade.ToString()));
        await using var pipe = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await pipe.WriteAsync("ping"u8.ToArray(), TestContext.Current.CancellationToken);
        await pipe.FlushAsync(TestContext.Current.CancellationToken);
        var back = new byte[4];
        await pipe.ReadExactlyAsync(back, TestContext.Current.CancellationToken);
        Assert.Equal("ping", Encoding.ASCII.GetString(back));
        Assert.Contains("Upgrade: echo", await world.SeenAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pods/p:x", 400, "invalid port \"x\"")]
    [InlineData("pods/ftp:p:1", 400, "invalid pod request \"ftp:p:1\"")]
    [InlineData("pods/none", 404, "pods \"none\" not found")]
    [InlineData("pods/local", 400, "address not allowed")]
    [InlineData("services/none", 404, "services \"none\" not found")]
    [InlineData("services/s:99", 503, "no service port 99 found for service \"s\"")]
    [InlineData("services/s:other", 503, "no endpoints available for service \"s\"")]
    [InlineData("services/s", 503, "no endpoints available for service \"s\"")]
    public async Task What_cannot_be_reached_is_a_status(string name, int code, string message)
    {
        await using var world = await World.StartAsync("");
        using var answer = await world.SendAsync("GET", $"{Api}/{name}/proxy/");
        var status = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal((code, "Status", message), ((int)answer.StatusCode, (string?)status["kind"], (string?)status["message"]));
    }

    [Fact]
    public async Task A_target_that_refuses_the_connection_is_a_status_too()
    {
        await using var world = await World.StartAsync("");
        world.CloseBackend();
        using var answer = await world.SendAsync("GET", $"{Api}/pods/p/proxy/");
        var status = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal((503, "ServiceUnavailable"), ((int)answer.StatusCode, (string?)status["reason"]));
        Assert.Matches("^error trying to reach service: dial tcp .*: connect: connection refused$", (string?)status["message"]);
    }

    /// <summary>A server with a pod and a Service, whose every connection out ends at one backend on loopback that gives one answer and then echoes.</summary>
    private sealed class World : IOutboundConnector, IAsyncDisposable
    {
        private readonly TcpListener _backend = new(IPAddress.Loopback, 0);
        private readonly TaskCompletionSource<string> _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly SocketsHttpHandler _out = new() { AllowAutoRedirect = false };
        private HttpsServer _server = null!;
        private HttpClient _client = null!;
        private Task _serving = Task.CompletedTask;

        public OutboundTarget? Wanted { get; private set; }

        public string Self => _server.Address;

        public static async Task<World> StartAsync(string answer)
        {
            var world = new World();
            world._backend.Start();
            world._serving = world.ServeAsync(answer.Replace("{backend}", world._backend.LocalEndpoint.ToString(), StringComparison.Ordinal));
            world._server = await HttpsServer.StartAsync(keepsSystemObjects: false, options => options with { Outbound = world });
            world._client = world._server.Client();
            var server = world._server.Server;
            await PodAsync(server, "p", "10.1.2.3");
            await PodAsync(server, "local", "127.0.0.1");
            await server.MustAsync("POST", $"{Api}/services", """{"metadata":{"name":"s"},"spec":{"clusterIP":"None","ports":[{"name":"web","port":80,"targetPort":8080}]}}""");
            await server.MustAsync("POST", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", """{"metadata":{"name":"s-1","labels":{"kubernetes.io/service-name":"s"}},"addressType":"IPv4","endpoints":[{"addresses":["10.1.2.3"]}],"ports":[{"name":"web","port":8080}]}""");
            await server.MustAsync("GET", "/apis/discovery.k8s.io/v1/endpointslices"); // the cache has seen it
            await server.MustAsync("GET", $"{Api}/services");
            return world;
        }

        public ValueTask<(HttpMessageInvoker Invoker, Uri BaseAddress)> ConnectAsync(OutboundTarget target, CancellationToken ct)
        {
            Wanted = target;
            return new((new HttpMessageInvoker(_out, disposeHandler: false), new Uri($"http://{_backend.LocalEndpoint}")));
        }

        public async Task<HttpResponseMessage> SendAsync(string method, string path, Action<HttpRequestMessage>? configure = null)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), Self + path) { Version = HttpVersion.Version11 };
            configure?.Invoke(request);
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30));
        }

        public Task<string> SeenAsync() => _seen.Task.WaitAsync(TimeSpan.FromSeconds(30));

        public void CloseBackend() => _backend.Stop();

        public async ValueTask DisposeAsync()
        {
            _client.Dispose();
            _out.Dispose();
            _backend.Dispose();
            await _serving;
            await _server.DisposeAsync();
        }

        private static async Task PodAsync(TestServer server, string name, string ip)
        {
            await server.MustAsync("POST", $"{Api}/pods", $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":8080}]}]}}""");
            await server.MustAsync("PATCH", $"{Api}/pods/{name}/status", $$$"""{"status":{"podIP":"{{{ip}}}","podIPs":[{"ip":"{{{ip}}}"}]}}""", "application/merge-patch+json");
        }

        private async Task ServeAsync(string answer)
        {
            try
            {
                using var connection = await _backend.AcceptTcpClientAsync();
                await using var stream = connection.GetStream();
                var (buffer, text) = (new byte[16 * 1024], "");
                while (!IsWhole(text))
                {
                    var read = await stream.ReadAsync(buffer);
                    if (read == 0)
                    {
                        return;
                    }

                    text += Encoding.Latin1.GetString(buffer, 0, read);
                }

                _seen.TrySetResult(text);
                await stream.WriteAsync(Encoding.Latin1.GetBytes(answer));
                int more;
                while ((more = await stream.ReadAsync(buffer)) > 0)
                {
                    await stream.WriteAsync(buffer.AsMemory(0, more));
                }
            }
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or InvalidOperationException)
            {
                // the test is over
            }
        }

        private static bool IsWhole(string text)
        {
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            var length = text.Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase)) is { } line ? int.Parse(line[16..]) : 0;
            return end >= 0 && text.Length - end - 4 >= length;
        }
    }
}
