using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.VolumeExpansion;

/// <summary>
/// Registration of the controller of claims that ask for more than their volume has. Source: pkg/controller/volume/expand. None of the volumes that this
/// machine mounts can be grown by upstream's controller either (hostPath and local have no expander), nor does minikube's provisioner grow one: so it says, in
/// upstream's words, that an external controller is waited for. A CSI driver with its resizer is such a one.
/// </summary>
internal static class VolumeExpandController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("volume-expand", "expand-controller", workers: 1, eventSource: "volume_expand");
        var claims = controller.Informer<PersistentVolumeClaim>();
        var volumes = controller.Informer<PersistentVolume>();
        controller.Runner.On(claims, change =>
        {
            if (change.New is { Status.Phase: PersistentVolumeClaimPhase.Bound } claim && (change.Old is null || Asked(claim) > Asked(change.Old) || Has(claim) > Has(change.Old)))
            {
                controller.Runner.Queue.Add(ObjectKey.Of(claim));
            }
        });
        return controller.Build(new VolumeExpandReconciler(claims.Cache, volumes.Cache, controller.Events));
    }

    internal static Api.Quantity Asked(PersistentVolumeClaim claim) => claim.Spec.Resources.Requests.GetValueOrDefault("storage");

    internal static Api.Quantity Has(PersistentVolumeClaim claim) => claim.Status.Capacity.GetValueOrDefault("storage");
}

/// <summary>Says who is to grow the volume.</summary>
internal sealed class VolumeExpandReconciler(ICache<PersistentVolumeClaim> claims, ICache<PersistentVolume> volumes, IEventRecorder events) : IReconciler
{
    public Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (claims.Find(key) is not { } claim)
        {
            return Task.FromResult(ReconcileResult.Done);
        }

        if (volumes.Find("", claim.Spec.VolumeName) is not { } volume)
        {
            throw new InvalidOperationException($"failed to get PV \"{claim.Spec.VolumeName}\""); // tried again
        }

        if (volume.Spec.ClaimRef?.Uid != claim.Metadata.Uid)
        {
            throw new InvalidOperationException($"persistent Volume is not bound to PVC being updated : {key}"); // the volume's news may come behind the claim's
        }

        if (VolumeExpandController.Asked(claim) > VolumeExpandController.Has(claim))
        {
            const string Message = "waiting for an external controller to expand this PVC";
            if (volume.Spec.CSI is not null)
            {
                events.Normal(claim, "ExternalExpanding", Message);
            }
            else
            {
                events.Warning(claim, "ExternalExpanding", Message); // no plugin of upstream's controller manager knows the volume
            }
        }

        return Task.FromResult(ReconcileResult.Done);
    }
}
