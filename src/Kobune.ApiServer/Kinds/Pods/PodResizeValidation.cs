using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Quotas;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>What pods/resize may change: cpu and memory of containers and of the pod as a whole (upstream's ValidatePodResize).</summary>
internal static class PodResizeValidation
{
    private const string ClaimsOfNode = "pods with node allocatable resource claims cannot be resized";

    public static void Validate(Pod pod, Pod old, FieldErrors errors)
    {
        var hasWhole = HasWhole(old.Spec) || HasWhole(pod.Spec);
        var resizesWhole = errors.Features.IsEnabled("InPlacePodLevelResourcesVerticalScaling");
        var never = old.Metadata.Annotations.ContainsKey(PodMetadataRules.Mirror) ? "static pods cannot be resized"
            : old.Spec.OS?.Name == "windows" ? "windows pods cannot be resized"
            : HasWhole(old.Spec) && !resizesWhole ? "pods with pod-level resources cannot be resized"
            : null;
        if (never is not null)
        {
            errors.Forbidden("[]", never); // upstream's path of nothing, and nothing else is told
            return;
        }

        PodUpdateValidation.Spec(pod, PodTolerance.Of(pod.Spec, old.Spec, old.Metadata, errors.Features), errors);
        Quality(pod, old, errors);

        // A kubelet that knows of resizes tells the resources of what runs.
        if (old.Status.ContainerStatuses.Any(s => s.State.Running is not null && s.Resources is null))
        {
            errors.Forbidden("spec", "Pod running on node without support for resize");
        }

        if (hasWhole && resizesWhole)
        {
            PodResizeRules.Whole(pod.Spec.Resources, old.Spec.Resources, errors);
        }

        if (old.Status.NodeAllocatableResourceClaimStatuses.Count > 0)
        {
            errors.Forbidden("spec", ClaimsOfNode);
        }

        if (SameContainers(pod.Spec.Containers, old.Spec.Containers, "containers", errors) & SameContainers(pod.Spec.InitContainers, old.Spec.InitContainers, "initContainers", errors))
        {
            PodResizeRules.Containers(pod.Spec, old.Spec, errors);
        }
    }

    /// <summary>The class that upstream shows is the one that the pod keeps.</summary>
    private static void Quality(Pod pod, Pod old, FieldErrors errors)
    {
        var quality = old.Status.QOSClass.Length > 0 ? old.Status.QOSClass : PodQos.Of(old.Spec);
        if (PodQos.Of(pod.Spec) != quality)
        {
            errors.Invalid("spec", old.Status.QOSClass, "Pod QOS Class may not change as a result of resizing");
        }
    }

    private static bool HasWhole(PodSpec spec) => spec.Resources is { } whole && whole.Requests.Count + whole.Limits.Count > 0;

    private static bool SameContainers(IReadOnlyList<Container> now, IReadOnlyList<Container> before, string list, FieldErrors errors)
    {
        if (now.Count != before.Count)
        {
            errors.Forbidden("spec." + list, $"{list} may not be added or removed on resize");
            return false;
        }

        var same = true;
        for (var i = 0; i < now.Count; i++)
        {
            if (now[i].Name != before[i].Name)
            {
                errors.Forbidden($"spec.{list}[{i}].name", $"{list} may not be renamed or reordered on resize");
                same = false;
            }
        }

        return same;
    }
}
