using Kobune.Api;
using Kobune.Client;

namespace Kobune.Testing.Tests;

/// <summary>Waits for what a watch shows.</summary>
internal static class Seeing
{
    /// <summary>The first state of any object of a namespace that is as told.</summary>
    public static async Task<T> SeesAsync<T>(this TestCluster cluster, string ns, Func<T, bool> isIt, CancellationToken ct)
        where T : class, IKubernetesObject<T>
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        await foreach (var change in cluster.Client.WatchAsync<T>(ns, null, patience.Token))
        {
            if (isIt(change.Object))
            {
                return change.Object;
            }
        }

        throw new InvalidOperationException("the watch ended");
    }
}
