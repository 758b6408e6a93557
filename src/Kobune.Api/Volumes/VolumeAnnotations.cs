namespace Kobune.Api.Volumes;

/// <summary>The annotations by which binder, scheduler and provisioners talk about claims and volumes.</summary>
public static class VolumeAnnotations
{
    /// <summary>On a claim: the binding is complete; from now on a missing volume means lost data.</summary>
    public const string BindCompleted = "pv.kubernetes.io/bind-completed";

    /// <summary>On a claim or a volume: the controller chose the other side, not the user, and may choose anew.</summary>
    public const string BoundByController = "pv.kubernetes.io/bound-by-controller";

    /// <summary>On a volume: the provisioner that made it, and that deletes it.</summary>
    public const string ProvisionedBy = "pv.kubernetes.io/provisioned-by";

    /// <summary>On a claim: the provisioner that is to make its volume.</summary>
    public const string StorageProvisioner = "volume.kubernetes.io/storage-provisioner";

    /// <summary>The older name of <see cref="StorageProvisioner"/>; both are set.</summary>
    public const string BetaStorageProvisioner = "volume.beta.kubernetes.io/storage-provisioner";

    /// <summary>On a claim: the node that the scheduler chose for its first pod.</summary>
    public const string SelectedNode = "volume.kubernetes.io/selected-node";

    /// <summary>On a volume: what its file system has, which was not grown with it yet.</summary>
    public const string PreResizeCapacity = "volume.alpha.kubernetes.io/pre-resize-capacity";

    /// <summary>The older way to name a class, on claims and volumes.</summary>
    public const string BetaStorageClass = "volume.beta.kubernetes.io/storage-class";
}
