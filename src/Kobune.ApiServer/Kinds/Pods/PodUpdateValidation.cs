using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Kinds.Services;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>What may change of a pod that exists (upstream's ValidatePodUpdate, ValidatePodStatusUpdate, ValidatePodEphemeralContainersUpdate).</summary>
internal static class PodUpdateValidation
{
    private const string MayNotChange =
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    public static void Validate(Pod pod, Pod old, FieldErrors errors)
    {
        PodSpecValidation.Validate(pod.Spec, "spec", errors);
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

        Deadline(pod.Spec.ActiveDeadlineSeconds, old.Spec.ActiveDeadlineSeconds, errors);
        Tolerations(pod.Spec, old.Spec, errors);
        if (pod.Spec.SchedulingGates.Any(gate => !old.Spec.SchedulingGates.Contains(gate)))
        {
            errors.Forbidden("spec.schedulingGates", "only deletion is allowed, but found new scheduling gate");
        }

        var changed = ChangedFields(pod.Spec, old.Spec);
        if (changed.Count > 0)
        {
            errors.Forbidden("spec", $"{MayNotChange}\nchanged: {string.Join(", ", changed)}");
        }
    }

    public static void ValidateStatus(Pod pod, Pod old, FieldErrors errors)
    {
        if (old.Status.QOSClass.Length > 0 && pod.Status.QOSClass != old.Status.QOSClass)
        {
            errors.Invalid("status.qosClass", pod.Status.QOSClass, FieldRules.Immutable);
        }

        if (pod.Status.NominatedNodeName.Length > 0)
        {
            errors.Names("status.nominatedNodeName", pod.Status.NominatedNodeName, Api.Validation.NameValidation.Dns1123Subdomain(pod.Status.NominatedNodeName));
        }

        Addresses("status.podIPs", [.. pod.Status.PodIPs.Select(ip => ip.IP)], [.. old.Status.PodIPs.Select(ip => ip.IP)], errors);
        if (pod.Status.HostIPs.Count > 0 && pod.Status.HostIPs[0].IP != pod.Status.HostIP)
        {
            errors.Invalid("status.hostIPs[0].ip", pod.Status.HostIPs[0].IP, "must be equal to `hostIP`");
        }

        Addresses("status.hostIPs", [.. pod.Status.HostIPs.Select(ip => ip.IP)], [.. old.Status.HostIPs.Select(ip => ip.IP)], errors);
    }

    // One of each family at the most (upstream's validatePodIPs and validateHostIPs); what was wrong before may stay.
    private static void Addresses(string path, string[] now, string[] before, FieldErrors errors)
    {
        for (var i = 0; i < now.Length; i++)
        {
            if (!before.Contains(now[i]))
            {
                errors.Names($"{path}[{i}]", now[i], Api.Validation.NameValidation.IpAddress(now[i]));
            }
        }

        if (now.Length > 1 && (now.Length > 2 || ServiceAddressing.FamilyOf(now[0]) == ServiceAddressing.FamilyOf(now[1])))
        {
            errors.Invalid(path, new JsonArray([.. now.Select(ip => (JsonNode)new JsonObject { ["ip"] = ip })]), "may specify no more than one IP for each IP family");
        }
    }

    public static void ValidateEphemeral(Pod pod, Pod old, FieldErrors errors)
    {
        PodSpecValidation.ValidateEphemeral(pod.Spec, errors);
        var now = pod.Spec.EphemeralContainers.ToDictionary(c => c.Name, StringComparer.Ordinal);
        foreach (var container in old.Spec.EphemeralContainers)
        {
            if (!now.TryGetValue(container.Name, out var kept))
            {
                errors.Forbidden("spec.ephemeralContainers", $"existing ephemeral containers \"{container.Name}\" may not be removed\n");
            }
            else if (kept != container)
            {
                errors.Forbidden("spec.ephemeralContainers", $"existing ephemeral containers \"{container.Name}\" may not be changed\n");
            }
        }
    }

    private static void Deadline(long? now, long? before, FieldErrors errors)
    {
        if (now is { } set)
        {
            errors.Between("spec.activeDeadlineSeconds", set, 1, int.MaxValue);
            if (set > before)
            {
                errors.Invalid("spec.activeDeadlineSeconds", set, "must be less than or equal to previous value");
            }
        }
        else if (before is not null)
        {
            errors.Invalid("spec.activeDeadlineSeconds", null, "must not update from a positive integer to nil value");
        }
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

    private static List<string> ChangedFields(PodSpec now, PodSpec before)
    {
        var changed = new List<string>();
        var munged = now with
        {
            Containers = [.. now.Containers.Select((c, i) => c with { Image = before.Containers[i].Image })],
            InitContainers = [.. now.InitContainers.Select((c, i) => c with { Image = before.InitContainers[i].Image })],
            ActiveDeadlineSeconds = before.ActiveDeadlineSeconds,
            Tolerations = before.Tolerations,
            SchedulingGates = before.SchedulingGates,
            TerminationGracePeriodSeconds = before.TerminationGracePeriodSeconds < 0 && now.TerminationGracePeriodSeconds == 1 ? before.TerminationGracePeriodSeconds : now.TerminationGracePeriodSeconds,
            Overhead = before.Overhead.Count > 0 && now.Overhead.Count == 0 ? before.Overhead : now.Overhead,
        };
        if (before.SchedulingGates.Count > 0)
        {
            munged = munged with { NodeSelector = before.NodeSelector, Affinity = before.Affinity }; // a gated pod may still be aimed
        }

        if (munged == before)
        {
            return changed;
        }

        var (left, right) = (munged.ToTree(), before.ToTree());
        changed.AddRange(left.Select(f => f.Key).Union(right.Select(f => f.Key)).Where(key => !left[key].SameAs(right[key])).Order(StringComparer.Ordinal));
        return changed;
    }
}
