using Kobune.Client;
using Kobune.Client.Controllers;

namespace Kobune.ControllerManager.PersistentVolumes;

/// <summary>Claims to the one, volumes to the other.</summary>
internal sealed class PersistentVolumeReconciler(ClaimReconciler claims, VolumeReconciler volumes) : IReconciler
{
    public Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct) =>
        key.Namespace.Length > 0 ? claims.ReconcileAsync(key, ct) : volumes.ReconcileAsync(key, ct);
}
