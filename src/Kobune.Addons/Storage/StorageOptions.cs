namespace Kobune.Addons.Storage;

/// <summary>Settings of the addons storage-provisioner and default-storageclass on one node.</summary>
public sealed record StorageOptions
{
    /// <summary>The node whose folders this process can reach.</summary>
    public required string NodeName { get; init; }

    /// <summary>
    /// The one node that also serves what no node was chosen for: claims of classes that bind immediately, hostPath volumes that name no node, and
    /// volumes whose node is gone.
    /// </summary>
    public bool IsPrimary { get; init; }

    /// <summary>Where the volumes' folders are: <c>NAMESPACE/CLAIM</c> below it.</summary>
    public string Directory { get; init; } = "/tmp/hostpath-provisioner";

    /// <summary>
    /// When volumes of the class "standard" are made. On one node at once, as people expect it; on several only when the pod's node is known, else
    /// all pods with volumes would sit on the first node.
    /// </summary>
    public string BindingMode { get; init; } = "Immediate";
}
