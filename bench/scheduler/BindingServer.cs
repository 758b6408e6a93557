using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Json;
using Kobune.Client.Transport;
using ApiStatus = Kobune.Api.Meta.V1.Status;

namespace Kobune.Bench.Scheduler;

/// <summary>As much of an API server as a scheduler needs, in memory: nodes and pods with their watches, and bindings. What it costs is a dictionary and an encoding.</summary>
internal sealed class BindingServer : ITransport
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Pod> _pods = [];
    private readonly List<Node> _nodes = [];
    private readonly List<Channel<ApiWatchEvent>> _watches = [];
    private readonly TaskCompletionSource _isWatched = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _bound = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _revision = 1;
    private int _wanted;

    /// <summary>Ends when somebody watches pods.</summary>
    public Task IsWatched => _isWatched.Task;

    public static Node MakeNode(int i)
    {
        var capacity = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("32"), ["memory"] = Quantity.Parse("64Gi"), ["pods"] = Quantity.Parse("110") };
        return new()
        {
            Metadata = new() { Name = $"node-{i}", Uid = $"node-{i}", ResourceVersion = "1", Labels = new Dictionary<string, string> { ["kubernetes.io/hostname"] = $"node-{i}", ["topology.kubernetes.io/zone"] = $"z{i % 3}" } },
            Status = new() { Allocatable = capacity, Capacity = capacity },
        };
    }

    public static Pod MakePod(string prefix, int i) => new()
    {
        Metadata = new() { Namespace = "default", Name = $"{prefix}-{i}", Uid = $"{prefix}-{i}", Labels = new Dictionary<string, string> { ["app"] = prefix } },
        Spec = new() { SchedulerName = "default-scheduler", Containers = [new() { Name = "c", Image = "app:1", Resources = new() { Requests = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("100m"), ["memory"] = Quantity.Parse("128Mi") } } }] },
        Status = new() { Phase = PodPhase.Pending },
    };

    public void AddNodes(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _nodes.Add(MakeNode(i));
        }
    }

    /// <summary>Pods come all at once; the task ends when each has its node.</summary>
    public Task Burst(string prefix, int count)
    {
        lock (_lock)
        {
            _bound = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _wanted = count;
            for (var i = 0; i < count; i++)
            {
                Set(MakePod(prefix, i), "ADDED");
            }

            return _bound.Task;
        }
    }

    public ValueTask<ApiResponse> SendAsync(ApiRequest request, CancellationToken ct)
    {
        var path = request.PathAndQuery.Split('?')[0].Split('/');
        if (path is [.., "pods", var name, "binding"])
        {
            var target = JsonText.Read<Binding>(request.Body.Span).Target.Name;
            lock (_lock)
            {
                var pod = _pods[name];
                Set(pod with { Spec = pod.Spec with { NodeName = target } }, "MODIFIED");
                if (--_wanted == 0)
                {
                    _bound.TrySetResult();
                }
            }
        }

        return new(new ApiResponse(201, path is [.., "events"] ? Encode(JsonText.Read<Event>(request.Body.Span)) : Encode(new ApiStatus { StatusValue = "Success" })));
    }

    public ValueTask<ApiList> ListAsync(ApiRequest request, CancellationToken ct)
    {
        lock (_lock)
        {
            IEnumerable<IJsonWritable> items = ResourceOf(request) switch { "pods" => _pods.Values, "nodes" => _nodes, _ => [] };
            return new(new ApiList([.. items.Select(Encode)], $"{_revision}", null));
        }
    }

    public async IAsyncEnumerable<ApiWatchEvent> WatchAsync(ApiRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        var channel = Channel.CreateUnbounded<ApiWatchEvent>();
        if (ResourceOf(request) == "pods")
        {
            lock (_lock)
            {
                foreach (var pod in _pods.Values)
                {
                    channel.Writer.TryWrite(new("MODIFIED", Encode(pod)));
                }

                _watches.Add(channel);
            }

            _isWatched.TrySetResult();
        }

        await foreach (var happened in channel.Reader.ReadAllAsync(ct))
        {
            yield return happened;
        }
    }

    public ValueTask<ApiUpgrade> UpgradeAsync(ApiRequest request, string protocol, CancellationToken ct) => throw new NotSupportedException();

    private static string ResourceOf(ApiRequest request) => request.PathAndQuery.Split('?')[0].Split('/')[^1];

    private static EncodedObject Encode(IJsonWritable value) => new(JsonText.Bytes(value));

    private void Set(Pod pod, string type)
    {
        pod = pod with { Metadata = pod.Metadata with { ResourceVersion = $"{++_revision}" } };
        _pods[pod.Metadata.Name] = pod;
        var encoded = Encode(pod);
        _watches.ForEach(w => w.Writer.TryWrite(new(type, encoded)));
    }
}
