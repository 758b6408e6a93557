using System.Text;
using System.Threading.Channels;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client.Informers;
using Kobune.Client.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Client.Tests;

public sealed class InformerTests : IAsyncDisposable
{
    private readonly FakeTransport _transport = new();
    private readonly Channel<Change<Pod>> _changes = Channel.CreateUnbounded<Change<Pod>>();
    private readonly CancellationTokenSource _stop = new();
    private InformerFactory? _factory;
    private IInformer<Pod>? _informer;
    private Task _running = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    [Fact]
    public async Task The_first_set_comes_whole_and_then_the_changes()
    {
        _transport.List = _ => new([FakeTransport.Encode(Pod("a", 3)), FakeTransport.Encode(Pod("b", 4))], "5", null);
        var watch = _transport.AddWatch();
        var cache = Start().Cache;
        await _informer!.Synced.Happens("the cache has synced");
        Assert.Equal(2, cache.Count);
        Assert.Equal(5ul, cache.Revision);
        await Next();
        await Next();

        watch.Writer.TryWrite(FakeTransport.Event("MODIFIED", Pod("a", 6, node: "n1")));
        var modified = await Next();
        Assert.Equal((ChangeKind.Modified, "3", "6"), (modified.Kind, modified.Old!.Metadata.ResourceVersion, modified.New!.Metadata.ResourceVersion));
        Assert.Equal("a", Assert.Single(cache.ByNode()["n1"]).Metadata.Name);

        watch.Writer.TryWrite(FakeTransport.Event("DELETED", Pod("b", 7)));
        Assert.Equal(ChangeKind.Deleted, (await Next()).Kind);
        Assert.Null(cache.Find("default", "b"));
        Assert.Equal(7ul, cache.Revision);
    }

    [Fact]
    public async Task An_expired_watch_lists_again_and_tells_only_the_differences()
    {
        _transport.List = _ => new([FakeTransport.Encode(Pod("a", 3)), FakeTransport.Encode(Pod("b", 4))], "5", null);
        var watch = _transport.AddWatch();
        Start();
        await Next();
        await Next();
        _transport.List = _ => new([FakeTransport.Encode(Pod("b", 4)), FakeTransport.Encode(Pod("c", 9))], "10", null);
        _transport.AddWatch();
        watch.Writer.TryWrite(new("ERROR", FakeTransport.Refusal(410, StatusReason.Expired).Body));
        var changes = new[] { await Next(), await Next() }.OrderBy(c => c.Object.Metadata.Name).ToArray();
        Assert.Equal([(ChangeKind.Deleted, "a"), (ChangeKind.Added, "c")], changes.Select(c => (c.Kind, c.Object.Metadata.Name)));
    }

    [Fact]
    public async Task An_object_made_anew_while_nobody_looked_is_told_as_gone_and_as_new()
    {
        _transport.List = _ => new([FakeTransport.Encode(Pod("a", 3))], "5", null);
        var watch = _transport.AddWatch();
        _transport.AddWatch();
        Start();
        await Next();
        var again = Pod("a", 9);
        _transport.List = _ => new([FakeTransport.Encode(again with { Metadata = again.Metadata with { Uid = "another" } })], "9", null);
        watch.Writer.TryWrite(new("ERROR", FakeTransport.Refusal(410, StatusReason.Expired).Body));
        var changes = new[] { await Next(), await Next() };
        Assert.Equal(
            [(ChangeKind.Deleted, "uid-a", false), (ChangeKind.Added, "another", true)],
            changes.Select(c => (c.Kind, c.Object.Metadata.Uid, c.New is not null)));
        Assert.All(changes, c => Assert.True(c.Old is null || c.New is null));
    }

    [Fact]
    public async Task A_watch_that_ended_goes_on_from_its_bookmark()
    {
        var first = _transport.AddWatch();
        var second = _transport.AddWatch();
        Start();
        await _transport.NextRequest(); // the list
        Assert.Contains("resourceVersion=1&", await _transport.NextRequest());
        first.Writer.TryWrite(FakeTransport.Event("BOOKMARK", Pod("", 42)));
        first.Writer.Complete();
        Assert.Contains("resourceVersion=42&", await _transport.NextRequest().AsTask().Happens("a second watch"));
        second.Writer.TryWrite(FakeTransport.Event("ADDED", Pod("a", 43)));
        Assert.Equal("a", (await Next()).Key.Name);
    }

