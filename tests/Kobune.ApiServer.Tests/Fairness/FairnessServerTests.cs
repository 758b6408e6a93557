using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Certificates;
using Kobune.ApiServer.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Kobune.ApiServer.Tests.Fairness;

/// <summary>Priority and fairness as clients see it.</summary>
public class FairnessServerTests
{
    private const string Schemas = "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas";
    private const string Levels = "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations";
    private const string Slow = "/api/v1/namespaces/slow/configmaps";
    private const string Quick = "/api/v1/namespaces/quick/configmaps";
    private static readonly UserInfo Jane = UserInfo.Of("jane");
    private static readonly Lazy<ClusterCertificates> Certificates = new(() => ClusterCertificates.CreateOrLoad(new(), TimeProvider.System));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_too_many_is_refused_in_plain_words(bool fairness)
    {
        var gate = new Gate(Slow);
        await using var server = await StartAsync(gate, o => o with { EnablesFairness = fairness, MaxReadsInFlight = 1, MaxWritesInFlight = fairness ? 0 : 1 });
        var held = SendAsync(server, Slow);
        await gate.ArrivedAsync();
        var refused = await SendAsync(server, Quick);
        Assert.Equal((429, 1.0), (refused.StatusCode, refused.RetryAfter!.Value.TotalSeconds));
        using var http = await HttpAsync(server, Quick);
        Assert.Equal("Too many requests, please try again later.\n", await http.Content.ReadAsStringAsync(Ct));
        Assert.Equal((429, "text/plain; charset=utf-8", true), ((int)http.StatusCode, http.Content.Headers.ContentType!.ToString(), http.Headers.Contains("Retry-After")));
        Assert.Equal(200, (await SendAsync(server, Quick, TestServer.Admin)).StatusCode); // administrators always get through
        gate.Open();
        Assert.Equal(200, (await held).StatusCode);
        Assert.Equal(200, (await SendAsync(server, Quick)).StatusCode);
    }

    [Fact]
    public async Task Reads_and_writes_have_a_limit_each_without_fairness()
    {
        var gate = new Gate(Slow);
        await using var server = await StartAsync(gate, o => o with { EnablesFairness = false, MaxReadsInFlight = 1, MaxWritesInFlight = 1 });
        var held = SendAsync(server, Slow);
        await gate.ArrivedAsync();
        var write = await server.Host.InProcess.SendAsync(new(Jane, "POST", Quick, """{"metadata":{"name":"a"}}"""u8.ToArray()), Ct);
        Assert.Equal(201, write.StatusCode);
        gate.Open();
        await held;
    }

