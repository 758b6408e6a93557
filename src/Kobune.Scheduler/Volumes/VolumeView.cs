using System.Collections.Concurrent;
using Kobune.Api.Core.V1;
using Kobune.Api.Storage.V1;
using Kobune.Client;
using Kobune.Client.Informers;

namespace Kobune.Scheduler.Volumes;

/// <summary>
/// Claims, volumes and classes as the scheduler sees them: the caches, and what it has decided for pods whose binding is under way. Without the
/// latter two pods in a row could be promised the same volume.
/// </summary>
internal sealed class VolumeView(IInformer<PersistentVolumeClaim> claims, IInformer<PersistentVolume> volumes, IInformer<StorageClass> classes, StorageCapacities capacities)
{
    private readonly ConcurrentDictionary<string, string> _promised = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<ObjectKey, string> _selected = new();

    public IInformer<PersistentVolumeClaim> Claims => claims;

    public IReadOnlyList<Task> Synced => [claims.Synced, volumes.Synced, classes.Synced, .. capacities.Synced];

    /// <summary>What drivers say of the room for new volumes.</summary>
    public StorageCapacities Capacities => capacities;

    public IReadOnlyList<PersistentVolume> Volumes => volumes.Cache.List();

    public PersistentVolumeClaim? FindClaim(ObjectKey key) => claims.Cache.Find(key);

    public PersistentVolume? FindVolume(string name) => volumes.Cache.Find("", name);

    public StorageClass? FindClass(string name) => classes.Cache.Find("", name);

    /// <summary>Tells of changes of claims, volumes and classes until disposed.</summary>
    public IReadOnlyList<IDisposable> Subscribe(Action<Change<PersistentVolumeClaim>> onClaim, Action<Change<PersistentVolume>> onVolume, Action<Change<StorageClass>> onClass) =>
        [claims.Subscribe(onClaim), volumes.Subscribe(onVolume), classes.Subscribe(onClass)];

    /// <summary>Whether a volume is meant for another claim, whose binding is not written yet.</summary>
    public bool IsPromised(PersistentVolume volume, PersistentVolumeClaim claim) =>
        _promised.TryGetValue(volume.Metadata.Name, out var uid) && uid != claim.Metadata.Uid;

    /// <summary>The node that was chosen for a claim in this process and may not be written yet.</summary>
    public string? SelectedNode(ObjectKey claim) => _selected.GetValueOrDefault(claim);

    public void Promise(VolumePlan plan, string nodeName)
    {
        foreach (var (claim, volume) in plan.Bind)
        {
            _promised[volume.Metadata.Name] = claim.Metadata.Uid;
        }

        foreach (var claim in plan.Provision)
        {
            _selected[ObjectKey.Of(claim)] = nodeName;
        }
    }

    /// <summary>The binding stands, or will not come.</summary>
    public void Release(VolumePlan plan)
    {
        foreach (var (_, volume) in plan.Bind)
        {
            _promised.TryRemove(volume.Metadata.Name, out _);
        }

        foreach (var claim in plan.Provision)
        {
            _selected.TryRemove(ObjectKey.Of(claim), out _);
        }
    }
}
