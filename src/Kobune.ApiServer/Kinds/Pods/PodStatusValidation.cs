using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Kinds.Services;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>What a pod's status may become (upstream's ValidatePodStatusUpdate).</summary>
internal static class PodStatusValidation
{
    private const string NoGeneration = "must be a non-negative integer";
    private static readonly string[] SystemConditions = ["PodScheduled", "Ready", "Initialized"];

    public static void Validate(Pod pod, Pod old, FieldErrors errors)
    {
        PodMetadataRules.ValidateUpdate(pod, old, errors);
        var conditions = errors.Features.Version.Minor >= 33 ? "status.conditions" : "metadata.conditions"; // older releases named it so
        for (var i = 0; i < pod.Status.Conditions.Count; i++)
        {
            if (pod.Status.Conditions[i].ObservedGeneration < 0)
            {
                errors.Invalid($"{conditions}[{i}].observedGeneration", pod.Status.Conditions[i].ObservedGeneration, NoGeneration);
            }

            if (pod.Status.Conditions[i].Type is var type && !SystemConditions.Contains(type))
            {
                errors.Names($"{conditions}[{i}].Type", type, NameValidation.QualifiedName(type)); // upstream's path
            }
        }

        if (old.Status.QOSClass.Length > 0 && pod.Status.QOSClass != old.Status.QOSClass)
        {
            errors.Invalid("status.qosClass", pod.Status.QOSClass, FieldRules.Immutable);
        }

        if (pod.Status.NominatedNodeName.Length > 0 && pod.Status.NominatedNodeName != old.Status.NominatedNodeName)
        {
            errors.Names("status.nominatedNodeName", pod.Status.NominatedNodeName, NameValidation.Dns1123Subdomain(pod.Status.NominatedNodeName));
        }

        if (old.Spec.NodeName.Length > 0 && pod.Status.NominatedNodeName.Length > 0 && pod.Status.NominatedNodeName != old.Status.NominatedNodeName && errors.Features.IsEnabled("ClearingNominatedNodeNameAfterBinding"))
        {
            errors.Forbidden("status.nominatedNodeName", "may not be set on pods that are already bound to a node");
        }

        if (pod.Status.ObservedGeneration < 0)
        {
            errors.Invalid("status.observedGeneration", pod.Status.ObservedGeneration, NoGeneration);
        }

        if (!errors.Features.IsEnabled("RestartAllContainersOnContainerExits") || !MayRestartAll(old.Spec))
        {
            States(pod.Status.ContainerStatuses, old.Status.ContainerStatuses, "status.containerStatuses", old.Spec, old.Spec.Containers, errors);
            States(pod.Status.InitContainerStatuses, old.Status.InitContainerStatuses, "status.initContainerStatuses", old.Spec, old.Spec.InitContainers, errors);
        }

        States(pod.Status.EphemeralContainerStatuses, old.Status.EphemeralContainerStatuses, "status.ephemeralContainerStatuses", old.Spec with { RestartPolicy = "Never" }, [], errors);
        Claims(pod, errors);
        ExtendedClaimRules.Check(pod, errors);
        Addresses("status.podIPs", [.. pod.Status.PodIPs.Select(ip => ip.IP)], [.. old.Status.PodIPs.Select(ip => ip.IP)], errors);
        if (pod.Status.HostIPs.Count > 0 && pod.Status.HostIPs[0].IP != pod.Status.HostIP)
        {
            errors.Invalid("status.hostIPs[0].ip", pod.Status.HostIPs[0].IP, "must be equal to `hostIP`");
        }

        Addresses("status.hostIPs", [.. pod.Status.HostIPs.Select(ip => ip.IP)], [.. old.Status.HostIPs.Select(ip => ip.IP)], errors);
        ContainerStatusRules.Validate(pod, errors);
    }

    // One of each family at the most (upstream's validatePodIPs and validateHostIPs); what was wrong before may stay.
    private static void Addresses(string path, string[] now, string[] before, FieldErrors errors)
    {
        for (var i = 0; i < now.Length; i++)
        {
            errors.LegacyAddress($"{path}[{i}]", now[i], before);
        }

        if (now.Length > 1 && (now.Length > 2 || ServiceAddressing.FamilyOf(now[0]) == ServiceAddressing.FamilyOf(now[1])))
        {
            errors.Invalid(path, now.Select(ip => new PodIP { IP = ip }), "may specify no more than one IP for each IP family");
        }
    }

    // A container that ended for good does not come back: what restarts is left alone.
    private static void States(IReadOnlyList<ContainerStatus> now, IReadOnlyList<ContainerStatus> before, string path, PodSpec spec, IReadOnlyList<Container> containers, FieldErrors errors)
    {
        for (var i = 0; i < before.Count; i++)
        {
            if (before[i].State.Terminated is not { } ended || MayRestart(containers.FirstOrDefault(c => c.Name == before[i].Name), ended.ExitCode, spec.RestartPolicy))
            {
                continue;
            }

            foreach (var _ in now.Where(s => s.Name == before[i].Name && s.State.Terminated is null))
            {
                errors.Forbidden($"{path}[{i}].state", "may not be transitioned to non-terminated state");
            }
        }
    }

    /// <summary>Whether a rule may begin the whole pod anew, those containers too that have ended for good.</summary>
    private static bool MayRestartAll(PodSpec spec) => spec.InitContainers.Concat(spec.Containers).Any(c => c.RestartPolicyRules.Any(r => r.Action == "RestartAllContainers"));

    private static bool MayRestart(Container? container, int exitCode, string podPolicy)
    {
        if (container?.RestartPolicyRules.Any(r => r.ExitCodes is { } codes && codes.Values.Contains(exitCode) == (codes.Operator == "In")) == true)
        {
            return true;
        }

        return podPolicy == "Always" || container?.RestartPolicy == "Always" || ((container?.RestartPolicy ?? podPolicy) == "OnFailure" && exitCode != 0);
    }

    private static void Claims(Pod pod, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < pod.Status.ResourceClaimStatuses.Count; i++)
        {
            var (status, at) = (pod.Status.ResourceClaimStatuses[i], $"status.resourceClaimStatuses[{i}].name");
            if (pod.Spec.ResourceClaims.All(c => c.Name != status.Name))
            {
                errors.Invalid(at, status.Name, "must match the name of an entry in `spec.resourceClaims`");
            }

            if (!names.Add(status.Name))
            {
                errors.Duplicate(at, status.Name);
            }

            if (status.ResourceClaimName is { } claim)
            {
                errors.Names(at, claim, NameValidation.Dns1123Subdomain(claim));
            }
        }
    }
}
