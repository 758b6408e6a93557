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
/// <param name="classes">Those behind its resources, by resource.</param>
/// <param name="stale">The claim of a cycle that failed.</param>
internal sealed class ExtendedClaim(PodInfo pod, IReadOnlyDictionary<string, DeviceClass> classes, ResourceClaim? stale)
{
    private readonly ConcurrentDictionary<string, ExtendedWish> _wishes = new(StringComparer.Ordinal);

    public ResourceClaim? Stale => stale;

    /// <summary>Null when the pod asks for no resource that devices stand behind.</summary>
    public static ExtendedClaim? Of(PodInfo pod, DeviceView view) => view.ClassesOf(pod) is { } classes ? new(pod, classes, view.FindMadeFor(pod.Pod)) : null;

    /// <summary>Those behind its resources, by resource.</summary>
    public IReadOnlyDictionary<string, DeviceClass> Classes => classes;

    /// <summary>What is to be claimed on a node; null when nothing, or when a resource cannot be had there at all.</summary>
    public ExtendedWish? On(NodeInfo node, out string? problem)
    {
        problem = stale is null ? null : "cannot schedule extended resource claim";
        var needed = new List<(string Resource, DeviceClass Class)>();
        foreach (var (name, amount) in pod.Requests.Scalars!)
        {
            if (amount == 0 || !ExtendedResources.MayBeDevices(name))
            {
                continue;
            }

            if (node.Allocatable.Scalar(name) == 0 && classes.TryGetValue(name, out var behind))
            {
                needed.Add((name, behind));
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

        return _wishes.GetOrAdd(string.Join(' ', needed.Select(n => n.Resource).Order(StringComparer.Ordinal)), _ => Wish(needed)); // most nodes are alike
    }

    private ExtendedWish Wish(List<(string Resource, DeviceClass Class)> needed)
    {
        var plan = ExtendedPlan.Of(pod.Pod.Spec, needed.Select(n => (n.Resource, n.Class.Metadata.Name)));
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
        return new(new(claim, [.. plan.Requests.Select(r => DeviceWish.Of(r, name => needed.Find(n => n.Class.Metadata.Name == name).Class, out _))]), plan.Mappings);
    }
}

/// <summary>What a pod's extended resources are on a node.</summary>
/// <param name="Claim">The claim, not written yet, and what it wants.</param>
/// <param name="Mappings">Which container gets what of it.</param>
internal sealed record ExtendedWish(ClaimWish Claim, IReadOnlyList<ContainerExtendedResourceRequest> Mappings);
