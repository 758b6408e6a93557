using Kobune.Api.Clocks;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Loops;

/// <summary>Follows a cache for a loop: a watch that was cut begins anew.</summary>
internal static class CacheFollower
{
    /// <summary>Wakes a loop at every change, and for what changed before the watch began.</summary>
    public static Task RunAsync(ResourceCache cache, WakeSignal wake, CancellationToken ct) => RunAsync(cache, _ => wake.Wake(), _ => wake.Wake(), ct);

    /// <summary>Runs until it is told to stop.</summary>
    /// <param name="cache">What is followed.</param>
    /// <param name="begun">Called with the state that a watch begins with: changes before it are not told.</param>
    /// <param name="changed">Called with each change.</param>
    /// <param name="ct">Ends it.</param>
    public static async Task RunAsync(ResourceCache cache, Action<CacheState> begun, Action<WatchEvent> changed, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            var (watcher, state) = cache.WatchNow(EntryFilter.All);
            try
            {
                begun(state);
                while (await watcher.Events.WaitToReadAsync(ct))
                {
                    while (watcher.Events.TryRead(out var change))
                    {
                        changed(change);
                    }
                }
            }
            finally
            {
                cache.Unwatch(watcher);
            }
        }
    }
}
