using Kobune.Api.Core.V1;
using Kobune.Api.Resource.V1;
using Kobune.Api.Resources;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Pods;
using DeviceTaintRule = Kobune.Api.Resource.V1Beta2.DeviceTaintRule;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.ControllerManager.DeviceTaints;

/// <summary>The devices that pods have by their claims, and what taints say of them.</summary>
/// <param name="claims">All claims.</param>
/// <param name="slices">What drivers publish.</param>
/// <param name="rules">What administrators add; null where there are no rules.</param>
internal sealed class ClaimedDevices(ICache<ResourceClaim> claims, ICache<ResourceSlice> slices, ICache<DeviceTaintRule>? rules)
{
    private readonly ICacheIndex<ResourceSlice> _byPool = slices.Index("pool", s => [$"{s.Spec.Driver}/{s.Spec.Pool.Name}"]);

    /// <summary>Whether a pod can be sent away at all.</summary>
    public static bool MayLeave(Pod pod) => !pod.IsDeleting() && !pod.IsTerminal() && pod.Spec.NodeName.Length > 0;

    /// <summary>When a pod has to leave one of its devices; null for never.</summary>
    public DateTimeOffset? LeaveAt(Pod pod) => Of(pod)
        .Min(r => Api.Resources.DeviceTaints.LeaveAt([.. Published(r)?.Taints ?? [], .. DeviceTaintRules.TaintsOf(rules?.List() ?? [], r.Driver, r.Pool, r.Device)], r.Tolerations));

    /// <summary>Whether a pod has to leave a device by a rule, if that meant so.</summary>
    public bool HasToLeave(Pod pod, DeviceTaintRule rule) => Of(pod).Any(r => DeviceTaintRules.IsAbout(rule, r.Driver, r.Pool, r.Device)
        && Api.Resources.DeviceTaints.LeaveAt([DeviceTaintRules.TaintOf(rule) with { Effect = "NoExecute" }], r.Tolerations) is not null);

    /// <summary>How many published devices a rule is about.</summary>
    public int CountPublished(DeviceTaintRule rule) => slices.List()
        .GroupBy(s => (s.Spec.Driver, s.Spec.Pool.Name))
        .SelectMany(pool => pool.Where(s => s.Spec.Pool.Generation == pool.Max(o => o.Spec.Pool.Generation)))
        .Sum(s => s.Spec.Devices.Count(d => DeviceTaintRules.IsAbout(rule, s.Spec.Driver, s.Spec.Pool.Name, d.Name)));

    /// <summary>How many devices that claims have a rule is about.</summary>
    public int CountAllocated(DeviceTaintRule rule) =>
        claims.List().SelectMany(c => c.Status.Allocation?.Devices.Results ?? []).Count(r => DeviceTaintRules.IsAbout(rule, r.Driver, r.Pool, r.Device));

    private IEnumerable<DeviceRequestAllocationResult> Of(Pod pod) => pod.Spec.ResourceClaims
        .Select(e => PodDeviceClaims.NameOf(pod, e).Name).OfType<string>()
        .Select(name => claims.Find(pod.Metadata.Namespace, name)).OfType<ResourceClaim>()
        .Where(c => PodDeviceClaims.IsReservedFor(pod, c) && c.Status.Allocation is not null)
        .SelectMany(c => c.Status.Allocation!.Devices.Results);

    /// <summary>The device as its driver describes it now.</summary>
    private Device? Published(DeviceRequestAllocationResult result)
    {
        var pool = _byPool[$"{result.Driver}/{result.Pool}"];
        var newest = pool.Select(s => s.Spec.Pool.Generation).DefaultIfEmpty().Max();
        return pool.Where(s => s.Spec.Pool.Generation == newest).SelectMany(s => s.Spec.Devices).FirstOrDefault(d => d.Name == result.Device);
    }
}
