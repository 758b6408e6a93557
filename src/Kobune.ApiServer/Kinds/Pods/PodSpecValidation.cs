using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Validation of a pod's spec, for pods and templates (upstream's ValidatePodSpec).</summary>
internal static class PodSpecValidation
{
    public static void Validate(PodSpec spec, string path, FieldErrors errors)
    {
        var volumes = VolumeValidation.Validate(spec.Volumes, path + ".volumes", errors);
        var claims = spec.Volumes.Where(v => v.PersistentVolumeClaim is not null || v.Ephemeral is not null).Select(v => v.Name).ToHashSet(StringComparer.Ordinal);
        var scope = new ContainerScope(volumes, claims, spec.HostNetwork, spec.RestartPolicy);
        Containers(spec, path, scope, errors);
        errors.OneOf(path + ".restartPolicy", spec.RestartPolicy, "Always", "OnFailure", "Never");
        errors.OneOf(path + ".dnsPolicy", spec.DNSPolicy, "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None");
        errors.Labels(path + ".nodeSelector", spec.NodeSelector);
        SecurityContext(spec, path, errors);
        for (var i = 0; i < spec.ImagePullSecrets.Count; i++)
        {
            if (spec.ImagePullSecrets[i].Name.Length == 0)
            {
                errors.Required($"{path}.imagePullSecrets[{i}].name", "");
            }
        }

        SchedulingValidation.Validate(spec, path, errors);
        Dns(spec, path, errors);
        Names(spec, path, errors);
        HostAliases(spec, path, errors);
    }

