using System.Text.Json.Nodes;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Fields;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Watch;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Loops;

/// <summary>
/// Serves what CustomResourceDefinitions say: accepts names, establishes, publishes, and takes a definition's objects away before it goes. A definition is served
/// before its status says so: whoever sees Established can use it. Idempotent, safe with several servers.
/// </summary>
internal sealed partial class CustomResourceDefinitions(ServerContext server, LiveSchema live, InProcessEndpoint endpoint, ILogger logger)
{
    private const string Path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/";

    private readonly UserInfo _user = UserInfo.Of("system:apiserver", "system:masters");
    private readonly StoredKind _definitions = server.Registry.FindStored("apiextensions.k8s.io", "customresourcedefinitions")!;
    private readonly Dictionary<string, CustomKind> _kinds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> _cleanups = new(StringComparer.Ordinal);

    /// <summary>Serves what is established already; before the listener opens.</summary>
    public async Task StartAsync(CancellationToken ct) => await PublishAsync(Definitions(_definitions.Cache.State), ct);

    /// <summary>Follows the definitions.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            await FollowAsync(ct);
        }
        finally
        {
            await Task.WhenAll(_cleanups.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // they have told of their faults
        }
    }

    private async Task FollowAsync(CancellationToken ct)
    {
        while (true)
        {
            var (watcher, state) = _definitions.Cache.WatchNow(EntryFilter.All);
            try
            {
                await SyncAsync(state, ct);
                while (await watcher.Events.WaitToReadAsync(ct))
                {
                    while (watcher.Events.TryRead(out _))
                    {
                    }

                    await SyncAsync(_definitions.Cache.State, ct);
                }
            }
            finally
            {
                _definitions.Cache.Unwatch(watcher);
            }

            ct.ThrowIfCancellationRequested();
        }
    }

    private async Task SyncAsync(CacheState state, CancellationToken ct)
    {
        try
        {
            var all = Definitions(state);
            var now = ObjectTree.Rfc3339(server.Time.GetUtcNow());
            var changed = new List<JsonObject>();
            foreach (var crd in all)
            {
                var status = DefinitionNames.Status(crd, all, now);
                if (crd.Meta().TextAt("deletionTimestamp").Length > 0)
                {
                    DefinitionNames.SetTerminating(status, now);
                }

                if (!JsonNode.DeepEquals(status, crd["status"]))
                {
                    crd["status"] = status;
                    changed.Add(crd);
                }
            }

            await PublishAsync(all, ct);
            foreach (var crd in changed)
            {
                await SendAsync("PUT", $"{Path}{crd.Meta().TextAt("name")}/status", crd, ct);
            }

            foreach (var crd in all.Where(c => c.Meta().TextsAt("finalizers").Contains(DefinitionNames.Finalizer) && c.Meta().TextAt("deletionTimestamp").Length > 0))
            {
                var name = crd.Meta().TextAt("name");
                if (!_cleanups.TryGetValue(name, out var running) || running.IsCompleted)
                {
                    _cleanups[name] = CleanUpAsync(name, ct);
                }
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailed(e);
        }
    }

    private static List<JsonObject> Definitions(CacheState state) => [.. state.Index.Range("").Select(e => e.ToTree())];

    /// <summary>Serves all definitions whose names are accepted; watches of changed ones end.</summary>
    private async Task PublishAsync(List<JsonObject> all, CancellationToken ct)
    {
        var hasChanged = false;
        var ended = new List<ResourceCache>();
        foreach (var crd in all.Where(c => DefinitionNames.IsTrue(c["status"] as JsonObject, "Established")))
        {
            var name = crd.Meta().TextAt("name");
            var known = _kinds.GetValueOrDefault(name);
            if (known?.Uid == crd.Meta().TextAt("uid") && known.State == CustomKind.StateOf(crd))
            {
                continue;
            }

            if (known is not null && known.Uid != crd.Meta().TextAt("uid"))
            {
                await server.Feed.RemoveAsync(known.Stored.Cache, ct);
                known = null;
            }

            if (CustomKind.Of(crd, known, server.Webhooks, server.Time) is not { } kind)
            {
                continue;
            }

            if (known is null)
            {
                await server.Feed.AddAsync(kind.Stored.Cache, ct);
            }
            else
            {
                ended.Add(known.Stored.Cache);
            }

            _kinds[name] = kind;
            hasChanged = true;
        }

        foreach (var (name, kind) in _kinds.Where(k => !all.Any(c => c.Meta().TextAt("name") == k.Key)).ToArray())
        {
            _kinds.Remove(name);
            await server.Feed.RemoveAsync(kind.Stored.Cache, ct);
            hasChanged = true;
        }

        if (hasChanged)
        {
            var kinds = _kinds.Values.OrderBy(k => k.Stored.Prefix, StringComparer.Ordinal).ToArray();
            server.Registry.ReplaceCustom([.. kinds.Select(k => k.Stored)], [.. kinds.SelectMany(k => k.Served)]);
            live.Replace(kinds);
            foreach (var cache in ended)
            {
                cache.Close();
            }
        }
    }

    /// <summary>Deletes the objects of a definition that goes, waits until the last is gone, and lets the definition go.</summary>
    private async Task CleanUpAsync(string name, CancellationToken ct)
    {
        try
        {
            if (_kinds.TryGetValue(name, out var kind))
            {
                await new CustomObjectCleanup(server, kind, _user).RunAsync(ct);
            }

            for (var code = 409; code == 409;)
            {
                var (found, crd) = await SendAsync("GET", Path + name, null, ct);
                if (found != 200)
                {
                    return;
                }

                var rest = crd.Meta().TextsAt("finalizers").Where(f => f != DefinitionNames.Finalizer).Select(f => (JsonNode)JsonValue.Create(f)).ToArray();
                crd.Meta()["finalizers"] = new JsonArray(rest);
                (code, _) = await SendAsync("PUT", Path + name, crd, ct); // 409: its status was written meanwhile
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailed(e);
        }
    }

    private async Task<(int Code, JsonObject Body)> SendAsync(string method, string path, JsonObject? body, CancellationToken ct)
    {
        var answer = await endpoint.SendAsync(new InProcessRequest(_user, method, path, body is null ? default : FieldJson.Write(body), "application/json", "kube-apiserver"), ct);
        var tree = (JsonObject)JsonNode.Parse(answer.Body.Json.Span)!;
        if (answer.StatusCode is not (200 or 404 or 409))
        {
            LogRefused(method, path, tree.TextAt("message"));
        }

        return (answer.StatusCode, tree);
    }

    [LoggerMessage(LogLevel.Error, "Custom resources could not be brought up to date")]
    private partial void LogFailed(Exception e);

    [LoggerMessage(LogLevel.Warning, "{Method} {Path} was refused: {Reason}")]
    private partial void LogRefused(string method, string path, string reason);
}
