using Kobune.Api;
using Kobune.Api.Core.V1;

namespace Kobune.Scheduler.Framework;

/// <summary>Kinds of change that plugins tell apart.</summary>
[Flags]
internal enum ActionType
{
    None = 0,
    Add = 1,
    Delete = 2,
    UpdateNodeAllocatable = 4,
    UpdateNodeLabel = 8,
    UpdateNodeTaint = 16,
    UpdateNodeCondition = 32,
    UpdateNodeAnnotation = 64,
    UpdatePodLabel = 128,
    UpdatePodScaleDown = 256,
    UpdatePodToleration = 512,
    UpdatePodSchedulingGatesEliminated = 1024,
    UpdateStorage = 2048,
    UpdatePodGeneratedResourceClaim = 4096,
    UpdateNode = UpdateNodeAllocatable | UpdateNodeLabel | UpdateNodeTaint | UpdateNodeCondition | UpdateNodeAnnotation,
    UpdatePod = UpdatePodLabel | UpdatePodScaleDown | UpdatePodToleration | UpdatePodSchedulingGatesEliminated | UpdatePodGeneratedResourceClaim,
    All = Add | Delete | UpdateNode | UpdatePod | UpdateStorage,
}

/// <summary>What changed.</summary>
internal enum EventResource
{
    /// <summary>A node.</summary>
    Node,

    /// <summary>A pod that runs on a node, or is about to.</summary>
    AssignedPod,

    /// <summary>The waiting pod itself.</summary>
    UnscheduledPod,

    /// <summary>A claim.</summary>
    PersistentVolumeClaim,

    /// <summary>A volume.</summary>
    PersistentVolume,

    /// <summary>A storage class.</summary>
    StorageClass,

    /// <summary>What CSI drivers say of a node.</summary>
    CSINode,

    /// <summary>A CSI driver.</summary>
    CSIDriver,

    /// <summary>The room that a CSI driver has for new volumes.</summary>
    CSIStorageCapacity,

    /// <summary>A volume that is attached to a node, or to be.</summary>
    VolumeAttachment,

    /// <summary>A namespace.</summary>
    Namespace,

    /// <summary>A claim of devices.</summary>
    ResourceClaim,

    /// <summary>A class of devices.</summary>
    DeviceClass,

    /// <summary>Devices that a driver publishes.</summary>
    ResourceSlice,

    /// <summary>Time alone: the pod waited long enough to be tried without a reason.</summary>
    Any,
}

/// <summary>A change of the cluster that may let waiting pods fit.</summary>
/// <param name="Resource">What changed.</param>
/// <param name="Action">How.</param>
/// <param name="Old">The object before, null when it is new.</param>
/// <param name="New">The object after, null when it is gone.</param>
internal sealed record ClusterEvent(EventResource Resource, ActionType Action, IKubernetesObject? Old = null, IKubernetesObject? New = null)
{
    /// <summary>Its name in the metrics. Source: k8s.io/kube-scheduler, framework, types.go.</summary>
    public string Label => Resource == EventResource.Any ? "UnschedulableTimeout" : $"{Group}{Resource}{(Action & ActionType.All) switch { ActionType.UpdateStorage => "Update", var one when Enum.IsDefined(one) => $"{one}", _ => "Update" }}";

    private string Group => Resource switch
    {
        EventResource.StorageClass or EventResource.CSINode or EventResource.CSIDriver or EventResource.CSIStorageCapacity or EventResource.VolumeAttachment => "storage.k8s.io/",
        EventResource.ResourceClaim or EventResource.DeviceClass or EventResource.ResourceSlice => "resource.k8s.io/",
        _ => "",
    };

    /// <summary>Time passed.</summary>
    public static ClusterEvent Timeout { get; } = new(EventResource.Any, ActionType.All);
}

/// <summary>An interest of a plugin in changes, and its quick guess whether one helps a pod that it has rejected.</summary>
/// <param name="Resource">Which changes.</param>
/// <param name="Action">Which of them.</param>
/// <param name="Helps">Null = always.</param>
internal sealed record EventHint(EventResource Resource, ActionType Action, Func<Pod, ClusterEvent, bool>? Helps = null)
{
    /// <summary>Whether it is about such changes.</summary>
    public bool IsAbout(ClusterEvent happened) => happened.Resource == Resource && (happened.Action & Action) != 0;
}