    [Fact]
    public async Task A_request_waits_in_a_queue_for_its_seat()
    {
        var gate = new Gate(Slow);
        await using var server = await QueuedAsync(gate);
        var held = SendAsync(server, Slow);
        await gate.ArrivedAsync();
        var waiting = SendAsync(server, Quick);
        await DumpAsync(server, "dump_requests?includeRequestDetails=1", text => text.Contains("jane", StringComparison.Ordinal));
        var rows = Rows(await DumpAsync(server, "dump_requests?includeRequestDetails=1"));
        Assert.Equal("PriorityLevelName,FlowSchemaName,QueueIndex,RequestIndexInQueue,FlowDistingsher,ArriveTime,InitialSeats,FinalSeats,AdditionalLatency,StartTime,UserName,Verb,APIPath,Namespace,Name,APIVersion,Resource,SubResource", rows[0]);
        Assert.Matches($"^narrow,janes,[0-3],0,jane,[^,]*Z,1,0,0ms,[^,]*Z,jane,list,{Quick},quick,,v1,configmaps,$", rows[1]);
        Assert.Contains("narrow,1,false,false,1,1,1,0,0,0", Rows(await DumpAsync(server, "dump_priority_levels")));
        Assert.Single(Rows(await DumpAsync(server, "dump_queues")), r => r.StartsWith("narrow,", StringComparison.Ordinal) && r.Split(',')[2] == "1");
        Assert.Contains("apiserver_flowcontrol_current_inqueue_requests{priority_level=\"narrow\",flow_schema=\"janes\"} 1\n", await MetricsAsync(server), StringComparison.Ordinal);
        gate.Open();
        Assert.Equal((200, 200), ((await held).StatusCode, (await waiting).StatusCode));
        var metrics = await MetricsAsync(server);
        Assert.Contains("apiserver_flowcontrol_dispatched_requests_total{priority_level=\"narrow\",flow_schema=\"janes\"} 2\n", metrics, StringComparison.Ordinal);
        Assert.Contains("apiserver_flowcontrol_current_inqueue_requests{priority_level=\"narrow\",flow_schema=\"janes\"} 0\n", metrics, StringComparison.Ordinal);
        Assert.Contains("apiserver_flowcontrol_current_executing_seats{priority_level=\"narrow\",flow_schema=\"janes\"} 0\n", metrics, StringComparison.Ordinal);
        Assert.Contains("apiserver_flowcontrol_request_wait_duration_seconds_count{priority_level=\"narrow\",flow_schema=\"janes\",execute=\"true\"} 2\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_waits_a_quarter_of_its_time_is_refused()
    {
        var (gate, time) = (new Gate(Slow), new TimerTime());
        await using var server = await QueuedAsync(gate, o => o with { Time = time });
        var held = SendAsync(server, Slow);
        await gate.ArrivedAsync();
        var waiting = SendAsync(server, Quick + "?timeout=8s");
        await DumpAsync(server, "dump_requests", text => text.Contains("jane", StringComparison.Ordinal));
        time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(waiting.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(429, (await waiting).StatusCode);
        Assert.Contains("apiserver_flowcontrol_rejected_requests_total{priority_level=\"narrow\",flow_schema=\"janes\",reason=\"time-out\"} 1\n", await MetricsAsync(server), StringComparison.Ordinal);
        gate.Open();
        await held;
    }

    [Fact]
    public async Task Who_hangs_up_gives_its_place_back()
    {
        var gate = new Gate(Slow);
        await using var server = await QueuedAsync(gate);
        var held = SendAsync(server, Slow);
        await gate.ArrivedAsync();
        using var hangUp = new CancellationTokenSource();
        var waiting = server.Host.InProcess.SendAsync(new(Jane, "GET", Quick), hangUp.Token).AsTask();
        await DumpAsync(server, "dump_requests", text => text.Contains("jane", StringComparison.Ordinal));
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Single(Rows(await DumpAsync(server, "dump_requests")));
        Assert.Contains("reason=\"cancelled\"} 1\n", await MetricsAsync(server), StringComparison.Ordinal);
        gate.Open();
        await held;
    }

    [Fact]
    public async Task A_watch_counts_until_it_has_begun()
    {
        await using var server = await QueuedAsync(new Gate("/"));
        using var stop = new CancellationTokenSource();
        await using var plain = server.Host.InProcess.WatchAsync(new(Jane, "GET", Quick + "?watch=1&allowWatchBookmarks=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"), stop.Token).GetAsyncEnumerator(stop.Token);
        await server.CreateConfigMapAsync("a", "quick");
        Assert.True(await plain.MoveNextAsync());
        Assert.Equal("ADDED", plain.Current.Type);
        var pending = SendAsync(server, Quick); // the watch still sends what there is
        await DumpAsync(server, "dump_requests", text => text.Contains("jane", StringComparison.Ordinal));
        Assert.True(await plain.MoveNextAsync());
        Assert.Equal("BOOKMARK", plain.Current.Type);
        Assert.Equal(200, (await pending).StatusCode);
        await stop.CancelAsync();
    }

    [Fact]
    public async Task Answers_tell_which_objects_placed_them()
    {
        await using var server = await QueuedAsync(new Gate("/"));
        using var answer = await HttpAsync(server, Quick);
        string Uid(JsonObject obj) => (string)obj["metadata"]!["uid"]!;
        Assert.Equal(Uid(await server.MustAsync("GET", $"{Schemas}/janes")), answer.Headers.GetValues("X-Kubernetes-PF-FlowSchema-UID").Single());
        Assert.Equal(Uid(await server.MustAsync("GET", $"{Levels}/narrow")), answer.Headers.GetValues("X-Kubernetes-PF-PriorityLevel-UID").Single());
    }

    private static Task<TestServer> StartAsync(Gate gate, Func<ApiServerOptions, ApiServerOptions> configure) =>
        TestServer.StartAsync(o => configure(o) with
        {
            RequestAuthorizer = gate,
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            ServingCertificate = () => Certificates.Value.ServerCertificate,
            Authenticator = new Janes(),
        });

    /// <summary>A server whose level "narrow", with one seat and four queues, is jane's.</summary>
    private static async Task<TestServer> QueuedAsync(Gate gate, Func<ApiServerOptions, ApiServerOptions>? configure = null)
    {
        var server = await StartAsync(gate, o => (configure?.Invoke(o) ?? o) with { MaxReadsInFlight = 1, MaxWritesInFlight = 0 });
        await server.MustAsync("POST", Levels, """{"metadata":{"name":"narrow"},"spec":{"type":"Limited","limited":{"nominalConcurrencyShares":10,"borrowingLimitPercent":0,"limitResponse":{"type":"Queue","queuing":{"queues":4,"handSize":1,"queueLengthLimit":5}}}}}""");
        await server.MustAsync("POST", Schemas, """{"metadata":{"name":"janes"},"spec":{"priorityLevelConfiguration":{"name":"narrow"},"matchingPrecedence":7,"distinguisherMethod":{"type":"ByUser"},"rules":[{"subjects":[{"kind":"User","user":{"name":"jane"}}],"resourceRules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"],"namespaces":["*"]}]}]}}""");
        await DumpAsync(server, "dump_queues", text => text.Contains("narrow", StringComparison.Ordinal));
        for (var tries = 0; !(await MetricsAsync(server)).Contains("dispatched_requests_total{priority_level=\"narrow\",flow_schema=\"janes\"}", StringComparison.Ordinal); tries++)
        {
            Assert.True(tries < 3000, "the schema never took effect");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ct);
        }

        return server;
    }

    /// <summary>Over HTTPS, as jane.</summary>
    private static async Task<HttpResponseMessage> HttpAsync(TestServer server, string path)
    {
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
        using var client = new HttpClient(handler) { BaseAddress = new Uri($"https://{server.Host.Addresses[0]}") };
        return await client.GetAsync(new Uri(path, UriKind.Relative), Ct);
    }

    private static Task<InProcessAnswer> SendAsync(TestServer server, string path, UserInfo? user = null) =>
        server.Host.InProcess.SendAsync(new InProcessRequest(user ?? Jane, "GET", path), Ct).AsTask();

    private static async Task<string> MetricsAsync(TestServer server) => Encoding.UTF8.GetString((await SendAsync(server, "/metrics", TestServer.Admin)).Body.Json.Span);

    private static async Task<string> DumpAsync(TestServer server, string table, Func<string, bool>? until = null)
    {
        for (var tries = 0; ; tries++)
        {
            var text = Encoding.UTF8.GetString((await SendAsync(server, "/debug/api_priority_and_fairness/" + table, TestServer.Admin)).Body.Json.Span);
            if (until is null || until(text))
            {
                return text;
            }

            Assert.True(tries < 3000, $"{table} never showed it:\n{text}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ct);
        }
    }

    /// <summary>The rows with their padding taken out.</summary>
    private static string[] Rows(string table) => [.. table.TrimEnd('\n').Split('\n').Select(r => string.Join(',', r.Split(',').Select(c => c.Trim())))];

    private sealed class Janes : IAuthenticator
    {
        public ValueTask<AuthenticationResult?> AuthenticateAsync(HttpContext context, CancellationToken ct) => new(AuthenticationResult.Known(Jane));
    }
}
