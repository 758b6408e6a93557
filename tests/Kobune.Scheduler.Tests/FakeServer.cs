using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Json;
using Kobune.Api.Policy.V1;
using Kobune.Client.Transport;
using ApiStatus = Kobune.Api.Meta.V1.Status;

namespace Kobune.Scheduler.Tests;

/// <summary>The few requests that a scheduler makes, answered from two dictionaries.</summary>
internal sealed class FakeServer : ITransport
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Pod> _pods = [];
    private readonly Dictionary<string, Node> _nodes = [];
    private readonly List<PodDisruptionBudget> _budgets = [];
    private readonly List<(string Resource, Channel<ApiWatchEvent> Channel)> _watches = [];
    private readonly List<Event> _events = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _revision = 1;

    /// <summary>How the next bindings are refused, by pod name.</summary>
    public Dictionary<string, int> RefuseBindings { get; } = [];

    /// <summary>Pods whose status cannot be written.</summary>
    public HashSet<string> RefuseStatuses { get; } = [];

    /// <summary>What the next write of a status waits for before it is done; later ones do not.</summary>
    public TaskCompletionSource? HoldStatus { get; set; }

    /// <summary>Answers who makes a claim as if it were kept.</summary>
    public bool TakesClaims { get; set; }

    /// <summary>What was done to pods, in order: "status", "binding".</summary>
    public List<string> Done { get; } = [];

    public Pod? Pod(string name)
    {
        lock (_lock)
        {
            return _pods.GetValueOrDefault(name);
        }
    }

    public IReadOnlyList<string> Events
    {
        get
        {
            lock (_lock)
            {
                return [.. _events.Select(e => $"{e.Type} {e.Reason} {e.InvolvedObject.Name}: {e.Message}")];
            }
        }
    }

    /// <summary>The components that recorded events.</summary>
    public IReadOnlyList<string> Sources
    {
        get
        {
            lock (_lock)
            {
                return [.. _events.Select(e => e.Source!.Component)];
            }
        }
    }

    public void Set(Pod pod)
    {
        lock (_lock)
        {
            var isNew = !_pods.ContainsKey(pod.Metadata.Name);
            _pods[pod.Metadata.Name] = pod = pod with { Metadata = pod.Metadata with { ResourceVersion = $"{++_revision}" } };
            Tell("pods", isNew ? "ADDED" : "MODIFIED", pod);
        }
    }

    public void Set(Node node)
    {
        lock (_lock)
        {
            var isNew = !_nodes.ContainsKey(node.Metadata.Name);
            _nodes[node.Metadata.Name] = node = node with { Metadata = node.Metadata with { ResourceVersion = $"{++_revision}" } };
            Tell("nodes", isNew ? "ADDED" : "MODIFIED", node);
        }
    }

    /// <summary>Before the start only.</summary>
    public void Set(PodDisruptionBudget budget) => _budgets.Add(budget);

    public void DeletePod(string name)
    {
        lock (_lock)
        {
            _pods.Remove(name, out var pod);
            Tell("pods", "DELETED", pod! with { Metadata = pod.Metadata with { ResourceVersion = $"{++_revision}" } });
        }
    }

    /// <summary>Waits until something is so; the failure says what it was.</summary>
    public async Task UntilAsync(string what, Func<bool> isSo)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                changed = _changed.Task;
            }

            if (isSo())
            {
                return;
            }

            try
            {
                await changed.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            }
            catch (TimeoutException)
            {
                Assert.Fail($"not within a minute: {what}; events were {string.Join(" | ", Events)}");
            }
        }
    }

    public async ValueTask<ApiResponse> SendAsync(ApiRequest request, CancellationToken ct)
    {
        var path = request.PathAndQuery.Split('?')[0].Split('/');
        if (path[^1] == "status" && HoldStatus is { } gate)
        {
            HoldStatus = null;
            await gate.Task.WaitAsync(ct);
        }

        lock (_lock)
        {
            if (path[^1] is "status" or "binding")
            {
                Done.Add(path[^1]);
            }

            return path switch
            {
                [.., "pods", var name, "binding"] => Bind(name, JsonText.Read<Binding>(request.Body.Span)),
                [.., "pods", var name] when request.Method == "DELETE" => Delete(name),
                [.., "pods", var name, "status"] => Patch(name, JsonNode.Parse(request.Body.Span)!["status"]!),
                [.., "events"] => Record(JsonText.Read<Event>(request.Body.Span)),
                [.., "resourceclaims"] when request.Method == "POST" && TakesClaims => Named(JsonText.Read<Kobune.Api.Resource.V1.ResourceClaim>(request.Body.Span)),
                [.., "events", _] => new ApiResponse(200, Encode(_events[^1])),
                _ => Refusal(404, "NotFound", request.PathAndQuery),
            };
        }
    }

    public ValueTask<ApiList> ListAsync(ApiRequest request, CancellationToken ct)
    {
        lock (_lock)
        {
            return new(new ApiList([.. Items(Resource(request)).Select(Encode)], $"{_revision}", null));
        }
    }

    public async IAsyncEnumerable<ApiWatchEvent> WatchAsync(ApiRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        var channel = Channel.CreateUnbounded<ApiWatchEvent>();
        lock (_lock)
        {
            // What came between list and watch comes again, which informers do not mind.
            var resource = Resource(request);
            foreach (var item in Items(resource))
            {
                channel.Writer.TryWrite(new ApiWatchEvent("MODIFIED", Encode(item)));
            }

            _watches.Add((resource, channel));
        }

        await foreach (var happened in channel.Reader.ReadAllAsync(ct))
        {
            yield return happened;
        }
    }

    public ValueTask<ApiUpgrade> UpgradeAsync(ApiRequest request, string protocol, CancellationToken ct) => throw new NotSupportedException();

    private static string Resource(ApiRequest request) => request.PathAndQuery.Split('?')[0].Split('/')[^1];

    private static EncodedObject Encode(IJsonWritable value) => new(JsonText.Bytes(value));

    private static ApiResponse Refusal(int code, string reason, string message) =>
        new(code, Encode(new ApiStatus { StatusValue = "Failure", Code = code, Reason = reason, Message = message }));

    private IEnumerable<IJsonWritable> Items(string resource) => resource switch
    {
        "pods" => _pods.Values,
        "nodes" => _nodes.Values,
        "poddisruptionbudgets" => _budgets,
        _ => [],
    };

    private static ApiResponse Named(Kobune.Api.Resource.V1.ResourceClaim made) => new(201, Encode(made with { Metadata = made.Metadata with { Name = made.Metadata.GenerateName + "1" } }));

    /// <summary>A running pod goes when a test says so, after its grace period.</summary>
    private ApiResponse Delete(string name)
    {
        if (!_pods.TryGetValue(name, out var pod))
        {
            return Refusal(404, "NotFound", name);
        }

        Set(pod with { Metadata = pod.Metadata with { DeletionTimestamp = DateTimeOffset.UnixEpoch } });
        return new ApiResponse(200, Encode(_pods[name]));
    }

    private ApiResponse Bind(string name, Binding binding)
    {
        if (RefuseBindings.GetValueOrDefault(name) > 0)
        {
            RefuseBindings[name]--;
            return Refusal(409, "Conflict", "the binding was refused");
        }

        var pod = _pods[name];
        Assert.Equal(("Node", pod.Metadata.Uid, ""), (binding.Target.Kind, binding.Metadata.Uid, pod.Spec.NodeName));
        Set(pod with { Spec = pod.Spec with { NodeName = binding.Target.Name } });
        return new ApiResponse(201, Encode(new ApiStatus { StatusValue = "Success" }));
    }

    private ApiResponse Patch(string name, JsonNode status)
    {
        if (!_pods.TryGetValue(name, out var pod))
        {
            return Refusal(404, "NotFound", name);
        }

        if (RefuseStatuses.Contains(name))
        {
            return Refusal(403, "Forbidden", name);
        }

        IReadOnlyList<PodCondition> conditions = status["conditions"] is JsonArray { Count: 1 } list && list[0] is { } condition
            ? [new() { Type = (string)condition["type"]!, Status = (string)condition["status"]!, Reason = (string)condition["reason"]!, Message = (string)condition["message"]! }]
            : pod.Status.Conditions;
        var nominated = status.AsObject().ContainsKey("nominatedNodeName") ? (string?)status["nominatedNodeName"] ?? "" : pod.Status.NominatedNodeName;
        Set(pod with { Status = pod.Status with { Conditions = conditions, NominatedNodeName = nominated } });
        return new ApiResponse(200, Encode(_pods[name]));
    }

    private ApiResponse Record(Event made)
    {
        _events.Add(made);
        Changed();
        return new ApiResponse(201, Encode(made));
    }

    private void Tell(string resource, string type, IJsonWritable value)
    {
        foreach (var watch in _watches.Where(watch => watch.Resource == resource))
        {
            watch.Channel.Writer.TryWrite(new ApiWatchEvent(type, Encode(value)));
        }

        Changed();
    }

    private void Changed()
    {
        _changed.TrySetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
