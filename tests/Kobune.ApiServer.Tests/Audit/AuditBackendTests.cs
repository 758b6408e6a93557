using System.Collections.Concurrent;
using System.Text;
using Kobune.ApiServer.Audit;
using Kobune.ApiServer.Tests.Hosting;
using Kobune.ApiServer.Tests.Webhooks;

namespace Kobune.ApiServer.Tests.Audit;

/// <summary>Where audit events go.</summary>
public class AuditBackendTests : IDisposable
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private readonly AuditFile _file = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_old_form_is_one_line_of_words()
    {
        await using var server = await TestServer.StartAsync(_file.Options("rules: [{level: Metadata}]", o => o with { IsLegacy = true }));
        await server.CreateConfigMapAsync("a");
        Assert.Equal(2, _file.Lines.Length);
        Assert.Matches("""^[^ ]+Z AUDIT: id="[0-9a-f-]{36}" stage="ResponseComplete" ip="127.0.0.1" method="create" user="admin" groups="system:masters","system:authenticated" as="<self>" asgroups="<lookup>" user-agent="test/1.0" namespace="default" uri="/api/v1/namespaces/default/configmaps" response="201"$""", _file.Lines[1]);
        Assert.EndsWith("response=\"<deferred>\"", _file.Lines[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_full_file_makes_room_and_old_ones_go(bool compress)
    {
        var time = new TimerTime();
        await using var log = new AuditLogFile(_file.Log(o => o with { MaxSize = 1, MaxBackups = 2, MaxAge = 3, Compress = compress }), time);
        var line = Encoding.UTF8.GetBytes(new string('x', 600_000));
        for (var i = 0; i < 5; i++)
        {
            await log.WriteAsync([line], Ct);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        var backups = Directory.GetFiles(_file.Folder, "audit-*").Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(2, backups.Length);
        Assert.All(backups, b => Assert.Matches(compress ? @"audit-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}\.log\.gz$" : @"audit-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}\.log$", b));
        Assert.Single(_file.Lines);
        time.Advance(TimeSpan.FromDays(4));
        await log.WriteAsync([line], Ct);
        Assert.Single(Directory.GetFiles(_file.Folder, "audit-*")); // the others are too old
    }

    [Fact]
    public async Task Batches_are_filled_or_sent_when_their_time_is_up()
    {
        var (time, backend) = (new TimerTime(), new Collector());
        await using var batches = new AuditBatches(new() { Mode = "batch", BatchSize = 3, MaxWait = TimeSpan.FromSeconds(30) }, backend, time, (_, _) => { });
        foreach (var i in Enumerable.Range(0, 4))
        {
            batches.Add(new byte[] { (byte)i });
        }

        Assert.Equal(3, await backend.NextAsync());
        await time.ArmedAsync(Ct); // the time of the second batch begins when it does
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.Empty(backend.Waiting);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, await backend.NextAsync());
    }

    [Fact]
    public async Task Batches_keep_to_their_rate_and_what_finds_no_place_is_lost()
    {
        var (time, backend, lost) = (new TimerTime(), new Collector(), 0);
        await using var batches = new AuditBatches(new() { Mode = "batch", BatchSize = 1, BufferSize = 4, Throttles = true, Rate = 1, Burst = 2 }, backend, time, (n, _) => Interlocked.Add(ref lost, n));
        batches.Add(new byte[1]);
        batches.Add(new byte[1]);
        Assert.Equal((1, 1), (await backend.NextAsync(), await backend.NextAsync()));
        for (var i = 0; i < 9; i++)
        {
            batches.Add(new byte[1]);
        }

        Assert.InRange(lost, 4, 5); // four wait, and perhaps one is in hand
        Assert.Empty(backend.Waiting);
        while (backend.Waiting.IsEmpty)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(1, await backend.NextAsync());
    }

    [Fact]
    public async Task A_webhook_gets_lists_of_events_and_is_asked_again_when_it_fails()
    {
        await using var hooks = await HookServer.StartAsync();
        var failures = 1;
        hooks.Reply("/audit", _ => Interlocked.Decrement(ref failures) >= 0 ? (503, "") : (200, "{}"));
        var config = Path.Combine(_file.Folder, "config");
        await File.WriteAllTextAsync(config, hooks.Kubeconfig("/audit"), Ct);
        await using (var server = await TestServer.StartAsync(o => o with
        {
            Audit = new() { Policy = AuditPolicy.Parse("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]"), Webhook = new() { ConfigFile = config, InitialBackoff = TimeSpan.FromMilliseconds(1), Mode = new() { Mode = "batch", BatchSize = 400, MaxWait = TimeSpan.Zero } } },
        }))
        {
            await server.CreateConfigMapAsync("a");
        }

        var lists = hooks.Reviews.Select(r => r.Review).ToArray();
        Assert.Equal(lists[0].ToJsonString(), lists[1].ToJsonString());
        Assert.Equal(("EventList", "audit.k8s.io/v1"), ((string?)lists[0]["kind"], (string?)lists[0]["apiVersion"]));
        Assert.Equal(Maps, (string?)lists[0]["items"]![0]!["requestURI"]);
    }

    [Fact]
    public async Task A_strict_log_that_cannot_be_written_refuses_the_request()
    {
        await using var server = await TestServer.StartAsync(_file.Options("rules: [{level: Metadata}]", o => o with { Path = Path.Combine(_file.Folder, "not", "there\0"), Mode = new() { Mode = "blocking-strict" } }));
        var answer = await server.SendAsync("GET", Maps);
        Assert.Equal((500, "Internal error occurred: failed to store audit event"), (answer.Code, answer.Message));
    }

    [Theory]
    [InlineData("", "no current context")]
    [InlineData("current-context: c\ncontexts: [{name: c, context: {cluster: k}}]", "no cluster \"k\"")]
    [InlineData("current-context: c\ncontexts: [{name: c, context: {cluster: k}}]\nclusters: [{name: k, cluster: {server: nowhere}}]", "server \"nowhere\" is no URL")]
    public void A_config_file_without_a_server_is_refused(string text, string problem)
    {
        var config = Path.Combine(_file.Folder, "config");
        File.WriteAllText(config, text + "\n");
        Assert.Equal($"{config}: {problem}", Assert.Throws<FormatException>(() => global::Kobune.ApiServer.Webhooks.KubeconfigClient.Load(config)).Message);
    }

    public void Dispose() => _file.Dispose();

    private sealed class Collector : IAuditBackend
    {
        private readonly SemaphoreSlim _came = new(0);

        public ConcurrentQueue<int> Waiting { get; } = new();

        public string Name => "test";

        public bool IsLegacy => false;

        public ValueTask WriteAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken ct)
        {
            Waiting.Enqueue(events.Count);
            _came.Release();
            return default;
        }

        /// <summary>The size of the next batch.</summary>
        public async Task<int> NextAsync()
        {
            await _came.WaitAsync(Ct);
            Assert.True(Waiting.TryDequeue(out var count));
            return count;
        }

        public ValueTask DisposeAsync() => default;
    }
}
