using System.Collections.Concurrent;
using Kobune.Api.Core.V1;
using Kobune.Api.Resource.V1;
using Kobune.Api.Resources;
using Kobune.Scheduler.Cache;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Scheduler.Devices;

/// <summary>What the plugin knows of a pod in one cycle.</summary>
/// <param name="Allocated">Claims that have their devices.</param>
/// <param name="Wishes">Claims that have none yet.</param>
/// <param name="Taken">What other claims have.</param>
/// <param name="Slices">What there is.</param>
internal sealed record PodDevices(IReadOnlyList<ResourceClaim> Allocated, IReadOnlyList<ClaimWish> Wishes, IReadOnlyList<AllocationResult> Taken, IReadOnlyList<ResourceSlice> Slices)
{
    private const int MostConsumers = 256;

    /// <summary>Results of expressions.</summary>
    public DeviceMatcher Matcher { get; } = new();

    /// <summary>The claim for the pod's extended resources; null when no devices stand behind any.</summary>
    public ExtendedClaim? Extended { get; private init; }

    /// <summary>What was found, by node.</summary>
    public ConcurrentDictionary<string, FoundDevices> Found { get; } = new(StringComparer.Ordinal);

    /// <summary>Allocated claims that keep the pod from a node.</summary>
    public ConcurrentDictionary<string, ResourceClaim> InTheWay { get; } = new(StringComparer.Ordinal);

    /// <summary>The claims of a pod, or why they cannot be used yet.</summary>
    public static IReadOnlyList<ResourceClaim> ClaimsOf(Pod pod, DeviceView view, out string? problem)
    {
        problem = null;
        var claims = new List<ResourceClaim>();
        foreach (var entry in pod.Spec.ResourceClaims)
        {
            var name = PodDeviceClaims.NameOf(pod, entry);
            if (name.Problem is { } unknown)
            {
                problem = unknown;
            }
            else if (name.Name is not null)
            {
                var claim = view.FindClaim(pod.Metadata.Namespace, name.Name);
                problem = claim is null ? $"resourceclaim.resource.k8s.io \"{name.Name}\" not found"
                    : claim.Metadata.DeletionTimestamp is not null ? $"resourceclaim \"{name.Name}\" is being deleted"
                    : name.IsGenerated && !PodDeviceClaims.IsFor(pod, claim) ? PodDeviceClaims.NotFor(pod, claim)
                    : null;
                if (problem is null)
                {
                    claims.Add(claim!);
                }
            }

            if (problem is not null)
            {
                return [];
            }
        }

        return claims;
    }

    /// <summary>What a cycle begins with; null, and why, when no node can help.</summary>
    public static PodDevices? Of(Pod pod, ExtendedClaim? extended, DeviceView view, out string? problem)
    {
        var claims = ClaimsOf(pod, view, out problem);
        var wishes = new List<ClaimWish>();
        foreach (var claim in claims)
        {
            if (claim.Status.Allocation is not null)
            {
                problem ??= !PodDeviceClaims.IsReservedFor(pod, claim) && claim.Status.ReservedFor.Count >= MostConsumers ? "resourceclaim in use" : null;
                continue;
            }

            problem ??= view.IsPending(claim) ? $"resource claim {claim.Metadata.Namespace}/{claim.Metadata.Name} is in the process of being allocated" : null;
            var requests = new List<IReadOnlyList<DeviceWish>>();
            foreach (var request in claim.Spec.Devices.Requests)
            {
                requests.Add(DeviceWish.Of(request, view.FindClass, out var missing));
                problem ??= missing;
            }

            wishes.Add(new(claim, requests));
        }

        if (problem is not null)
        {
            return null;
        }

        var isSearched = wishes.Count > 0 || extended is not null;
        return new([.. claims.Where(c => c.Status.Allocation is not null)], wishes, isSearched ? [.. view.Allocations()] : [], isSearched ? view.Slices : []) { Extended = extended };
    }
}

/// <summary>What was found for a pod on a node.</summary>
/// <param name="Wishes">The claims that had nothing; that for extended resources is the last.</param>
/// <param name="Results">What each of them gets.</param>
/// <param name="Extended">What is claimed for extended resources; null when nothing.</param>
internal sealed record FoundDevices(IReadOnlyList<ClaimWish> Wishes, IReadOnlyList<AllocationResult> Results, ExtendedWish? Extended);