    [Fact]
    public async Task An_undecodable_object_does_not_end_the_stream()
    {
        var watch = _transport.AddWatch();
        Start();
        watch.Writer.TryWrite(new("ADDED", new(Encoding.UTF8.GetBytes("""{"metadata":{"name":"odd","namespace":"default","resourceVersion":"2"},"spec":{"containers":"none"}}"""))));
        watch.Writer.TryWrite(FakeTransport.Event("ADDED", Pod("good", 3)));
        Assert.Equal("good", (await Next()).Key.Name);
    }

    [Fact]
    public async Task A_streaming_list_is_taken_whole_at_its_end()
    {
        var watch = _transport.AddWatch();
        Start(streaming: true);
        Assert.Contains("sendInitialEvents=true", await _transport.NextRequest());
        watch.Writer.TryWrite(FakeTransport.Event("ADDED", Pod("a", 3)));
        watch.Writer.TryWrite(FakeTransport.Event("ADDED", Pod("b", 4)));
        Assert.False(_informer!.HasSynced);
        var end = Pod("", 8) with { Metadata = new ObjectMeta { ResourceVersion = "8", Annotations = new Dictionary<string, string> { ["k8s.io/initial-events-end"] = "true" } } };
        watch.Writer.TryWrite(FakeTransport.Event("BOOKMARK", end));
        await _informer.Synced.Happens("the end of the initial events syncs the cache");
        Assert.Equal((2, 8ul), (_informer.Cache.Count, _informer.Cache.Revision));
        watch.Writer.TryWrite(FakeTransport.Event("DELETED", Pod("a", 9)));
        await Next();
        await Next();
        Assert.Equal(ChangeKind.Deleted, (await Next()).Kind);
    }

    [Fact]
    public async Task A_streaming_list_that_is_refused_falls_back_to_a_list()
    {
        var refused = _transport.AddWatch();
        refused.Writer.TryWrite(new("ERROR", FakeTransport.Refusal(422, StatusReason.Invalid).Body));
        _transport.List = _ => new([FakeTransport.Encode(Pod("a", 3))], "5", null);
        Start(streaming: true);
        Assert.Equal("a", (await Next()).Key.Name);
    }

    [Fact]
    public async Task A_wait_that_fails_names_the_kind_and_the_reason()
    {
        var failed = new TaskCompletionSource();
        _transport.List = _ =>
        {
            failed.TrySetResult();
            return new([], "", null, FakeTransport.Refusal(403, StatusReason.Forbidden, "pods is forbidden").Body, 403);
        };
        Start();
        await failed.Task.Happens("a list");
        await Eventually.Holds(() => _informer!.LastError is not null, "the refusal is remembered");
        var error = await Assert.ThrowsAsync<CacheSyncException>(() => _factory!.WaitForSyncAsync(TimeSpan.FromMilliseconds(1), default));
        Assert.Contains("pods (pods is forbidden)", error.Message);
        Assert.Contains("lacks list and watch", error.Message);
    }

    [Fact]
    public async Task A_late_subscriber_hears_of_what_is_there_and_all_who_ask_share_one_informer()
    {
        _transport.List = _ => new([FakeTransport.Encode(Pod("a", 3))], "5", null);
        _transport.AddWatch();
        Start();
        await Next();
        Assert.Same(_informer, _factory!.For<Pod>());
        var names = new List<string>();
        using var late = _informer!.Subscribe(c => names.Add(c.Kind + " " + c.Key));
        Assert.Equal(["Added default/a"], names);
    }

    private static Pod Pod(string name, int revision, string node = "") => new()
    {
        Metadata = new ObjectMeta { Namespace = "default", Name = name, Uid = "uid-" + name, ResourceVersion = revision.ToString() },
        Spec = new PodSpec { NodeName = node },
    };

    private IInformer<Pod> Start(bool streaming = false)
    {
        _factory = new InformerFactory(new KubernetesClient(_transport, TimeProvider.System), TimeProvider.System, NullLoggerFactory.Instance) { StreamingLists = streaming };
        _informer = _factory.For<Pod>();
        _informer.Subscribe(c => _changes.Writer.TryWrite(c));
        _running = _factory.RunAsync(_stop.Token);
        return _informer;
    }

    private Task<Change<Pod>> Next() => _changes.Reader.ReadAsync().AsTask().Happens("a change of the cache");
}
