using System.Globalization;
using System.Net;
using Kobune.Addons.Switching;
using Kobune.Cli.Mounts;
using Kobune.Cli.Profiles;
using Kobune.Machine;
using Kobune.Machine.Host;
using Kobune.Machine.State;
using Kobune.Node;

namespace Kobune.Cli.Clusters;

/// <summary>From a profile to what its machines and node processes are told. Pure.</summary>
internal static class ClusterPlan
{
    /// <summary>The name of the machine of this number: the profile's, then "profile-m02".</summary>
    public static string MachineName(string profile, int index) => index == 0 ? profile : $"{profile}-m{index + 1:00}";

    /// <summary>The first nodes of a profile, in its networks.</summary>
    public static IReadOnlyList<ProfileNode> Nodes(ProfileConfig profile, int count) => [.. Enumerable.Range(0, count).Select(i => Node(profile, i))];

    /// <summary>The node of this number: the addresses of both families have the same number, and so have the parts of the pods' ranges.</summary>
    public static ProfileNode Node(ProfileConfig profile, int index)
    {
        var subnet = IPNetwork.Parse(profile.Subnet);
        var address = AddressOf(subnet, profile.StaticIP.Length > 0 ? profile.StaticIP : null, index);
        return new()
        {
            Name = MachineName(profile.Name, index),
            IP = address.ToString(),
            ControlPlane = index == 0,
            KubernetesVersion = profile.KubernetesConfig.KubernetesVersion,
            PodCidr = Subnets.PartAt(IPNetwork.Parse(profile.KubernetesConfig.ClusterCidr), 24, index).ToString(),
            IPv6 = profile.IPv6 is { } second ? Subnets.AddressAt(IPNetwork.Parse(second.Subnet), Subnets.OffsetOf(subnet, address)).ToString() : null,
            PodCidrV6 = profile.IPv6 is { } other ? Subnets.PartAt(IPNetwork.Parse(other.ClusterCidr), 64, index).ToString() : null,
        };
    }

    /// <summary>A node's number, read from its name: it keeps it when nodes before it are deleted.</summary>
    public static int IndexOf(string profile, string node) => node == profile ? 0 : int.Parse(node[(profile.Length + 2)..], CultureInfo.InvariantCulture) - 1;

    /// <summary>What a node process reads as node.json.</summary>
    public static NodeConfig NodeOf(ProfileConfig profile, ProfileNode node) => new()
    {
        Profile = profile.Name,
        NodeName = node.Name,
        Roles = node.ControlPlane ? [NodeRole.ControlPlane, NodeRole.Worker] : [NodeRole.Worker],
        NodeIP = node.IP,
        HostIP = GatewayOf(profile),
        PodCIDR = node.PodCidr,
        ClusterCIDR = profile.KubernetesConfig.ClusterCidr,
        ServiceCIDR = profile.KubernetesConfig.ServiceCidr,
        ClusterDomain = profile.KubernetesConfig.DnsDomain,
        ClusterDNS = DnsAddress(profile.KubernetesConfig.ServiceCidr),
        IPv6 = profile.IPv6 is { } second
            ? new() { NodeIP = node.IPv6!, PodCIDR = node.PodCidrV6!, ClusterCIDR = second.ClusterCidr, ServiceCIDR = second.ServiceCidr, ClusterDNS = DnsAddress(second.ServiceCidr) }
            : null,
        ApiServerNames = [profile.KubernetesConfig.ApiServerName, .. profile.KubernetesConfig.ApiServerNames, .. profile.KubernetesConfig.ApiServerIPs],
        ExtraConfig = profile.KubernetesConfig.ExtraOptions,
        FeatureGates = profile.KubernetesConfig.FeatureGates,
        ServerUrl = profile.ServerUrl,
        KubernetesVersion = node.KubernetesVersion,
        Addons = AddonConfigMap.Data(profile.AddonStates()),
        RegistryMirrors = profile.RegistryMirror,
        InsecureRegistries = profile.InsecureRegistry,
        VolumeBindingMode = profile.Nodes.Count > 1 ? "WaitForFirstConsumer" : "Immediate",
        Labels = new Dictionary<string, string>
        {
            ["minikube.k8s.io/name"] = profile.Name,
            ["minikube.k8s.io/version"] = Versions.Program,
            ["minikube.k8s.io/primary"] = node == profile.Primary ? "true" : "false",
        },
    };

    /// <summary>What the machine of a node is made from.</summary>
    public static MachineSpec MachineOf(MachineHome home, ProfileConfig profile, ProfileNode node, string program, IReadOnlyDictionary<string, string> environment) =>
        new()
        {
            Profile = profile.Name,
            Name = node.Name,
            Folder = home.Machine(node.Name),
            Home = home.Root,
            Index = IndexOf(profile.Name, node.Name),
            Subnet = profile.Subnet,
            Address = node.IP,
            Gateway = GatewayOf(profile),
            PodCidr = node.PodCidr,
            ClusterCidr = profile.KubernetesConfig.ClusterCidr,
            IPv6 = profile.IPv6 is { } second
                ? new(second.Subnet, node.IPv6!, Subnets.AddressAt(IPNetwork.Parse(second.Subnet), 1).ToString(), node.PodCidrV6!, second.ClusterCidr)
                : null,
            Peers = [.. profile.Nodes.Where(n => n.Name != node.Name).Select(n => new MachinePeer(n.Name, n.IP, n.PodCidr, n.IPv6, n.PodCidrV6))],
            Program = program,
            NodeCommand = ["/usr/lib/kobune/" + Path.GetFileName(program), "node", "--config", "/var/lib/kobune/node.json"],
            Environment = environment,
            Mounts = StartMounts.Of(profile),
            Cpus = profile.Cpus > 0 ? profile.Cpus : null,
            MemoryBytes = profile.Memory > 0 ? profile.Memory * 1048576L : null,
        };

    // One after the other from the first node's on, and from the beginning again where the network ends.
    private static IPAddress AddressOf(IPNetwork subnet, string? staticIP, int index)
    {
        var last = (1 << (32 - subnet.PrefixLength)) - 2;
        var first = staticIP is null ? 2 : Subnets.OffsetOf(subnet, IPAddress.Parse(staticIP));
        return Subnets.AddressAt(subnet, 2 + ((first - 2 + index) % (last - 1)));
    }

    private static string DnsAddress(string services) => Subnets.AddressAt(IPNetwork.Parse(services), 10).ToString();

    private static string GatewayOf(ProfileConfig profile) => Subnets.AddressAt(IPNetwork.Parse(profile.Subnet), 1).ToString();
}
