using System.Runtime.CompilerServices;
using Kobune.Api.Clocks;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Handlers;

/// <summary>GET, LIST and WATCH of stored kinds.</summary>
internal sealed class ReadEndpoint(ServerContext server)
{
    public async ValueTask<ApiResult> GetAsync(ApiCall call, ServedResource resource, CancellationToken ct) =>
        new ObjectResult(resource, await FindAsync(call, resource, ct));

    /// <summary>The entry that a call names, in the version of its path.</summary>
    public async ValueTask<CacheEntry> FindAsync(ApiCall call, ServedResource resource, CancellationToken ct)
    {
        var kind = resource.Storage!;
        var info = call.Info;
        var revision = ListOptionsParser.GetRevision(call.Query.Get("resourceVersion"));
        var entry = await server.Reader(kind).GetAsync(kind.KeyOf(info.Namespace, info.Name), revision, ct);
        return entry is null
            ? throw StatusErrors.NotFound(resource.Schema.Group, resource.Schema.Plural, info.Name)
            : await server.Registry.InVersionAsync(entry, resource, ct);
    }

    public async ValueTask<ApiResult> ListAsync(ApiCall call, ServedResource resource, CancellationToken ct)
    {
        var kind = resource.Storage!;
        var ns = NamespaceOf(call, resource);
        var filter = resource.Filter(call.Query, ns, "");
        var list = await server.Reader(kind).ListAsync(kind.PrefixOf(ns), ListOptionsParser.List(call.Query, filter), ct);
        return new ListResult(resource, await server.Registry.InVersionAsync(list, resource, ct));
    }

    public async ValueTask<ApiResult> WatchAsync(ApiCall call, ServedResource resource, CancellationToken ct)
    {
        var kind = resource.Storage!;
        var filter = resource.Filter(call.Query, NamespaceOf(call, resource), call.Info.Name);
        var query = ListOptionsParser.Watch(call.Query, filter, server.Features, server.MinRequestTimeout, Dice.Of(server.Time));
        var watch = new WatchReader(kind.Cache, server.Feed, resource.ApiVersion, resource.Schema.Kind, server.Time);
        var events = await watch.OpenAsync(query, ct);
        events = kind.Conversion.HasWebhook ? PreparedAsync(events, resource, ct) : events;
        return new WatchResult(resource, events, e => e.Key.Length == 0 ? e : server.Registry.InVersion(e, resource)); // bookmarks are made in the path's version
    }

    private static string NamespaceOf(ApiCall call, ServedResource resource) => resource.Descriptor.Namespaced ? call.Info.Namespace : "";

    /// <summary>The events of a custom kind, whose objects a webhook may have to convert first. When it fails, the watch tells why and ends.</summary>
    private async IAsyncEnumerable<WatchEvent> PreparedAsync(IAsyncEnumerable<WatchEvent> events, ServedResource resource, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var item in events.WithCancellation(ct))
        {
            var problem = item.Entry is { Key.Length: > 0 } entry ? await PrepareAsync(entry, resource, ct) : null;
            yield return problem ?? item;
            if (problem is not null)
            {
                yield break;
            }
        }
    }

    private async ValueTask<WatchEvent?> PrepareAsync(CacheEntry entry, ServedResource resource, CancellationToken ct)
    {
        try
        {
            await server.Registry.InVersionAsync(entry, resource, ct);
            return null;
        }
        catch (StatusException e)
        {
            return new(WatchEventType.Error, null, e.Status);
        }
    }
}
