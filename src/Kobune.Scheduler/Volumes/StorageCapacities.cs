using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Selectors;
using Kobune.Api.Storage.V1;
using Kobune.Client.Informers;

namespace Kobune.Scheduler.Volumes;

/// <summary>
/// How large a volume can still be made for a node. Only drivers that publish it, by spec.storageCapacity of their CSIDriver, are judged by it.
/// Source: pkg/scheduler/framework/plugins/volumebinding, binder.go.
/// </summary>
internal sealed class StorageCapacities(IInformer<CSIDriver> drivers, IInformer<CSIStorageCapacity> capacities)
{
    public IReadOnlyList<Task> Synced => [drivers.Synced, capacities.Synced];

    /// <summary>Whether an updated or deleted driver no longer has its capacity asked.</summary>
    public static bool Helps(CSIDriver? old, CSIDriver? now) => IsAsked(old) && !IsAsked(now);

    /// <summary>Whether larger volumes can be made than before.</summary>
    public static bool Helps(CSIStorageCapacity? old, CSIStorageCapacity? now) =>
        old is null || (now is not null && Largest(now) is { } limit && (Largest(old) is not { } before || limit > before));

    /// <summary>Tells of changes of both until disposed.</summary>
    public IReadOnlyList<IDisposable> Subscribe(Action<Change<CSIDriver>> onDriver, Action<Change<CSIStorageCapacity>> onCapacity) =>
        [drivers.Subscribe(onDriver), capacities.Subscribe(onCapacity)];

    /// <summary>Whether the class can make the claim's volume where the node reaches it, as far as its driver says.</summary>
    public bool HasRoom(PersistentVolumeClaim claim, StorageClass storage, Node node) =>
        !claim.Spec.Resources.Requests.TryGetValue("storage", out var wanted)
        || !IsAsked(drivers.Cache.Find("", storage.Provisioner))
        || capacities.Cache.List().Any(c => c.StorageClassName == storage.Metadata.Name && Largest(c) >= wanted && Reaches(c, node));

    private static bool IsAsked(CSIDriver? driver) => driver?.Spec.StorageCapacity == true;

    private static Quantity? Largest(CSIStorageCapacity capacity) => capacity.MaximumVolumeSize ?? capacity.Capacity;

    /// <summary>Without a topology no node reaches it.</summary>
    private static bool Reaches(CSIStorageCapacity capacity, Node node) =>
        capacity.NodeTopology is { } topology && Selector.From(topology).Matches(node.Metadata.Labels);
}
