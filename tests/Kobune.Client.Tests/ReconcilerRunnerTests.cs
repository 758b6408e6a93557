using System.Text.Json;
using System.Threading.Channels;
using Kobune.Api.Core.V1;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;
using Kobune.Client.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Client.Tests;

public sealed class ReconcilerRunnerTests : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly FakeTransport _transport = new();
    private readonly Channel<ApiWatchEvent> _watch;
    private readonly CancellationTokenSource _stop = new();
    private readonly KubernetesClient _client;
    private readonly InformerFactory _informers;
    private readonly ReconcilerRunner _runner;
    private readonly List<string> _skipped = [];
    private readonly Channel<ObjectKey> _seen = Channel.CreateUnbounded<ObjectKey>();
    private Task _running = Task.CompletedTask;

    public ReconcilerRunnerTests()
    {
        _watch = _transport.AddWatch();
        _client = new(_transport, _time);
        _informers = new(_client, _time, NullLoggerFactory.Instance);
        _runner = new("test", new ReconcilerOptions { Workers = 3, Skipped = resource => _skipped.Add(resource.Plural) }, _time, NullLogger.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.Happens("the runner has ended");
        _runner.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task A_failure_comes_again_with_backoff_and_a_terminal_one_does_not()
    {
        var results = new Queue<Func<ReconcileResult>>([
            () => throw new InvalidOperationException("no"),
            () => throw new TerminalException("never"),
            () => ReconcileResult.RequeueAfter(TimeSpan.FromMinutes(1)),
            () => ReconcileResult.Done,
        ]);
        Start((_, _) => Task.FromResult(results.Dequeue()()));
        Emit("ADDED", Pod("a", 2));
        await Seen();
        await Eventually.Holds(() => _time.PendingTimers > 0, "the back-off");
        _time.Advance(TimeSpan.FromMilliseconds(5));
        await Seen();
        await Eventually.Holds(() => _runner.IsIdle, "a terminal failure rests");
        Emit("MODIFIED", Pod("a", 3));
        await Seen();
        await Eventually.Holds(() => _time.PendingTimers > 0, "the delayed look");
        _time.Advance(TimeSpan.FromMinutes(1));
        await Seen();
        await Eventually.Holds(() => _runner.IsIdle, "all is done");
    }

    [Fact]
    public async Task A_key_rests_until_the_cache_shows_what_it_wrote()
    {
        AnswerWrites(revision: 10);
        var client = _runner.Track(_client);
        Start(async (key, ct) =>
        {
            if (key.Name == "a")
            {
                await client.UpdateAsync(Pod("a", 2), ct);
            }

            return ReconcileResult.Done;
        });
        Emit("ADDED", Pod("a", 2));
        Assert.Equal("a", (await Seen()).Name);
        Emit("MODIFIED", Pod("a", 3)); // an older change than our write: the key must wait
        Emit("ADDED", Pod("b", 4));
        Assert.Equal("b", (await Seen()).Name);
        await Eventually.Holds(() => _time.PendingTimers == 1, "a is held");
        Emit("MODIFIED", Pod("a", 10));
        Assert.Equal("a", (await Seen()).Name);
        Assert.Equal(["pods"], _skipped); // it was due once meanwhile, whenever it came to be held
    }

    [Fact]
    public async Task A_key_is_let_go_after_five_minutes_without_its_write_in_the_cache()
    {
        AnswerWrites(revision: 10);
        var client = _runner.Track(_client);
        Start(async (_, ct) =>
        {
            await client.UpdateAsync(Pod("a", 2), ct);
            return ReconcileResult.RequeueAfter(TimeSpan.FromSeconds(1));
        });
        Emit("ADDED", Pod("a", 2));
        await Seen();
        await Eventually.Holds(() => _time.PendingTimers == 2, "the key is held and delayed");
        _time.Advance(TimeSpan.FromMinutes(4.9));
        Assert.False(_seen.Reader.TryPeek(out _));
        await Eventually.Holds(() => _skipped.Count > 0, "its delay has passed while it was held");
        _time.Advance(TimeSpan.FromMinutes(0.2));
        await Seen();
        Assert.Equal(["pods"], _skipped);
    }

    [Fact]
    public async Task A_deleted_object_is_waited_for_until_it_is_gone_or_going()
    {
        _transport.Answer = _ => new(200, FakeTransport.Encode(new Status { StatusValue = "Success" }));
        var client = _runner.Track(_client);
        var once = 0;
        Start(async (key, ct) =>
        {
            if (key.Name == "a" && Interlocked.Increment(ref once) == 1)
            {
                await client.DeleteAsync<Pod>("default", "a", null, ct);
            }

            return ReconcileResult.Done;
        });
        Emit("ADDED", Pod("a", 2));
        await Seen();
        await Eventually.Holds(() => _time.PendingTimers == 1, "a is held");
        Emit("DELETED", Pod("a", 3));
        await Seen();
        await Eventually.Holds(() => _runner.IsIdle, "all is done");
    }

    private static Pod Pod(string name, int revision) => new() { Metadata = new ObjectMeta { Namespace = "default", Name = name, Uid = "uid-" + name, ResourceVersion = revision.ToString() } };

    private void AnswerWrites(int revision) => _transport.Answer = request =>
    {
        var reader = new Utf8JsonReader(request.Body.Span);
        reader.Read();
        var sent = Api.Core.V1.Pod.ReadJson(ref reader);
        return new(200, FakeTransport.Encode(sent.WithMetadata(sent.Metadata with { ResourceVersion = revision.ToString() })));
    };

    private void Start(Func<ObjectKey, CancellationToken, Task<ReconcileResult>> reconcile)
    {
        _runner.Reconciler = new Reconciler(reconcile, _seen.Writer);
        _runner.For(_informers.For<Pod>());
        _running = Task.WhenAll(Task.Run(() => _informers.RunAsync(_stop.Token)), Task.Run(() => _runner.RunAsync(_stop.Token)));
    }

    private void Emit(string type, Pod pod) => _watch.Writer.TryWrite(FakeTransport.Event(type, pod));

    private Task<ObjectKey> Seen() => _seen.Reader.ReadAsync().AsTask().Happens("a reconciliation");

    private sealed class Reconciler(Func<ObjectKey, CancellationToken, Task<ReconcileResult>> reconcile, ChannelWriter<ObjectKey> seen) : IReconciler
    {
        public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
        {
            seen.TryWrite(key);
            return await reconcile(key, ct);
        }
    }
}
