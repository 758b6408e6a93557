using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Kobune.Api;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.Api.Patches;
using Kobune.Client.Transport;

namespace Kobune.Kubelet.Tests.Api;

/// <summary>As much of an API server as a kubelet sees: objects by path with UIDs and revisions, patches, graceful deletion of pods, field selectors, watches.</summary>
internal sealed class TestApi : ITransport
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly List<(string Prefix, Func<JsonObject, bool> Selects, Channel<ApiWatchEvent> Events)> _watches = [];
    private long _revision = 100;

    /// <summary>What came in, "PATCH /api/v1/...".</summary>
    internal ConcurrentQueue<string> Requests { get; } = new();

    public ValueTask<ApiResponse> SendAsync(ApiRequest request, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var path = request.PathAndQuery.Split('?')[0];
        Requests.Enqueue(request.Method + " " + path);
        lock (_lock)
        {
            return ValueTask.FromResult(request.Method switch
            {
                "GET" => _objects.TryGetValue(path, out var found) ? Ok(found) : Refuse(404, "NotFound", path),
                "POST" => Create(path, Parse(request)),
                "PUT" => Update(path, Parse(request)),
                "PATCH" => Patch(path, request),
                "DELETE" => Delete(path, request.Body.IsEmpty ? [] : Parse(request)),
                _ => Refuse(405, "MethodNotAllowed", path),
            });
        }
    }

    public ValueTask<ApiList> ListAsync(ApiRequest request, CancellationToken ct)
    {
        var (prefix, selects) = Selection(request.PathAndQuery);
        lock (_lock)
        {
            return ValueTask.FromResult(new ApiList([.. _objects.Where(o => Below(o.Key, prefix) && selects(o.Value)).Select(o => Encode(o.Value))], _revision.ToString(), null));
        }
    }

    public async IAsyncEnumerable<ApiWatchEvent> WatchAsync(ApiRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        var (prefix, selects) = Selection(request.PathAndQuery);
        var events = Channel.CreateUnbounded<ApiWatchEvent>();
        lock (_lock)
        {
            // What changed between list and watch is sent again: informers take it.
            foreach (var (_, value) in _objects.Where(o => Below(o.Key, prefix) && selects(o.Value)))
            {
                events.Writer.TryWrite(new("MODIFIED", Encode(value)));
            }

            _watches.Add((prefix, selects, events));
        }

        await foreach (var change in events.Reader.ReadAllAsync(ct))
        {
            yield return change;
        }
    }

    public ValueTask<ApiUpgrade> UpgradeAsync(ApiRequest request, string protocol, CancellationToken ct) => throw new NotSupportedException();

    private ApiResponse Create(string path, JsonObject body)
    {
        if (path.EndsWith("/token", StringComparison.Ordinal))
        {
            body["status"] = new JsonObject { ["token"] = "token-of-" + path.Split('/')[^2], ["expirationTimestamp"] = "2099-01-01T00:00:00Z" };
            return Ok(body);
        }

        if (path.EndsWith("/subjectaccessreviews", StringComparison.Ordinal))
        {
            body["status"] = new JsonObject { ["allowed"] = true };
            return Ok(body);
        }

        var meta = body["metadata"]!.AsObject();
        var key = path + "/" + meta["name"]!.GetValue<string>();
        if (_objects.ContainsKey(key))
        {
            return Refuse(409, "AlreadyExists", key);
        }

        meta["uid"] ??= Guid.NewGuid().ToString();
        meta["generation"] = 1;
        return Store(key, body, "ADDED");
    }

    private ApiResponse Update(string path, JsonObject body) => _objects.ContainsKey(path) ? Store(path, body, "MODIFIED") : Refuse(404, "NotFound", path);

    private ApiResponse Patch(string path, ApiRequest request)
    {
        var key = path.EndsWith("/status", StringComparison.Ordinal) ? path[..^"/status".Length] : path;
        if (!_objects.TryGetValue(key, out var old))
        {
            return Refuse(404, "NotFound", key);
        }

        var next = old.DeepClone().AsObject();
        var patch = Parse(request);
        if (patch["metadata"]?["uid"] is { } uid && uid.GetValue<string>() != next["metadata"]!["uid"]!.GetValue<string>())
        {
            return Refuse(409, "Conflict", key);
        }

        if (request.ContentType!.Contains("strategic", StringComparison.Ordinal))
        {
            StrategicMergePatch.Apply(next, patch, StatusShape.Object);
        }
        else
        {
            MergePatch.Apply(next, patch);
        }

        return Store(key, next, "MODIFIED");
    }

    private ApiResponse Delete(string path, JsonObject options)
    {
        if (!_objects.TryGetValue(path, out var old))
        {
            return Refuse(404, "NotFound", path);
        }

        if (options["preconditions"]?["uid"] is { } uid && uid.GetValue<string>() != old["metadata"]!["uid"]!.GetValue<string>())
        {
            return Refuse(409, "Conflict", path);
        }

        var grace = options["gracePeriodSeconds"]?.GetValue<long>() ?? old["spec"]?["terminationGracePeriodSeconds"]?.GetValue<long>() ?? 0;
        if (grace > 0 && path.Contains("/pods/", StringComparison.Ordinal))
        {
            var next = old.DeepClone().AsObject();
            next["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z";
            next["metadata"]!["deletionGracePeriodSeconds"] = grace;
            return Store(path, next, "MODIFIED");
        }

        _objects.Remove(path);
        _revision++;
        Tell(path, "DELETED", old);
        return Ok(old);
    }

    private ApiResponse Store(string key, JsonObject value, string type)
    {
        value["metadata"]!["resourceVersion"] = (++_revision).ToString();
        _objects[key] = value;
        Tell(key, type, value);
        return Ok(value);
    }

    private void Tell(string key, string type, JsonObject value)
    {
        foreach (var watch in _watches.Where(w => Below(key, w.Prefix) && w.Selects(value)))
        {
            watch.Events.Writer.TryWrite(new(type, Encode(value)));
        }
    }

    private static (string Prefix, Func<JsonObject, bool> Selects) Selection(string pathAndQuery)
    {
        var parts = pathAndQuery.Split('?');
        var query = parts.Length > 1 ? System.Web.HttpUtility.ParseQueryString(parts[1])["fieldSelector"] ?? "" : "";
        if (query.Length == 0)
        {
            return (parts[0], _ => true);
        }

        var (field, wanted) = (query.Split('=')[0].Split('.'), query.Split('=')[^1]);
        return (parts[0], o => (o[field[0]]?[field[1]]?.GetValue<string>() ?? "") == wanted);
    }

    /// <summary>/api/v1/pods covers all namespaces.</summary>
    private static bool Below(string key, string prefix)
    {
        if (key.StartsWith(prefix + "/", StringComparison.Ordinal))
        {
            return true;
        }

        var slash = prefix.LastIndexOf('/');
        return key.StartsWith(prefix[..slash] + "/namespaces/", StringComparison.Ordinal) && key.Split('/') is var parts && parts[^2] == prefix[(slash + 1)..];
    }

    private static JsonObject Parse(ApiRequest request) => JsonNode.Parse(request.Body.Span)!.AsObject();

    private static EncodedObject Encode(JsonObject value) => new(System.Text.Encoding.UTF8.GetBytes(value.ToJsonString()));

    private static ApiResponse Ok(JsonObject value) => new(200, Encode(value));

    private static ApiResponse Refuse(int code, string reason, string message) =>
        new(code, new EncodedObject(JsonText.Bytes(new Status { StatusValue = "Failure", Code = code, Reason = reason, Message = message })));
}

/// <summary>How lists in statuses merge.</summary>
internal sealed class StatusShape(Dictionary<string, PatchField> fields) : IPatchShape
{
    private static readonly StatusShape Leaf = new([]);

    internal static readonly StatusShape Object = new(new()
    {
        ["status"] = new(false, false, "", new StatusShape(new()
        {
            ["conditions"] = new(true, false, "type", Leaf),
            ["podIPs"] = new(true, false, "ip", Leaf),
            ["hostIPs"] = new(false, false, "", Leaf),
            ["addresses"] = new(true, false, "type", Leaf),
        }))
    });

    public string? StructName => "Status";

    public PatchField? Field(string name) => fields.GetValueOrDefault(name) ?? new(false, false, "", Leaf);
}
