using Kobune.Api;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.StorageProtection;

/// <summary>Puts the finalizer on what lives, and takes it from what is deleted as soon as nobody uses it.</summary>
internal sealed class ProtectionReconciler<T>(ICache<T> cache, string finalizer, Func<T, bool> isUsed, Func<T, CancellationToken, Task<bool>> isUsedNow, IClient client) : IReconciler
    where T : class, IKubernetesObject<T>
{
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (cache.Find(key) is not { } obj)
        {
            return ReconcileResult.Done;
        }

        var has = obj.Metadata.Finalizers.Contains(finalizer);
        if (!obj.IsDeleting())
        {
            if (!has)
            {
                await client.UpdateAsync(With(obj, [.. obj.Metadata.Finalizers, finalizer]), ct);
            }
        }
        else if (has && !isUsed(obj) && !await isUsedNow(obj, ct))
        {
            await TakeAsync(obj, ct);
        }

        return ReconcileResult.Done;
    }

    private async Task TakeAsync(T obj, CancellationToken ct)
    {
        try
        {
            await client.UpdateAsync(With(obj, [.. obj.Metadata.Finalizers.Where(f => f != finalizer)]), ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Gone already.
        }
    }

    private static T With(T obj, IReadOnlyList<string> finalizers) => obj.WithMetadata(obj.Metadata with { Finalizers = finalizers });
}
