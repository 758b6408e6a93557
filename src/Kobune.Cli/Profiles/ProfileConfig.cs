using System.Text.Json.Serialization;
using Kobune.Addons.Catalog;
using Kobune.Addons.Switching;
using Kobune.Cli.Mounts;
using Kobune.Machine.Mounts;

namespace Kobune.Cli.Profiles;

/// <summary>profiles/NAME/config.json, with minikube's field names.</summary>
internal sealed record ProfileConfig
{
    public required string Name { get; init; }

    public string Driver { get; init; } = "native";

    public bool KeepContext { get; init; }

    /// <summary>MB of each node; 0 means no limit.</summary>
    public int Memory { get; init; }

    /// <summary>CPUs of each node; 0 means no limit.</summary>
    [JsonPropertyName("CPUs")]
    public int Cpus { get; init; }

    [JsonPropertyName("APIServerPort")]
    public int ApiServerPort { get; init; } = 8443;

    public string Subnet { get; init; } = "";

    public string StaticIP { get; init; } = "";

    /// <summary>The IPv6 ranges of a dual-stack cluster; null for one of IPv4 alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ProfileIPv6? IPv6 { get; init; }

    /// <summary>Ports of the node that this computer publishes, in docker's form.</summary>
    public IReadOnlyList<string> ExposedPorts { get; init; } = [];

    public KubernetesSettings KubernetesConfig { get; init; } = new();

    public IReadOnlyList<ProfileNode> Nodes { get; init; } = [];

    /// <summary>Of --insecure-registry.</summary>
    public IReadOnlyList<string> InsecureRegistry { get; init; } = [];

    /// <summary>Of --registry-mirror.</summary>
    public IReadOnlyList<string> RegistryMirror { get; init; } = [];

    /// <summary>The stop that is planned; null for none.</summary>
    public ScheduledStopPlan? ScheduledStop { get; init; }

    /// <summary>Addons that were switched on or off; the others are as in a new cluster.</summary>
    public IReadOnlyDictionary<string, bool> Addons { get; init; } = new Dictionary<string, bool>();

    /// <summary>Settings of addons, as `addons configure` made them.</summary>
    public IReadOnlyDictionary<string, string> AddonSettings { get; init; } = new Dictionary<string, string>();

    /// <summary>Folders of this computer that the nodes show.</summary>
    public IReadOnlyList<HostMount> Mounts { get; init; } = [];

    /// <summary>Whether /home is not shown as /hosthome.</summary>
    public bool DisableDriverMounts { get; init; }

    /// <summary>The same profile with what `start` was told about mounts.</summary>
    public ProfileConfig With(MountSettings? mounts) => mounts is null ? this : this with { Mounts = mounts.Mounts ?? Mounts, DisableDriverMounts = DisableDriverMounts || mounts.DisableDriverMounts };

    /// <summary>The first node, which holds the cluster's keys.</summary>
    [JsonIgnore]
    public ProfileNode Primary => Nodes[0];

    /// <summary>Every built-in addon with its state.</summary>
    public IReadOnlyDictionary<string, AddonState> AddonStates() => AddonCatalog.All
        .Where(a => a.Kind == AddonKind.Default || Addons.ContainsKey(a.Name) || AddonSettings.ContainsKey(a.Name))
        .ToDictionary(a => a.Name, a => new AddonState(Addons.GetValueOrDefault(a.Name, a.Kind == AddonKind.Default), AddonSettings.GetValueOrDefault(a.Name, "")));

    [JsonIgnore]
    public string ServerUrl => $"https://{Primary.IP}:{ApiServerPort}";
}

/// <summary>A stop that was planned.</summary>
internal sealed record ScheduledStopPlan
{
    /// <summary>When it was planned, in seconds since 1970.</summary>
    public long InitiationTime { get; init; }

    /// <summary>How many seconds later the stop comes.</summary>
    public long Duration { get; init; }
}

/// <summary>The part of a profile that is about Kubernetes.</summary>
internal sealed record KubernetesSettings
{
    public string KubernetesVersion { get; init; } = Versions.Kubernetes;

    public string ClusterName { get; init; } = "";

    public string Namespace { get; init; } = "default";

    [JsonPropertyName("DNSDomain")]
    public string DnsDomain { get; init; } = "cluster.local";

    public string ContainerRuntime { get; init; } = "containerd";

    [JsonPropertyName("APIServerName")]
    public string ApiServerName { get; init; } = "minikubeCA";

    [JsonPropertyName("APIServerNames")]
    public IReadOnlyList<string> ApiServerNames { get; init; } = [];

    [JsonPropertyName("APIServerIPs")]
    public IReadOnlyList<string> ApiServerIPs { get; init; } = [];

    /// <summary>Of --extra-config, "kubelet.max-pods=20".</summary>
    public IReadOnlyList<string> ExtraOptions { get; init; } = [];

    public string FeatureGates { get; init; } = "";

    [JsonPropertyName("ServiceCIDR")]
    public string ServiceCidr { get; init; } = "10.96.0.0/12";

    [JsonPropertyName("ClusterCIDR")]
    public string ClusterCidr { get; init; } = "10.244.0.0/16";
}

/// <summary>The IPv6 ranges of a dual-stack cluster. The defaults are unique local, with the digits of IPv4's.</summary>
internal sealed record ProfileIPv6
{
    /// <summary>The network of the bridge.</summary>
    public string Subnet { get; init; } = "";

    [JsonPropertyName("ServiceCIDR")]
    public string ServiceCidr { get; init; } = "fd00:10:96::/112";

    [JsonPropertyName("ClusterCIDR")]
    public string ClusterCidr { get; init; } = "fd00:10:244::/56";
}

/// <summary>One node of a profile.</summary>
internal sealed record ProfileNode
{
    /// <summary>The machine's and the node's name.</summary>
    public required string Name { get; init; }

    public required string IP { get; init; }

    public int Port { get; init; } = 8443;

    public string KubernetesVersion { get; init; } = Versions.Kubernetes;

    public string ContainerRuntime { get; init; } = "containerd";

    public bool ControlPlane { get; init; }

    public bool Worker { get; init; } = true;

    [JsonPropertyName("PodCIDR")]
    public string PodCidr { get; init; } = "";

    /// <summary>Its address of the other family, in a dual-stack cluster.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? IPv6 { get; init; }

    [JsonPropertyName("PodCIDRv6")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PodCidrV6 { get; init; }
}

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(ProfileConfig))]
internal sealed partial class ProfileJson : JsonSerializerContext;
