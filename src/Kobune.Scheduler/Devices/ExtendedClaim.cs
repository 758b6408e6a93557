using System.Collections.Concurrent;
using Kobune.Api.Core.V1;
using Kobune.Api.Resource.V1;
using Kobune.Api.Resources;
using Kobune.Scheduler.Cache;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Scheduler.Devices;

/// <summary>
/// The claim for a pod's extended resources: what it has to say depends on the node, for a node may have some of them from a device plugin. It is written when the pod has its node; one that
/// is there before is of a cycle that failed, and stands in the way.
/// </summary>
/// <param name="pod">The pod.</param>
/// <param name="view">Where the devices are.</param>
/// <param name="stale">The claim of a cycle that failed.</param>
internal sealed class ExtendedClaim(PodInfo pod, DeviceView view, ResourceClaim? stale)
{
    private readonly ConcurrentDictionary<string, ExtendedWish> _wishes = new(StringComparer.Ordinal);

    public ResourceClaim? Stale => stale;

    /// <summary>Null when the pod asks for no resource that devices stand behind.</summary>
    public static ExtendedClaim? Of(PodInfo pod, DeviceView view) =>
        pod.Requests.Scalars?.Any(s => s.Value > 0 && view.ClassOf(s.Key) is not null) == true ? new(pod, view, view.FindMadeFor(pod.Pod)) : null;

    /// <summary>What is to be claimed on a node; null when nothing, or when a resource cannot be had there at all.</summary>
    public ExtendedWish? On(NodeInfo node, out string? problem)
    {
        problem = stale is null ? null : "cannot schedule extended resource claim";
        var needed = new List<(string Resource, string Class)>();
        foreach (var (name, amount) in pod.Requests.Scalars!)
        {
            if (amount == 0 || !ExtendedResources.MayBeDevices(name))
            {
                continue;
            }

            if (view.ClassOn(node, name) is { } behind)
            {
                needed.Add((name, behind.Metadata.Name));
            }
            else if (node.Allocatable.Scalars?.ContainsKey(name) != true)
            {
                problem ??= "cannot fit resource";
            }
        }

        if (needed.Count == 0 || problem is not null)
        {
            return null;
        }

        return _wishes.GetOrAdd(string.Join(' ', needed.Order()), _ => Wish(needed)); // most nodes are alike
    }

    private ExtendedWish Wish(List<(string Resource, string Class)> needed)
    {
        var plan = ExtendedPlan.Of(pod.Pod.Spec, needed);
        var claim = new ResourceClaim
        {
            Metadata = new()
            {
                Namespace = pod.Pod.Metadata.Namespace,
                Name = "<extended-resources>", // no claim can have this name
                Uid = $"{pod.Uid}/extended-resources",
                GenerateName = $"{pod.Pod.Metadata.Name}-extended-resources-",
                Annotations = new Dictionary<string, string> { [ExtendedResources.ClaimAnnotation] = "true" },
                OwnerReferences = [new() { APIVersion = "v1", Kind = "Pod", Name = pod.Pod.Metadata.Name, Uid = pod.Uid, Controller = true }],
            },
            Spec = new() { Devices = new() { Requests = plan.Requests } },
        };
        return new(new(claim, [.. plan.Requests.Select(r => DeviceWish.Of(r, view.FindClass, out _))]), plan.Mappings);
    }
}

/// <summary>What a pod's extended resources are on a node.</summary>
/// <param name="Claim">The claim, not written yet, and what it wants.</param>
/// <param name="Mappings">Which container gets what of it.</param>
internal sealed record ExtendedWish(ClaimWish Claim, IReadOnlyList<ContainerExtendedResourceRequest> Mappings);
