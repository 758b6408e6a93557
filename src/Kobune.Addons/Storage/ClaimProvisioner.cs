using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Storage.V1;
using Kobune.Api.Volumes;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;

namespace Kobune.Addons.Storage;

/// <summary>Makes the volume of a claim that names this provisioner. Source of the protocol: sig-storage-lib-external-provisioner.</summary>
internal sealed class ClaimProvisioner(
    ICache<PersistentVolumeClaim> claims, ICache<PersistentVolume> volumes, ICache<StorageClass> classes, IClient client, IEventRecorder events, VolumeFolders folders, StorageOptions options) : IReconciler
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(15);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (claims.Find(key) is not { } claim || claim.IsDeleting() || claim.Spec.VolumeName.Length > 0 || !IsOurs(claim)
            || classes.Find("", VolumeMatch.ClassOf(claim)) is not { Provisioner: StorageProvisioner.ProvisionerName } storage
            || !VolumePlacement.IsHere(claim, storage, options))
        {
            return ReconcileResult.Done;
        }

        var name = "pvc-" + claim.Metadata.Uid;
        if (volumes.Find("", name) is not null)
        {
            return ReconcileResult.Done;
        }

        if (Complaint(claim) is { } complaint)
        {
            events.Warning(claim, "ProvisioningFailed", $"failed to provision volume with StorageClass \"{storage.Metadata.Name}\": {complaint}");
            return ReconcileResult.Done;
        }

        return await ProvisionAsync(claim, storage, name, ct);
    }

    /// <summary>The volume's object.</summary>
    internal static PersistentVolume Volume(PersistentVolumeClaim claim, StorageClass storage, string name, string path, string node) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = name,
            Annotations = new Dictionary<string, string>
            {
                [VolumeAnnotations.ProvisionedBy] = StorageProvisioner.ProvisionerName,
                ["hostPathProvisionerIdentity"] = node,
            },
        },
        Spec = new()
        {
            Capacity = new Dictionary<string, Api.Quantity> { ["storage"] = claim.Spec.Resources.Requests["storage"] },
            AccessModes = claim.Spec.AccessModes,
            PersistentVolumeReclaimPolicy = storage.ReclaimPolicy ?? PersistentVolumeReclaimPolicy.Delete,
            StorageClassName = storage.Metadata.Name,
            MountOptions = storage.MountOptions,
            VolumeMode = PersistentVolumeMode.Filesystem,
            HostPath = new() { Path = path, Type = "" },
            NodeAffinity = VolumePlacement.Affinity(node),
            ClaimRef = new()
            {
                Kind = "PersistentVolumeClaim",
                APIVersion = "v1",
                Namespace = claim.Metadata.Namespace,
                Name = claim.Metadata.Name,
                Uid = claim.Metadata.Uid,
                ResourceVersion = claim.Metadata.ResourceVersion,
            },
        },
    };

    private static bool IsOurs(PersistentVolumeClaim claim) =>
        (claim.Metadata.Annotations.GetValueOrDefault(VolumeAnnotations.StorageProvisioner) ?? claim.Metadata.Annotations.GetValueOrDefault(VolumeAnnotations.BetaStorageProvisioner)) == StorageProvisioner.ProvisionerName;

    private static string? Complaint(PersistentVolumeClaim claim) =>
        claim.Spec.Selector is not null ? "claim Selector is not supported"
        : claim.Spec.VolumeMode == PersistentVolumeMode.Block ? $"{StorageProvisioner.ProvisionerName} does not support block volume provisioning"
        : claim.Spec.DataSource is not null || claim.Spec.DataSourceRef is not null ? $"{StorageProvisioner.ProvisionerName} does not support data sources"
        : null;

    private async Task<ReconcileResult> ProvisionAsync(PersistentVolumeClaim claim, StorageClass storage, string name, CancellationToken ct)
    {
        events.Normal(claim, "Provisioning", $"External provisioner is provisioning volume for claim \"{ObjectKey.Of(claim)}\"");
        var path = folders.PathOf(claim.Metadata.Namespace, claim.Metadata.Name);
        try
        {
            VolumeFolders.Make(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            events.Warning(claim, "ProvisioningFailed", $"failed to provision volume with StorageClass \"{storage.Metadata.Name}\": {e.Message}");
            return ReconcileResult.RequeueAfter(Retry);
        }

        try
        {
            await client.CreateAsync(Volume(claim, storage, name, path, options.NodeName), ct);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            return ReconcileResult.Done; // made just before a restart
        }

        events.Normal(claim, "ProvisioningSucceeded", $"Successfully provisioned volume {name}");
        return ReconcileResult.Done;
    }
}
