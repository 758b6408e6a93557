using Kobune.Api.Core.V1;
using Kobune.Api.Resource.V1;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Api.Resources;

/// <summary>Which ResourceClaims a pod uses. Source: k8s.io/dynamic-resource-allocation/resourceclaim.</summary>
public static class PodDeviceClaims
{
    /// <summary>Keeps an allocated claim until its devices are given back.</summary>
    public const string Finalizer = "resource.kubernetes.io/delete-protection";

    /// <summary>Names the entry of the pod for which a claim was made.</summary>
    public const string PodClaimAnnotation = "resource.kubernetes.io/pod-claim-name";

    /// <summary>The claim of an entry of a pod.</summary>
    public static DeviceClaimName NameOf(Pod pod, PodResourceClaim entry)
    {
        if (entry.ResourceClaimName is { } name)
        {
            return new(name, false, null);
        }

        if (entry.ResourceClaimTemplateName is null)
        {
            return new(null, false, $"pod \"{pod.Metadata.Namespace}/{pod.Metadata.Name}\", spec.resourceClaim \"{entry.Name}\": none of the supported fields are set");
        }

        return pod.Status.ResourceClaimStatuses.FirstOrDefault(s => s.Name == entry.Name) is { } status
            ? new(status.ResourceClaimName, true, null)
            : new(null, true, $"pod \"{pod.Metadata.Namespace}/{pod.Metadata.Name}\": ResourceClaim not created yet");
    }

    /// <summary>All claims that a pod has, so far as it knows them; that for its extended resources too.</summary>
    public static IEnumerable<string> NamesOf(Pod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        var names = pod.Spec.ResourceClaims.Select(c => NameOf(pod, c).Name).OfType<string>();
        return pod.Status.ExtendedResourceClaimStatus is { ResourceClaimName: { Length: > 0 } extended } ? names.Append(extended) : names;
    }

    /// <summary>Whether a claim was made for a pod.</summary>
    public static bool IsFor(Pod pod, ResourceClaim claim) => claim.Metadata.OwnerReferences.Any(o => o.Controller == true && o.Uid == pod.Metadata.Uid);

    /// <summary>What is said of a claim that was made for somebody else.</summary>
    public static string NotFor(Pod pod, ResourceClaim claim) =>
        $"ResourceClaim {claim.Metadata.Namespace}/{claim.Metadata.Name} was not created for Pod {pod.Metadata.Namespace}/{pod.Metadata.Name} (Pod is not owner)";

    /// <summary>Whether a pod may use what a claim has.</summary>
    public static bool IsReservedFor(Pod pod, ResourceClaim claim) => claim.Status.ReservedFor.Any(c => c.Uid == pod.Metadata.Uid);

    /// <summary>The pod as a consumer.</summary>
    public static ResourceClaimConsumerReference Consumer(Pod pod) => new() { Resource = "pods", Name = pod.Metadata.Name, Uid = pod.Metadata.Uid };
}

/// <summary>The claim of a pod's entry.</summary>
/// <param name="Name">Its name; null when there is none, or none is needed.</param>
/// <param name="IsGenerated">Whether it must belong to the pod.</param>
/// <param name="Problem">Why it is not known yet.</param>
public readonly record struct DeviceClaimName(string? Name, bool IsGenerated, string? Problem);
