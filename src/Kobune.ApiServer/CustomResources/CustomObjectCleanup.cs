using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.CustomResources;

/// <summary>Deletes all objects of a custom kind and waits until they are gone: finalizers hold them, and through them the definition.</summary>
internal sealed class CustomObjectCleanup(ServerContext server, CustomKind kind, UserInfo user)
{
    public async Task RunAsync(CancellationToken ct)
    {
        var deleter = new ObjectDeleter(server);
        var cache = kind.Stored.Cache;
        await server.Feed.CatchUpAsync(ct);
        while (true)
        {
            var (watcher, state) = cache.WatchNow(EntryFilter.All);
            try
            {
                var entries = state.Index.Range("").ToArray();
                if (entries.Length == 0)
                {
                    return;
                }

                foreach (var entry in entries)
                {
                    await DeleteAsync(deleter, entry, ct);
                }

                while (cache.State.Index.Range("").Any() && await watcher.Events.WaitToReadAsync(ct))
                {
                    while (watcher.Events.TryRead(out _))
                    {
                    }
                }
            }
            finally
            {
                cache.Unwatch(watcher);
            }
        }
    }

    private async Task DeleteAsync(ObjectDeleter deleter, CacheEntry entry, CancellationToken ct)
    {
        var info = new RequestInfo
        {
            IsResourceRequest = true,
            Path = "",
            Verb = "delete",
            ApiGroup = kind.Stored.Schema.Group,
            ApiVersion = kind.Stored.Schema.Version,
            Resource = kind.Stored.Schema.Plural,
            Namespace = entry.Namespace,
            Name = entry.Name,
        };
        var call = new ApiCall { Method = "DELETE", Path = "", UserAgent = "kube-apiserver", Info = info, User = user };
        try
        {
            await deleter.DeleteAsync(new WriteRequest(call, kind.Storage, new WriteOptions(false, "", FieldValidation.Ignore)), DeleteOptions.Empty, ct);
        }
        catch (StatusException e) when (e.Reason is "NotFound" or "Conflict")
        {
            // gone already, or changed meanwhile: the next look tells
        }
    }
}
