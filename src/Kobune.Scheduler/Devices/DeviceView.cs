using System.Collections.Concurrent;
using System.Globalization;
using Kobune.Api.Core.V1;
using Kobune.Api.Resource.V1;
using Kobune.Api.Resources;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.Scheduler.Cache;
using DeviceTaintRule = Kobune.Api.Resource.V1Beta2.DeviceTaintRule;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Scheduler.Devices;

/// <summary>
/// Claims, classes and devices as the scheduler sees them: the caches, what it wrote and they do not show yet, and what it has decided for pods whose binding is under way. Without
/// the latter two pods in a row could be given the same device.
/// </summary>
internal sealed class DeviceView(IInformer<ResourceClaim> claims, IInformer<DeviceClass> classes, IInformer<ResourceSlice> slices, bool hasExtendedResources, IInformer<DeviceTaintRule>? rules = null)
{
    private readonly ICacheIndex<DeviceClass> _byResource = classes.Cache.Index("extended resources", ExtendedResources.NamesOf);
    private readonly ConcurrentDictionary<string, AllocationResult> _pending = new(StringComparer.Ordinal); // UID of a claim
    private readonly ConcurrentDictionary<ObjectKey, ResourceClaim> _written = new();
    private readonly TaintedSlices _slices = new(slices.Cache, rules?.Cache);

    public IInformer<ResourceClaim> Claims => claims;

    public IReadOnlyList<Task> Synced => [claims.Synced, classes.Synced, slices.Synced, .. rules is null ? Array.Empty<Task>() : [rules.Synced]];

    public IReadOnlyList<ResourceSlice> Slices => _slices.List();

    /// <summary>Whether devices may stand behind extended resources.</summary>
    public bool HasExtendedResources => hasExtendedResources;

    public static DeviceView Of(InformerFactory informers, bool hasExtendedResources, bool hasTaintRules) =>
        new(informers.For<ResourceClaim>(), informers.For<DeviceClass>(), informers.For<ResourceSlice>(), hasExtendedResources, hasTaintRules ? informers.For<DeviceTaintRule>() : null);

    public DeviceClass? FindClass(string name) => classes.Cache.Find("", name);

    /// <summary>The class whose devices stand behind a resource; null when none do.</summary>
    public DeviceClass? ClassOf(string resource) => !hasExtendedResources ? null : ExtendedResources.Choose(_byResource[resource]);

    /// <summary>The classes behind what a pod asks for, by resource; null when there are none.</summary>
    public IReadOnlyDictionary<string, DeviceClass>? ClassesOf(PodInfo pod)
    {
        Dictionary<string, DeviceClass>? classes = null;
        foreach (var (resource, amount) in pod.Requests.Scalars ?? [])
        {
            if (amount > 0 && ClassOf(resource) is { } behind)
            {
                (classes ??= new(StringComparer.Ordinal)).Add(resource, behind);
            }
        }

        return classes;
    }

    /// <summary>Whether a pod that asks for a resource has to get devices on a node: no device plugin of it has any.</summary>
    public DeviceClass? ClassOn(NodeInfo node, string resource) => node.Allocatable.Scalar(resource) == 0 ? ClassOf(resource) : null;

    /// <summary>The claim that an earlier cycle made for a pod's extended resources.</summary>
    public ResourceClaim? FindMadeFor(Pod pod) =>
        Newest(claims.Cache.ByOwner(pod.Metadata.Uid).FirstOrDefault(c => c.Metadata.Namespace == pod.Metadata.Namespace && ExtendedResources.IsMadeForThem(c) && PodDeviceClaims.IsFor(pod, c)));

    /// <summary>The newest form of a claim.</summary>
    public ResourceClaim? FindClaim(string ns, string name) => Newest(claims.Cache.Find(ns, name));

    /// <summary>Tells of changes of all of them until disposed.</summary>
    public IReadOnlyList<IDisposable> Subscribe(Action<Change<ResourceClaim>> onClaim, Action<Change<DeviceClass>> onClass, Action<Change<ResourceSlice>> onSlice, Action<Change<DeviceTaintRule>> onRule) =>
        [claims.Subscribe(onClaim), classes.Subscribe(onClass), slices.Subscribe(onSlice), .. rules is null ? Array.Empty<IDisposable>() : [rules.Subscribe(onRule)]];

    /// <summary>What all claims have, or are about to have.</summary>
    public IEnumerable<AllocationResult> Allocations() => claims.Cache.List().Select(c => Newest(c)!.Status.Allocation).OfType<AllocationResult>().Concat(_pending.Values);

    /// <summary>Whether another pod's binding is allocating a claim.</summary>
    public bool IsPending(ResourceClaim claim) => _pending.ContainsKey(claim.Metadata.Uid);

    public bool Begin(ResourceClaim claim, AllocationResult allocation) => _pending.TryAdd(claim.Metadata.Uid, allocation);

    public void End(ResourceClaim claim) => _pending.TryRemove(claim.Metadata.Uid, out _);

    /// <summary>The server has this form of a claim now.</summary>
    public void Wrote(ResourceClaim claim)
    {
        _written[ObjectKey.Of(claim)] = claim;
        End(claim);
    }

    /// <summary>The server has a claim no more.</summary>
    public void Deleted(ResourceClaim claim)
    {
        _written.TryRemove(ObjectKey.Of(claim), out _);
        End(claim);
    }

    private ResourceClaim? Newest(ResourceClaim? cached)
    {
        if (cached is null || !_written.TryGetValue(ObjectKey.Of(cached), out var written))
        {
            return cached;
        }

        if (written.Metadata.Uid == cached.Metadata.Uid && Revision(written) > Revision(cached))
        {
            return written;
        }

        _written.TryRemove(new KeyValuePair<ObjectKey, ResourceClaim>(ObjectKey.Of(cached), written));
        return cached;
    }

    private static long Revision(ResourceClaim claim) => long.Parse(claim.Metadata.ResourceVersion, CultureInfo.InvariantCulture);
}
