using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Kobune.Api;
using Kobune.Api.Patches;
using Kobune.Client;
using Kobune.Client.Transport;

namespace Kobune.SimulatedNode.Tests;

/// <summary>Create, read, update, merge-patch, delete, list and watch of any kind, in memory, without any rule of the real server but revisions.</summary>
internal sealed class ObjectServer : ITransport
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, JsonObject> _objects = [];
    private readonly List<(string Path, Channel<ApiWatchEvent> Channel)> _watches = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _revision = 1;

    public T? Find<T>(string ns, string name)
        where T : class, IKubernetesObject<T>
    {
        lock (_gate)
        {
            return _objects.GetValueOrDefault(ResourcePath.Of(T.Resource, ns, name)) is { } found ? Encode(found).Read<T>() : null;
        }
    }

    public IReadOnlyList<T> All<T>()
        where T : class, IKubernetesObject<T>
    {
        lock (_gate)
        {
            return [.. Under(ResourcePath.Of(T.Resource, "")).Select(o => Encode(o).Read<T>())];
        }
    }

    public int Count<T>(Func<T, bool> predicate)
        where T : class, IKubernetesObject<T> => All<T>().Count(predicate);

    public async Task UntilAsync(Func<bool> isSo, string what, TimeSpan patience)
    {
        using var timeout = new CancellationTokenSource(patience);
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                changed = _changed.Task;
            }

            if (isSo())
            {
                return;
            }

            try
            {
                await changed.WaitAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail("not in time: " + what);
            }
        }
    }

    public ValueTask<ApiResponse> SendAsync(ApiRequest request, CancellationToken ct)
    {
        var path = request.PathAndQuery.Split('?')[0];
        path = path.EndsWith("/status", StringComparison.Ordinal) ? path[..^"/status".Length] : path;
        lock (_gate)
        {
            if (request.Method == "POST")
            {
                var created = JsonNode.Parse(request.Body.Span)!.AsObject();
                path += "/" + (string)created["metadata"]!["name"]!;
                created["metadata"]!["uid"] ??= Guid.NewGuid().ToString();
                return new(_objects.ContainsKey(path) ? Refuse(409, "AlreadyExists") : new ApiResponse(201, Store(path, created, "ADDED")));
            }

            if (!_objects.TryGetValue(path, out var old))
            {
                return new(Refuse(404, "NotFound"));
            }

            switch (request.Method)
            {
                case "DELETE" when (old["metadata"]!["finalizers"]?.AsArray().Count ?? 0) == 0:
                    _objects.Remove(path);
                    return new(new ApiResponse(200, Tell(path, Stamped(old), "DELETED")));
                case "PUT":
                    return new(new ApiResponse(200, Store(path, JsonNode.Parse(request.Body.Span)!.AsObject(), "MODIFIED")));
                case "PATCH":
                    var patch = JsonNode.Parse(request.Body.Span)!.AsObject();
                    if ((string?)patch["metadata"]?["resourceVersion"] is { } expected && expected != (string?)old["metadata"]!["resourceVersion"])
                    {
                        return new(Refuse(409, "Conflict"));
                    }

                    var patched = old.DeepClone().AsObject();
                    MergePatch.Apply(patched, patch);
                    return new(new ApiResponse(200, Store(path, patched, "MODIFIED")));
                default:
                    return new(new ApiResponse(200, Encode(old)));
            }
        }
    }

    public ValueTask<ApiList> ListAsync(ApiRequest request, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(new ApiList([.. Under(request.PathAndQuery.Split('?')[0]).Select(Encode)], _revision.ToString(), null));
        }
    }

    public async IAsyncEnumerable<ApiWatchEvent> WatchAsync(ApiRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        var path = request.PathAndQuery.Split('?')[0];
        var channel = Channel.CreateUnbounded<ApiWatchEvent>();
        lock (_gate)
        {
            foreach (var known in Under(path))
            {
                channel.Writer.TryWrite(new("MODIFIED", Encode(known))); // what came between list and watch
            }

            _watches.Add((path, channel));
        }

        await foreach (var change in channel.Reader.ReadAllAsync(ct))
        {
            yield return change;
        }
    }

    public ValueTask<ApiUpgrade> UpgradeAsync(ApiRequest request, string protocol, CancellationToken ct) => throw new NotSupportedException();

    private static EncodedObject Encode(JsonNode node) => new(Encoding.UTF8.GetBytes(node.ToJsonString()));

    private static ApiResponse Refuse(int code, string reason) =>
        new(code, Encode(new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["status"] = "Failure", ["reason"] = reason, ["code"] = code, ["message"] = reason }));

    /// <summary>Objects of a collection over all namespaces: ".../pods" holds ".../namespaces/x/pods/y".</summary>
    private IEnumerable<JsonObject> Under(string collection) => _objects.Where(o => IsUnder(o.Key, collection)).Select(o => o.Value);

    private static bool IsUnder(string path, string collection)
    {
        var slash = collection.LastIndexOf('/');
        var parts = path.Split('/');
        return path.StartsWith(collection[..slash], StringComparison.Ordinal) && parts[^2] == collection[(slash + 1)..];
    }

    private EncodedObject Store(string path, JsonObject value, string type) => Tell(path, _objects[path] = Stamped(value), type);

    private JsonObject Stamped(JsonObject value)
    {
        value["metadata"]!["resourceVersion"] = (++_revision).ToString();
        return value;
    }

    private EncodedObject Tell(string path, JsonObject value, string type)
    {
        var encoded = Encode(value);
        foreach (var watch in _watches.Where(w => IsUnder(path, w.Path)))
        {
            watch.Channel.Writer.TryWrite(new(type, encoded));
        }

        _changed.TrySetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return encoded;
    }
}