    public static void ValidateEphemeral(PodSpec spec, FieldErrors errors)
    {
        var known = spec.Containers.Concat(spec.InitContainers).Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < spec.EphemeralContainers.Count; i++)
        {
            var path = $"spec.ephemeralContainers[{i}]";
            var container = spec.EphemeralContainers[i];
            errors.RequiredName(path + ".name", container.Name, NameValidation.Dns1123Label);
            if (container.Name.Length > 0 && !known.Add(container.Name))
            {
                errors.Duplicate(path + ".name", container.Name);
            }

            if (container.Image.Length == 0)
            {
                errors.Required(path + ".image", "");
            }

            if (container.TargetContainerName.Length > 0 && !known.Contains(container.TargetContainerName))
            {
                errors.NotFound(path + ".targetContainerName", container.TargetContainerName);
            }
        }
    }

    private static void Containers(PodSpec spec, string path, ContainerScope scope, FieldErrors errors)
    {
        if (spec.Containers.Count == 0)
        {
            errors.Required(path + ".containers", "");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < spec.Containers.Count; i++)
        {
            var at = $"{path}.containers[{i}]";
            ContainerValidation.Validate(spec.Containers[i], at, scope, errors);
            Unique(names, spec.Containers[i].Name, at, errors);
        }

        HostPorts(spec.Containers, path + ".containers", errors);
        for (var i = 0; i < spec.InitContainers.Count; i++)
        {
            var at = $"{path}.initContainers[{i}]";
            ContainerValidation.Validate(spec.InitContainers[i], at, scope, errors);
            ContainerValidation.ValidateInit(spec.InitContainers[i], at, errors);
            Unique(names, spec.InitContainers[i].Name, at, errors);
        }
    }

    private static void Unique(HashSet<string> names, string name, string path, FieldErrors errors)
    {
        if (name.Length > 0 && !names.Add(name))
        {
            errors.Duplicate(path + ".name", name);
        }
    }

    // Two ports of a pod cannot take the same address of the host.
    private static void HostPorts(IReadOnlyList<Container> containers, string path, FieldErrors errors)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < containers.Count; i++)
        {
            for (var j = 0; j < containers[i].Ports.Count; j++)
            {
                var port = containers[i].Ports[j];
                var text = $"{port.Protocol}/{port.HostIP}/{port.HostPort}";
                if (port.HostPort != 0 && !taken.Add(text))
                {
                    errors.Duplicate($"{path}[{i}].ports[{j}].hostPort", text);
                }
            }
        }
    }

    private static void SecurityContext(PodSpec spec, string path, FieldErrors errors)
    {
        if (spec.ShareProcessNamespace == true && spec.HostPID)
        {
            errors.Invalid(path + ".shareProcessNamespace", true, "ShareProcessNamespace and HostPID cannot both be enabled");
        }

        if (spec.SecurityContext is not { } context)
        {
            return;
        }

        path += ".securityContext";
        errors.Between(path + ".fsGroup", context.FSGroup, 0, int.MaxValue);
        errors.Between(path + ".runAsUser", context.RunAsUser, 0, int.MaxValue);
        errors.Between(path + ".runAsGroup", context.RunAsGroup, 0, int.MaxValue);
        for (var i = 0; i < context.SupplementalGroups.Count; i++)
        {
            errors.Between($"{path}.supplementalGroups[{i}]", context.SupplementalGroups[i], 0, int.MaxValue);
        }

        errors.OneOfOrEmpty(path + ".fsGroupChangePolicy", context.FSGroupChangePolicy, "OnRootMismatch", "Always");
        SysctlValidation.Validate(context.Sysctls, path + ".sysctls", errors);

        ContainerValidation.Seccomp(context.SeccompProfile, path + ".seccompProfile", errors);
    }

    private static void Dns(PodSpec spec, string path, FieldErrors errors)
    {
        var config = spec.DNSConfig;
        if (spec.DNSPolicy == "None")
        {
            if (config is null)
            {
                errors.Required(path + ".dnsConfig", "must provide `dnsConfig` when `dnsPolicy` is None");
            }
            else if (config.Nameservers.Count == 0)
            {
                errors.Required(path + ".dnsConfig.nameservers", "must provide at least one DNS nameserver when `dnsPolicy` is None");
            }
        }

        if (config is null)
        {
            return;
        }

        if (config.Nameservers.Count > 3)
        {
            errors.Invalid(path + ".dnsConfig.nameservers", config.Nameservers, "must not have more than 3 nameservers");
        }

        for (var i = 0; i < config.Nameservers.Count; i++)
        {
            errors.Names($"{path}.dnsConfig.nameservers[{i}]", config.Nameservers[i], NameValidation.IpAddress(config.Nameservers[i]));
        }

        if (config.Searches.Count > 32)
        {
            errors.Invalid(path + ".dnsConfig.searches", config.Searches, "must not have more than 32 search paths");
        }

        if (string.Join(' ', config.Searches).Length > 2048)
        {
            errors.Invalid(path + ".dnsConfig.searches", config.Searches, "must not have more than 2048 characters (including spaces) in the search list");
        }

        for (var i = 0; i < config.Searches.Count; i++)
        {
            var search = config.Searches[i]; // a final dot is fine; "." alone searches nothing, and names such as _srv.example are common
            var relaxed = errors.Features.IsEnabled("RelaxedDNSSearchValidation");
            if (search != "." || !relaxed)
            {
                search = search is [.. var head, '.'] ? head : search;
                errors.Names($"{path}.dnsConfig.searches[{i}]", search, relaxed ? NameValidation.Dns1123SubdomainWithUnderscore(search) : NameValidation.Dns1123Subdomain(search));
            }
        }

        for (var i = 0; i < config.Options.Count; i++)
        {
            if (config.Options[i].Name.Length == 0)
            {
                errors.Required($"{path}.dnsConfig.options[{i}]", "must not be empty");
            }
        }
    }

    private static void Names(PodSpec spec, string path, FieldErrors errors)
    {
        Optional(path + ".serviceAccountName", spec.ServiceAccountName, NameValidation.Dns1123Subdomain);
        Optional(path + ".nodeName", spec.NodeName, NameValidation.Dns1123Subdomain);
        errors.Between(path + ".activeDeadlineSeconds", spec.ActiveDeadlineSeconds, 1, int.MaxValue);
        Optional(path + ".hostname", spec.Hostname, NameValidation.Dns1123Label);
        Optional(path + ".subdomain", spec.Subdomain, NameValidation.Dns1123Label);
        Optional(path + ".priorityClassName", spec.PriorityClassName, NameValidation.Dns1123Subdomain);
        Optional(path + ".runtimeClassName", spec.RuntimeClassName ?? "", NameValidation.Dns1123Subdomain);
        errors.OneOfOrEmpty(path + ".preemptionPolicy", spec.PreemptionPolicy, "Never", "PreemptLowerPriority");
        errors.OneOfOrEmpty(path + ".os.name", spec.OS?.Name, "linux", "windows");

        void Optional(string at, string value, Func<string, IReadOnlyList<string>> rule)
        {
            if (value.Length > 0)
            {
                errors.Names(at, value, rule(value));
            }
        }
    }

    private static void HostAliases(PodSpec spec, string path, FieldErrors errors)
    {
        for (var i = 0; i < spec.HostAliases.Count; i++)
        {
            var alias = spec.HostAliases[i];
            errors.Names($"{path}.hostAliases[{i}].ip", alias.IP, NameValidation.IpAddress(alias.IP));
            for (var j = 0; j < alias.Hostnames.Count; j++)
            {
                errors.Names($"{path}.hostAliases[{i}].hostnames[{j}]", alias.Hostnames[j], NameValidation.Dns1123Subdomain(alias.Hostnames[j]));
            }
        }
    }
}
