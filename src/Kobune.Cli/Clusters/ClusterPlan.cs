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

    /// <summary>The nodes of a new profile, in its subnet.</summary>
    public static IReadOnlyList<ProfileNode> Nodes(string profile, string subnet, string? staticIP, int count, string version) =>
        [.. Enumerable.Range(0, count).Select(i => Node(profile, subnet, staticIP, i, version))];

    /// <summary>The node of this number.</summary>
    public static ProfileNode Node(string profile, string subnet, string? staticIP, int index, string version) => new()
    {
        Name = MachineName(profile, index),
        IP = AddressOf(IPNetwork.Parse(subnet), staticIP, index).ToString(),
        ControlPlane = index == 0,
        KubernetesVersion = version,
        PodCidr = $"10.244.{index}.0/24",
    };

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
        ServiceCIDR = profile.KubernetesConfig.ServiceCidr,
        ClusterDomain = profile.KubernetesConfig.DnsDomain,
        ClusterDNS = Subnets.AddressAt(IPNetwork.Parse(profile.KubernetesConfig.ServiceCidr), 10).ToString(),
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
            Peers = [.. profile.Nodes.Where(n => n.Name != node.Name).Select(n => new MachinePeer(n.Name, n.IP, n.PodCidr))],
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

    private static string GatewayOf(ProfileConfig profile) => Subnets.AddressAt(IPNetwork.Parse(profile.Subnet), 1).ToString();
}
