using System.Net;
using System.Text.Json.Serialization;

namespace Kobune.Node;

/// <summary>The roles that a node process can have.</summary>
public static class NodeRole
{
    /// <summary>Store, API server, controllers, scheduler.</summary>
    public const string ControlPlane = "control-plane";

    /// <summary>Kubelet, proxy, DNS: pods run here.</summary>
    public const string Worker = "worker";
}

/// <summary>The second address family of a node in a dual-stack cluster.</summary>
public sealed record NodeIPv6
{
    /// <summary>The node's address, "fd00:192:168:49::2".</summary>
    public required string NodeIP { get; init; }

    /// <summary>The range of this node's pods, "fd00:10:244::/64".</summary>
    public string PodCIDR { get; init; } = "";

    /// <summary>The range of all pods, "fd00:10:244::/56".</summary>
    public required string ClusterCIDR { get; init; }

    /// <summary>The range of Service addresses, "fd00:10:96::/112".</summary>
    public required string ServiceCIDR { get; init; }

    /// <summary>The second address of the kube-dns Service, "fd00:10:96::a".</summary>
    public required string ClusterDNS { get; init; }
}

/// <summary>
/// What a node process is told by the machine's owner: /var/lib/kobune/node.json. A control-plane node keeps its certificates in
/// <see cref="CertificatesDir"/>; a worker finds there only its own, and speaks HTTPS with <see cref="ServerUrl"/> alone.
/// </summary>
public sealed record NodeConfig
{
    /// <summary>Name of the cluster, its kubeconfig context and its first node.</summary>
    public required string Profile { get; init; }

    /// <summary>Name of this node: the host name of its machine.</summary>
    public required string NodeName { get; init; }

    /// <summary>Of <see cref="NodeRole"/>; the first node has both.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>The node's address, "192.168.49.2".</summary>
    public required string NodeIP { get; init; }

    /// <summary>The host's address as seen from the node, "192.168.49.1".</summary>
    public string HostIP { get; init; } = "";

    /// <summary>The range of this node's pods, "10.244.0.0/24"; /etc/cni/net.d/1-kobune.conflist gives addresses from it.</summary>
    public string PodCIDR { get; init; } = "";

    /// <summary>The range of all pods.</summary>
    public string ClusterCIDR { get; init; } = "10.244.0.0/16";

    /// <summary>The range of Service addresses.</summary>
    public string ServiceCIDR { get; init; } = "10.96.0.0/12";

    /// <summary>The same for IPv6; null in a cluster of IPv4 alone.</summary>
    public NodeIPv6? IPv6 { get; init; }

    /// <summary>Domain of the cluster DNS.</summary>
    public string ClusterDomain { get; init; } = "cluster.local";

    /// <summary>Address of the kube-dns Service.</summary>
    public string ClusterDNS { get; init; } = "10.96.0.10";

    /// <summary>The API server, "https://192.168.49.2:8443".</summary>
    public required string ServerUrl { get; init; }

    /// <summary>Further addresses and names for the API server's certificate.</summary>
    public IReadOnlyList<string> ApiServerNames { get; init; } = [];

    /// <summary>The node's persistent folder.</summary>
    public string DataDir { get; init; } = "/var/lib/kobune";

    /// <summary>"v1.36.0".</summary>
    public string KubernetesVersion { get; init; } = "";

    /// <summary>Labels that the kubelet sets on its Node.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Data of the ConfigMap kube-system/kobune-addons, which a control-plane node writes when it starts; empty = left as it is.</summary>
    public IReadOnlyDictionary<string, string> Addons { get; init; } = new Dictionary<string, string>();

    /// <summary>Of --registry-mirror: asked for Docker Hub's images before itself.</summary>
    public IReadOnlyList<string> RegistryMirrors { get; init; } = [];

    /// <summary>Of --insecure-registry: "host" or "host:port".</summary>
    public IReadOnlyList<string> InsecureRegistries { get; init; } = [];

    /// <summary>kube-proxy's mode: nftables (also under the names iptables and ipvs) or userspace; empty for the default.</summary>
    public string ProxyMode { get; init; } = "";

    /// <summary>Settings of components with upstream's names, "kubelet.max-pods=20".</summary>
    public IReadOnlyList<string> ExtraConfig { get; init; } = [];

    /// <summary>Of --feature-gates, "Name=true,Other=false".</summary>
    public string FeatureGates { get; init; } = "";

    /// <summary>When volumes of the class "standard" are made: Immediate or WaitForFirstConsumer.</summary>
    public string VolumeBindingMode { get; init; } = "Immediate";

    /// <summary>The addresses of the node, IPv4's first.</summary>
    [JsonIgnore]
    public IReadOnlyList<IPAddress> NodeIPs => [.. Both(NodeIP, IPv6?.NodeIP).Select(IPAddress.Parse)];

    /// <summary>The ranges of all pods, IPv4's first.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> ClusterCIDRs => Both(ClusterCIDR, IPv6?.ClusterCIDR);

    /// <summary>The ranges of this node's pods, IPv4's first; empty when the node IPAM is to choose.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> PodCIDRs => PodCIDR.Length == 0 ? [] : Both(PodCIDR, IPv6?.PodCIDR);

    /// <summary>The ranges of Services, IPv4's first.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> ServiceCIDRs => Both(ServiceCIDR, IPv6?.ServiceCIDR);

    /// <summary>The addresses of the kube-dns Service, IPv4's first.</summary>
    [JsonIgnore]
    public IReadOnlyList<IPAddress> ClusterDNSAddresses => [.. Both(ClusterDNS, IPv6?.ClusterDNS).Select(IPAddress.Parse)];

    /// <summary>Certificates and keys, with kubeadm's names. On a worker: ca.crt, kubelet-client.crt/.key, kubelet.crt/.key (serving), kube-proxy.crt/.key, storage-provisioner.crt/.key.</summary>
    [JsonIgnore]
    public string CertificatesDir => Path.Combine(DataDir, "certs");

    /// <summary>The store's folder.</summary>
    [JsonIgnore]
    public string StoreDir => Path.Combine(DataDir, "store");

    /// <summary>Whether this process runs the control plane.</summary>
    [JsonIgnore]
    public bool IsControlPlane => Roles.Contains(NodeRole.ControlPlane);

    /// <summary>Whether this process runs pods.</summary>
    [JsonIgnore]
    public bool IsWorker => Roles.Contains(NodeRole.Worker);

    private static string[] Both(string first, string? second) => second is null ? [first] : [first, second];
}

/// <summary>The JSON of node.json.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(NodeConfig))]
public sealed partial class NodeConfigJson : JsonSerializerContext;
