using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.Kubelet.Cgroups;
using Kobune.Kubelet.Containers;
using Kobune.Kubelet.Runtime;
using Kobune.Kubelet.Volumes;

namespace Kobune.Kubelet.Sandboxes;

/// <summary>No sandbox can be asked for as the pod is: becomes the event FailedCreatePodSandBox with this message, and is tried again.</summary>
internal sealed class SandboxConfigException(string message) : Exception(message);

/// <summary>A pod as CRI's sandbox (kuberuntime_sandbox.go).</summary>
internal sealed class SandboxConfigs(KubeletOptions options, PodFolders folders)
{
    /// <param name="pod">The pod.</param>
    /// <param name="attempt">How many sandboxes it had before.</param>
    /// <param name="dns">See <see cref="ResolvConfOf"/>.</param>
    internal Cri.PodSandboxConfig Build(Pod pod, uint attempt, ResolvConf dns)
    {
        var meta = pod.Metadata;
        var config = new Cri.PodSandboxConfig
        {
            Metadata = new() { Name = meta.Name, Namespace = meta.Namespace, Uid = meta.Uid, Attempt = attempt },
            LogDirectory = folders.PodLogs(meta.Namespace, meta.Name, meta.Uid),
            DnsConfig = new(),
            Linux = new() { CgroupParent = PodCgroup.Path(pod, options.CgroupParent), SecurityContext = Security(pod) },
        };
        if (!pod.Spec.HostNetwork)
        {
            config.Hostname = PodHostname.Kernel(pod, options.ClusterDomain);
            config.PortMappings.AddRange(PodContainers.All(pod).SelectMany(c => c.Ports).Where(p => p.HostPort > 0).Select(Mapping));
        }

        config.DnsConfig.Servers.AddRange(dns.Servers);
        config.DnsConfig.Searches.AddRange(dns.Searches);
        config.DnsConfig.Options.AddRange(dns.Options);
        config.Labels.Add(meta.Labels.ToDictionary());
        config.Labels[ContainerLabels.PodName] = meta.Name;
        config.Labels[ContainerLabels.PodNamespace] = meta.Namespace;
        config.Labels[ContainerLabels.PodUid] = meta.Uid;
        config.Annotations.Add(meta.Annotations.ToDictionary());
        foreach (var sysctl in pod.Spec.SecurityContext?.Sysctls ?? [])
        {
            config.Linux.Sysctls[sysctl.Name.Replace('/', '.')] = sysctl.Value;
        }

        return config;
    }

    /// <summary>The runtime's handler for a pod; empty for its own. No runtime of a node here maps users, so that a pod which asks for users of its own does not run with the node's.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="handlerOf">The handler that a RuntimeClass names, or null when there is no such class.</param>
    /// <exception cref="SandboxConfigException">There is no such class, or nobody gives the pod a user namespace (kubelet/userns).</exception>
    internal static string HandlerOf(Pod pod, Func<string, string?> handlerOf)
    {
        var handler = pod.Spec.RuntimeClassName is { Length: > 0 } name ? handlerOf(name) ?? throw new SandboxConfigException($"runtimeclass.node.k8s.io \"{name}\" not found") : "";
        return pod.Spec.HostUsers != false ? handler
            : throw new SandboxConfigException("can't set `spec.hostUsers: false`, " + (handler.Length > 0 ? $"RuntimeClass handler {GoQuote.Of(handler)} does not support user namespaces" : "runtime does not support user namespaces"));
    }

    /// <summary>The pod's resolver settings, with what was left out of them.</summary>
    internal PodResolvConf ResolvConfOf(Pod pod) => PodDns.Compute(pod, options.ClusterDns, options.ClusterDomain, HostResolvConf());

    private ResolvConf? HostResolvConf() =>
        options.ResolvConfPath.Length == 0 ? null
        : File.Exists(options.ResolvConfPath) ? ResolvConf.Parse(File.ReadAllText(options.ResolvConfPath))
        : new([], [], []);

    private static Cri.LinuxSandboxSecurityContext Security(Pod pod)
    {
        var shared = pod.Spec.SecurityContext;
        var security = new Cri.LinuxSandboxSecurityContext
        {
            NamespaceOptions = ContainerSecurity.NamespaceOptions(pod),
            Privileged = PodContainers.IsPrivileged(pod),
            Seccomp = new() { ProfileType = Cri.SecurityProfile.Types.ProfileType.RuntimeDefault },
        };
        if (shared?.RunAsUser is { } user)
        {
            security.RunAsUser = new() { Value = user };
            if (shared.RunAsGroup is { } group)
            {
                security.RunAsGroup = new() { Value = group }; // the runtime refuses a group without a user
            }
        }

        ContainerSecurity.AddGroups(security.SupplementalGroups, shared);
        return security;
    }

    private static Cri.PortMapping Mapping(ContainerPort port) => new()
    {
        Protocol = port.Protocol switch { "UDP" => Cri.Protocol.Udp, "SCTP" => Cri.Protocol.Sctp, _ => Cri.Protocol.Tcp },
        ContainerPort = port.ContainerPortValue,
        HostPort = port.HostPort,
        HostIp = port.HostIP,
    };
}
