using Kobune.Api.Clocks;

namespace Kobune.Client.Informers;

/// <summary>Waiting for first sets.</summary>
public static class CacheSync
{
    /// <summary>Waits until all have their first set.</summary>
    /// <exception cref="CacheSyncException">Not within the time; names the kinds and the likely mistake.</exception>
    public static async Task WaitAsync(IReadOnlyCollection<IInformer> informers, TimeSpan timeout, TimeProvider time, CancellationToken ct)
    {
        try
        {
            await Waits.UntilAllAsync([.. informers.Select(i => i.Synced)], timeout, time, ct);
        }
        catch (TimeoutException)
        {
            throw new CacheSyncException(Explain([.. informers.Where(i => !i.HasSynced)], timeout));
        }
    }

    private static string Explain(List<IInformer> missing, TimeSpan timeout)
    {
        var parts = missing.Select(i => i.LastError is { } error
            ? $"{i.Resource.Plural} ({error})"
            : $"{i.Resource.Plural} (no answer yet: the informer was not started before the wait, or the server does not answer)");
        return $"The caches did not sync within {timeout.TotalSeconds:0.#} s: {string.Join("; ", parts)}. A forbidden list means that the identity lacks list and watch on the resource.";
    }
}

/// <summary>Caches did not get their first set in time.</summary>
public sealed class CacheSyncException(string message) : Exception(message);
