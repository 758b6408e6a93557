using Kobune.Api.Core.V1;
using Kobune.Api.Resource.V1;
using Kobune.Api.Resources;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Api.Quotas;

/// <summary>
/// What a claim of devices uses of a quota: the devices of each class, and the extended resources that these stand behind, as far as the pod is not charged for them by its own requests.
/// Source: pkg/quota/v1/evaluator/core, resource_claims.go.
/// </summary>
internal static class DeviceUsage
{
    private const string OfClass = ".deviceclass.resource.k8s.io/devices";
    private const string Requests = "requests.";
    private const long MostResults = 32;

    public static void Add(Dictionary<string, Quantity> usage, ResourceClaim claim, IQuotaObjects objects, DateTimeOffset now)
    {
        var devices = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (deviceClass, count) in claim.Spec.Devices.Requests.SelectMany(Worst))
        {
            devices[deviceClass] = devices.GetValueOrDefault(deviceClass) + count;
        }

        var charged = ChargedToPod(claim, objects, now);
        foreach (var (name, count) in devices)
        {
            usage[name + OfClass] = new(count);
            if (objects.List<DeviceClass>("").FirstOrDefault(c => c.Metadata.Name == name)?.Spec.ExtendedResourceName is not { } resource)
            {
                continue; // upstream counts no class by its implicit name alone
            }

            foreach (var extended in new[] { Requests + ExtendedResources.ClassPrefix + name, Requests + resource })
            {
                var left = new Quantity(count) - charged.GetValueOrDefault(extended);
                if (left.Sign > 0)
                {
                    usage[extended] = left;
                }
            }
        }
    }

    /// <summary>The most devices of each class that a request can get: of alternatives it gets one.</summary>
    private static IEnumerable<(string Class, long Count)> Worst(DeviceRequest request) => request.FirstAvailable.Count > 0
        ? request.FirstAvailable.GroupBy(s => s.DeviceClassName).Select(g => (g.Key, g.Max(s => Count(s.AllocationMode, s.Count))))
        : request.Exactly is { } exactly ? [(exactly.DeviceClassName, Count(exactly.AllocationMode, exactly.Count))] : [];

    private static long Count(string mode, long count) => mode switch
    {
        "ExactCount" => count,
        "All" => MostResults,
        _ => 0,
    };

    /// <summary>What the pod of a claim for extended resources is charged for; nothing when the claim only says that it is one, or is not the pod's first.</summary>
    private static Dictionary<string, Quantity> ChargedToPod(ResourceClaim claim, IQuotaObjects objects, DateTimeOffset now)
    {
        var owner = ExtendedResources.IsMadeForThem(claim) ? Owner(claim) : null;
        if (owner is null || objects.List<Pod>(claim.Metadata.Namespace).FirstOrDefault(p => p.Metadata.Name == owner.Name && p.Metadata.Uid == owner.Uid) is not { } pod)
        {
            return [];
        }

        var isIts = pod.Status.ExtendedResourceClaimStatus is { } status
            ? status.ResourceClaimName == claim.Metadata.Name
            : !objects.List<ResourceClaim>(claim.Metadata.Namespace).Any(o => ExtendedResources.IsMadeForThem(o) && Owner(o)?.Uid == owner.Uid && IsBefore(o, claim, now));
        return isIts ? QuotaUsage.Of(Pod.Resource, pod, now) : [];
    }

    private static Meta.V1.OwnerReference? Owner(ResourceClaim claim) => claim.Metadata.OwnerReferences.FirstOrDefault(o => o.Controller == true) is { Kind: "Pod", APIVersion: "v1" } owner ? owner : null;

    /// <summary>Whether another claim was made earlier; one that is just being made has no time yet.</summary>
    private static bool IsBefore(ResourceClaim other, ResourceClaim claim, DateTimeOffset now)
    {
        var order = (other.Metadata.CreationTimestamp ?? now).CompareTo(claim.Metadata.CreationTimestamp ?? now);
        return order < 0 || (order == 0 && string.CompareOrdinal(other.Metadata.Name, claim.Metadata.Name) < 0);
    }
}
