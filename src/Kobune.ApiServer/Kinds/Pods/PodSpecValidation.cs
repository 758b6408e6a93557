using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Validation of a pod's spec, for pods and templates (upstream's ValidatePodSpec).</summary>
internal static class PodSpecValidation
{
    private const int MaxHostname = 64;

    /// <summary>A pod's, whose name says which claims it will make, or a template's, which has none.</summary>
    public static void Validate(PodSpec spec, string? podName, string path, PodTolerance tolerance, FieldErrors errors)
    {
        var volumes = VolumeValidation.Validate(spec.Volumes, podName, path + ".volumes", tolerance, errors);
        ResourceClaims(spec.ResourceClaims, path + ".resourceClaims", errors);
        var scope = ContainerScope.Of(spec, volumes, tolerance, isPod: podName is not null);
        ContainerValidation.Main(spec.Containers, path + ".containers", scope, errors);
        ContainerValidation.Init(spec.InitContainers, spec.Containers, path + ".initContainers", scope, errors);
        EphemeralValidation.Validate(spec, path + ".ephemeralContainers", scope, errors);
        ResourceValidation.Pod(spec, path + ".resources", tolerance, errors);
        HostPorts(spec, scope.IsPod, path + ".containers", errors);
        errors.OneOf(path + ".restartPolicy", spec.RestartPolicy, "Always", "OnFailure", "Never");
        errors.OneOf(path + ".dnsPolicy", spec.DNSPolicy, "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None");
        errors.Labels(path + ".nodeSelector", spec.NodeSelector);
        SecurityContextValidation.Pod(spec, path, tolerance.HostSysctls, errors);
        SchedulingValidation.Affinity(spec, path, tolerance, errors);
        PodDnsValidation.Validate(spec, path, tolerance.LooseSearches, errors);
        SchedulingValidation.Gates(spec, path, errors);
        SpreadValidation.Validate(spec.TopologySpreadConstraints, path + ".topologySpreadConstraints", tolerance, errors);
        WindowsValidation.HostProcesses(spec, path, errors);
        HostUsers(spec, path, tolerance.HostNetworkUsers, errors);
        Names(spec, path, tolerance, errors);
        HostnameOverride(spec, path, errors);
        ResourceValidation.Overhead(spec.Overhead, path + ".overhead", tolerance, errors);
        WindowsValidation.OperatingSystem(spec, path, errors);
    }

    private static void ResourceClaims(IReadOnlyList<PodResourceClaim> claims, string path, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < claims.Count; i++)
        {
            var (claim, at) = (claims[i], $"{path}[{i}]");
            if (claim.Name.Length > 0 && !names.Add(claim.Name))
            {
                errors.Duplicate(at + ".name", claim.Name);
            }
            else
            {
                errors.RequiredName(at + ".name", claim.Name, NameValidation.Dns1123Label);
            }

            if (claim.ResourceClaimName is not null && claim.ResourceClaimTemplateName is not null)
            {
                errors.Invalid(at, claim, "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified");
            }
            else if (claim.ResourceClaimName is null && claim.ResourceClaimTemplateName is null)
            {
                errors.Invalid(at, claim, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`");
            }

            if (claim.ResourceClaimName is { } name)
            {
                errors.Names(at + ".resourceClaimName", name, NameValidation.Dns1123Subdomain(name));
            }

            if (claim.ResourceClaimTemplateName is { } template)
            {
                errors.Names(at + ".resourceClaimTemplateName", template, NameValidation.Dns1123Subdomain(template));
            }
        }
    }

    // In the host's network a port is the host's; a template's may be left out, its pods get it by default.
    private static void HostPorts(PodSpec spec, bool isPod, string path, FieldErrors errors)
    {
        for (var i = 0; spec.HostNetwork && i < spec.Containers.Count; i++)
        {
            for (var j = 0; j < spec.Containers[i].Ports.Count; j++)
            {
                var port = spec.Containers[i].Ports[j];
                if ((isPod || port.HostPort != 0) && port.HostPort != port.ContainerPortValue)
                {
                    errors.Invalid($"{path}[{i}].ports[{j}].hostPort", port.HostPort, "must match `containerPort` when `hostNetwork` is true");
                }
            }
        }
    }

    private static void HostUsers(PodSpec spec, string path, bool had, FieldErrors errors)
    {
        const string no = "when `hostUsers` is false";
        const string older = "when `pod.Spec.HostUsers` is false";
        if (spec.HostUsers != false)
        {
            return;
        }

        var detail = errors.Features.Version.Minor >= 36 ? no : older;
        if (spec.HostNetwork && !had && !errors.Features.IsEnabled("UserNamespacesHostNetworkSupport"))
        {
            errors.Forbidden(path + ".hostNetwork", detail);
        }

        if (spec.HostPID)
        {
            errors.Forbidden(path + ".HostPID", detail);
        }

        if (spec.HostIPC)
        {
            errors.Forbidden(path + ".HostIPC", detail);
        }
    }

    private static void HostnameOverride(PodSpec spec, string path, FieldErrors errors)
    {
        if (spec.HostnameOverride is not { } hostname)
        {
            return;
        }

        errors.Names(path + ".hostnameOverride", hostname, NameValidation.Dns1123Subdomain(hostname));
        if (hostname.Length > MaxHostname)
        {
            errors.TooLong(path + ".hostnameOverride", MaxHostname);
        }

        if (spec.HostNetwork)
        {
            errors.Forbidden(path + ".hostnameOverride", "may not be specified when hostNetwork is true");
        }

        if (spec.SetHostnameAsFQDN == true)
        {
            errors.Forbidden(path + ".setHostnameAsFQDN", "may not be true when hostnameOverride is specified");
        }
    }

    private static void Names(PodSpec spec, string path, PodTolerance tolerance, FieldErrors errors)
    {
        Optional(path + ".serviceAccountName", spec.ServiceAccountName, NameValidation.Dns1123Subdomain);
        Optional(path + ".nodeName", spec.NodeName, NameValidation.Dns1123Subdomain);
        errors.Between(path + ".activeDeadlineSeconds", spec.ActiveDeadlineSeconds, 1, int.MaxValue);
        Optional(path + ".hostname", spec.Hostname, NameValidation.Dns1123Label);
        Optional(path + ".subdomain", spec.Subdomain, NameValidation.Dns1123Label);
        SchedulingValidation.Tolerations(spec.Tolerations, path + ".tolerations", tolerance.Comparisons, errors);
        PodDnsValidation.HostAliases(spec, path, errors);
        Optional(path + ".priorityClassName", spec.PriorityClassName, NameValidation.Dns1123Subdomain);
        if (spec.RuntimeClassName is { } runtime)
        {
            errors.Names(path + ".runtimeClassName", runtime, NameValidation.Dns1123Subdomain(runtime));
        }

        if (spec.PreemptionPolicy is { } preemption)
        {
            errors.OneOf(path + ".preemptionPolicy", preemption, "PreemptLowerPriority", "Never");
        }

        void Optional(string at, string value, Func<string, IReadOnlyList<string>> rule)
        {
            if (value.Length > 0)
            {
                errors.Names(at, value, rule(value));
            }
        }
    }
}
