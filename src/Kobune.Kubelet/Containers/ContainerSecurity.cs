using Kobune.Api.Core.V1;
using Kobune.Api.Validation;

namespace Kobune.Kubelet.Containers;

/// <summary>The security context of a container: its own fields before the pod's (securitycontext/util.go, kuberuntime/security_context.go).</summary>
internal static class ContainerSecurity
{
    private static readonly string[] MaskedPaths =
    [
        "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
        "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
    ];

    private static readonly string[] ReadonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    /// <param name="imageUser">The image's user: a number, a name, or neither.</param>
    /// <exception cref="ContainerConfigException">runAsNonRoot is not kept.</exception>
    internal static Cri.LinuxContainerSecurityContext Compute(Pod pod, Container container, (long? Uid, string Name) imageUser, string seccompRoot, bool seccompDefault = false)
    {
        var own = container.SecurityContext;
        var shared = pod.Spec.SecurityContext;
        var user = own?.RunAsUser ?? shared?.RunAsUser;
        VerifyNonRoot(pod, container, own?.RunAsNonRoot ?? shared?.RunAsNonRoot, user, imageUser);

        var result = new Cri.LinuxContainerSecurityContext
        {
            NamespaceOptions = NamespaceOptions(pod),
            Privileged = own?.Privileged ?? false,
            ReadonlyRootfs = own?.ReadOnlyRootFilesystem ?? false,
            NoNewPrivs = own?.AllowPrivilegeEscalation == false,
            Seccomp = Seccomp(own?.SeccompProfile ?? shared?.SeccompProfile ?? (seccompDefault && own?.Privileged != true ? new() { Type = "RuntimeDefault" } : null), seccompRoot),
            Capabilities = Capabilities(own?.Capabilities),
        };
        if ((user ?? imageUser.Uid) is { } uid)
        {
            result.RunAsUser = new() { Value = uid };
        }
        else if (imageUser.Name.Length > 0)
        {
            result.RunAsUsername = imageUser.Name;
        }

        if ((own?.RunAsGroup ?? shared?.RunAsGroup) is { } group)
        {
            result.RunAsGroup = new() { Value = group };
        }

        if (own?.ProcMount != "Unmasked")
        {
            result.MaskedPaths.AddRange(MaskedPaths);
            result.ReadonlyPaths.AddRange(ReadonlyPaths);
        }

        AddGroups(result.SupplementalGroups, shared);
        return result;
    }

    internal static Cri.NamespaceOption NamespaceOptions(Pod pod) => new()
    {
        Network = pod.Spec.HostNetwork ? Cri.NamespaceMode.Node : Cri.NamespaceMode.Pod,
        Ipc = pod.Spec.HostIPC ? Cri.NamespaceMode.Node : Cri.NamespaceMode.Pod,
        Pid = pod.Spec.HostPID ? Cri.NamespaceMode.Node : pod.Spec.ShareProcessNamespace == true ? Cri.NamespaceMode.Pod : Cri.NamespaceMode.Container,
    };

    internal static void AddGroups(ICollection<long> groups, PodSecurityContext? shared)
    {
        if (shared?.FSGroup is { } fsGroup)
        {
            groups.Add(fsGroup);
        }

        foreach (var group in shared?.SupplementalGroups ?? [])
        {
            groups.Add(group);
        }
    }

    internal static Cri.SecurityProfile Seccomp(SeccompProfile? profile, string root) => profile?.Type switch
    {
        "RuntimeDefault" => new() { ProfileType = Cri.SecurityProfile.Types.ProfileType.RuntimeDefault },
        "Localhost" => new() { ProfileType = Cri.SecurityProfile.Types.ProfileType.Localhost, LocalhostRef = Path.Combine(root, profile.LocalhostProfile ?? "") },
        _ => new() { ProfileType = Cri.SecurityProfile.Types.ProfileType.Unconfined },
    };

    private static Cri.Capability? Capabilities(Capabilities? capabilities)
    {
        if (capabilities is null)
        {
            return null;
        }

        var result = new Cri.Capability();
        result.AddCapabilities.AddRange(capabilities.Add);
        result.DropCapabilities.AddRange(capabilities.Drop);
        return result;
    }

    private static void VerifyNonRoot(Pod pod, Container container, bool? nonRoot, long? user, (long? Uid, string Name) image)
    {
        if (nonRoot != true)
        {
            return;
        }

        var where = $"(pod: {GoQuote.Of(Describe(pod))}, container: {container.Name})";
        if (user is { } uid)
        {
            if (uid == 0)
            {
                throw new ContainerConfigException($"container's runAsUser breaks non-root policy {where}");
            }
        }
        else if (image.Uid == 0 || (image.Uid is null && image.Name.Length == 0))
        {
            throw new ContainerConfigException($"container has runAsNonRoot and image will run as root {where}");
        }
        else if (image.Uid is null)
        {
            throw new ContainerConfigException($"container has runAsNonRoot and image has non-numeric user ({image.Name}), cannot verify user is non-root {where}");
        }
    }

    /// <summary>"name_namespace(uid)", as the kubelet names a pod in messages.</summary>
    internal static string Describe(Pod pod) => $"{pod.Metadata.Name}_{pod.Metadata.Namespace}({pod.Metadata.Uid})";
}
