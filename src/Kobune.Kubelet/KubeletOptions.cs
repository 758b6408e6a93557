using System.Security.Cryptography.X509Certificates;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.Api.Schema;

namespace Kobune.Kubelet;

/// <summary>Settings of a kubelet. The defaults are upstream's places.</summary>
public sealed record KubeletOptions
{
    /// <summary>Name of the Node object.</summary>
    public required string NodeName { get; init; }

    /// <summary>InternalIP of the node; containers with host network have it too.</summary>
    public required string NodeIP { get; init; }

    /// <summary>What is on.</summary>
    public FeatureGates Features { get; init; } = FeatureGates.Default(KubernetesVersion.Newest);

    /// <summary>InternalIP of the other family, in a dual-stack cluster.</summary>
    public string? SecondNodeIP { get; init; }

    /// <summary>Both, or the one.</summary>
    internal IReadOnlyList<string> NodeIPs => SecondNodeIP is { } second ? [NodeIP, second] : [NodeIP];

    /// <summary>Unix socket of containerd (CRI and event service).</summary>
    public string RuntimeSocket { get; init; } = "/run/containerd/containerd.sock";

    /// <summary>containerd's content store.</summary>
    public string ContentDirectory { get; init; } = "/var/lib/containerd/io.containerd.content.v1.content";

    /// <summary>Which images were built, loaded or tagged on this node.</summary>
    public string LoadedImagesFile { get; init; } = "/var/lib/kobune/loaded-images.json";

    /// <summary>Called with the name of an image before it is pulled.</summary>
    public Func<string, CancellationToken, Task> BeforePull { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>Volumes and checkpoints of pods.</summary>
    public string RootDirectory { get; init; } = "/var/lib/kubelet";

    /// <summary>Logs of containers, a folder a pod.</summary>
    public string PodLogsDirectory { get; init; } = "/var/log/pods";

    /// <summary>Links to the logs, by pod, namespace and container.</summary>
    public string ContainerLogsDirectory { get; init; } = "/var/log/containers";

    /// <summary>Logs of the machine, which GET /logs/ shows (upstream's EnableSystemLogHandler, on by default).</summary>
    public string SystemLogDirectory { get; init; } = "/var/log";

    /// <summary>Manifests of static pods; null for none.</summary>
    public string? StaticPodPath { get; init; } = "/etc/kubernetes/manifests";

    /// <summary>Addresses of the cluster DNS.</summary>
    public IReadOnlyList<string> ClusterDns { get; init; } = ["10.96.0.10"];

    /// <summary>Domain of the cluster.</summary>
    public string ClusterDomain { get; init; } = "cluster.local";

    /// <summary>What pods with dnsPolicy Default get; empty for no name lookup at all.</summary>
    public string ResolvConfPath { get; init; } = "/etc/resolv.conf";

    /// <summary>Address that the HTTPS server listens on.</summary>
    public string ListenAddress { get; init; } = "0.0.0.0";

    /// <summary>Port of the HTTPS server; 0 takes any.</summary>
    public int Port { get; init; } = 10250;

    /// <summary>Certificate of the HTTPS server; without one there is no server.</summary>
    public X509Certificate2? ServingCertificate { get; init; }

    /// <summary>Authority of client certificates.</summary>
    public X509Certificate2? ClientCertificateAuthority { get; init; }

    /// <summary>Most pods on the node.</summary>
    public int MaxPods { get; init; } = 110;

    /// <summary>Most pods for each CPU, when that is less than <see cref="MaxPods"/>; 0 = no such limit (--pods-per-core).</summary>
    public int PodsPerCore { get; init; }

    /// <summary>Images that are pulled at the same time; 0 = any number (--serialize-image-pulls, which is on by default, and --max-parallel-image-pulls).</summary>
    public int MaxParallelImagePulls { get; init; } = 1;

    /// <summary>Whether containers without a seccomp profile get the runtime's (--seccomp-default).</summary>
    public bool SeccompDefault { get; init; }

    /// <summary>Kernel parameters that pods may set beside the safe ones, "net.core.*" (--allowed-unsafe-sysctls).</summary>
    public IReadOnlyList<string> AllowedUnsafeSysctls { get; init; } = [];

    /// <summary>Whether the kernel keeps each of these parameters for each namespace; others cannot be allowed.</summary>
    public static bool AreNamespacedSysctls(IReadOnlyList<string> patterns) => patterns.All(Admission.SysctlAllowlist.IsNamespaced);

    /// <summary>Whether CPU limits are held by quotas (--cpu-cfs-quota).</summary>
    public bool CpuQuota { get; init; } = true;

    /// <summary>Kept back from pods: subtracted from capacity to give allocatable ("cpu" -> "100m").</summary>
    public IReadOnlyDictionary<string, string> SystemReserved { get; init; } = new Dictionary<string, string>();

    /// <summary>Labels that the node registers with, beside upstream's own.</summary>
    public IReadOnlyDictionary<string, string> NodeLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>Annotations that the node registers with.</summary>
    public IReadOnlyDictionary<string, string> NodeAnnotations { get; init; } = new Dictionary<string, string>();

    /// <summary>Ranges of pods, one of each family, that the node registers with, when its CNI configuration has them already; empty to take what the node IPAM gives.</summary>
    public IReadOnlyList<string> PodCIDRs { get; init; } = [];

    /// <summary>Taints that the node registers with.</summary>
    public IReadOnlyList<Taint> RegisterWithTaints { get; init; } = [];

    /// <summary>What nodeInfo says.</summary>
    public string KubeletVersion { get; init; } = "v1.36.0+kobune";

    /// <summary>Where the cgroup file systems are mounted.</summary>
    public string CgroupRoot { get; init; } = "/sys/fs/cgroup";

    /// <summary>The cgroup above kubepods, "/kobune"; empty for the root.</summary>
    public string CgroupParent { get; init; } = "";

    /// <summary>How often the status of the node is looked at; it is sent when it changed, or after 5 minutes.</summary>
    public TimeSpan NodeStatusPeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A log file is rotated when it is larger, in bytes.</summary>
    public long ContainerLogMaxSize { get; init; } = 10 * 1024 * 1024;

    /// <summary>Log files kept for a container.</summary>
    public int ContainerLogMaxFiles { get; init; } = 5;
}
