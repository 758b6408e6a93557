using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>What may change of a pod that exists (upstream's ValidatePodUpdate and ValidatePodEphemeralContainersUpdate).</summary>
internal static class PodUpdateValidation
{
    private const string MayNotChange =
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    public static void Validate(Pod pod, Pod old, FieldErrors errors)
    {
        var tolerance = PodTolerance.Of(pod.Spec, old.Spec, old.Metadata, errors.Features);
        PodMetadataRules.Validate(pod.Metadata, pod.Spec, "metadata.annotations", tolerance.DeletionCost, errors);
        Spec(pod, tolerance, errors);
        PodMetadataRules.ValidateUpdate(pod, old, errors);
        if (pod.Spec.Containers.Count != old.Spec.Containers.Count)
        {
            errors.Forbidden("spec.containers", "pod updates may not add or remove containers");
            return;
        }

        if (pod.Spec.InitContainers.Count != old.Spec.InitContainers.Count)
        {
            errors.Forbidden("spec.initContainers", "pod updates may not add or remove containers");
            return;
        }

        if (!Deadline(pod.Spec.ActiveDeadlineSeconds, old.Spec.ActiveDeadlineSeconds, errors))
        {
            return;
        }

        Tolerations(pod.Spec, old.Spec, errors);
        for (var i = 0; i < pod.Spec.SchedulingGates.Count; i++)
        {
            if (!old.Spec.SchedulingGates.Contains(pod.Spec.SchedulingGates[i]))
            {
                errors.Forbidden($"spec.schedulingGates[{i}].name", $"only deletion is allowed, but found new scheduling gate '{pod.Spec.SchedulingGates[i].Name}'");
            }
        }

        var munged = Munged(pod.Spec, old.Spec, errors);
        if (munged != old.Spec)
        {
            errors.Forbidden("spec", $"{MayNotChange}\n{ChangeText.Of(old.Spec.ToTree(), munged.ToTree())}");
        }
    }

    /// <summary>A pod's spec with what only pods must have.</summary>
    public static void Spec(Pod pod, PodTolerance tolerance, FieldErrors errors)
    {
        PodSpecValidation.Validate(pod.Spec, pod.Metadata.Name ?? "", "spec", tolerance, errors);
        for (var i = 0; pod.Spec.ServiceAccountName.Length == 0 && i < pod.Spec.Volumes.Count; i++)
        {
            var sources = pod.Spec.Volumes[i].Projected?.Sources ?? [];
            for (var j = 0; j < sources.Count; j++)
            {
                if (sources[j].ServiceAccountToken is not null)
                {
                    errors.Forbidden($"spec.volumes[{i}].projected.sources[{j}].serviceAccountToken", "must not be specified when serviceAccountName is not set");
                }
            }
        }
    }

    public static void ValidateEphemeral(Pod pod, Pod old, FieldErrors errors)
    {
        if (old.Metadata.Annotations.ContainsKey(PodMetadataRules.Mirror))
        {
            errors.Forbidden("[]", "static pods do not support ephemeral containers");
            return;
        }

        var tolerance = PodTolerance.Of(pod.Spec, old.Spec, old.Metadata, errors.Features);
        PodMetadataRules.Validate(pod.Metadata, pod.Spec, "metadata.annotations", tolerance.DeletionCost, errors);
        Spec(pod, tolerance, errors);
        foreach (var container in old.Spec.EphemeralContainers)
        {
            if (pod.Spec.EphemeralContainers.LastOrDefault(c => c.Name == container.Name) is not { } kept)
            {
                errors.Forbidden("spec.ephemeralContainers", $"existing ephemeral containers \"{container.Name}\" may not be removed\n");
            }
            else if (kept != container)
            {
                errors.Forbidden("spec.ephemeralContainers", $"existing ephemeral containers \"{container.Name}\" may not be changed\n{ChangeText.Of(container.ToTree(), kept.ToTree())}");
            }
        }
    }

    private static bool Deadline(long? now, long? before, FieldErrors errors)
    {
        const string path = "spec.activeDeadlineSeconds";
        if (now is < 0 or > int.MaxValue)
        {
            errors.Between(path, now, 0, int.MaxValue);
            return false;
        }

        if (now > before)
        {
            errors.Invalid(path, now, "must be less than or equal to previous value");
            return false;
        }

        if (now is null && before is not null)
        {
            errors.Invalid(path, null, "must not update from a positive integer to nil value");
        }

        return true;
    }

    private static void Tolerations(PodSpec now, PodSpec before, FieldErrors errors)
    {
        // Those that are there may not be changed; how long one holds may.
        var kept = now.Tolerations.Select(t => t with { TolerationSeconds = null }).ToHashSet();
        if (before.Tolerations.Any(t => !kept.Contains(t with { TolerationSeconds = null })))
        {
            errors.Forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds");
        }
    }

    /// <summary>The new spec with everything that may change as it was: what still differs may not.</summary>
    private static PodSpec Munged(PodSpec now, PodSpec before, FieldErrors errors)
    {
        var munged = now with
        {
            Containers = [.. now.Containers.Select((c, i) => c with { Image = before.Containers[i].Image })],
            InitContainers = [.. now.InitContainers.Select((c, i) => c with { Image = before.InitContainers[i].Image })],
            ActiveDeadlineSeconds = before.ActiveDeadlineSeconds,
            Tolerations = before.Tolerations,
            SchedulingGates = before.SchedulingGates,
            TerminationGracePeriodSeconds = before.TerminationGracePeriodSeconds < 0 && now.TerminationGracePeriodSeconds == 1 ? before.TerminationGracePeriodSeconds : now.TerminationGracePeriodSeconds,
        };
        return before.SchedulingGates.Count == 0 ? munged : GatedPodRules.Munged(munged, before, errors);
    }
}
