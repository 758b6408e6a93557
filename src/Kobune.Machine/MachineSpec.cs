using Kobune.Machine.Mounts;

namespace Kobune.Machine;

/// <summary>Another node of the same cluster, reached over the bridge.</summary>
/// <param name="Name">Its host name.</param>
/// <param name="Address">"192.168.49.3".</param>
/// <param name="PodCidr">"10.244.1.0/24".</param>
/// <param name="AddressV6">"fd00:192:168:49::3" in a dual-stack cluster.</param>
/// <param name="PodCidrV6">"fd00:10:244:1::/64" in a dual-stack cluster.</param>
public sealed record MachinePeer(string Name, string Address, string PodCidr, string? AddressV6 = null, string? PodCidrV6 = null);

/// <summary>The second address family of a machine in a dual-stack cluster.</summary>
/// <param name="Subnet">The profile's network, "fd00:192:168:49::/64".</param>
/// <param name="Address">The machine's address, "fd00:192:168:49::2".</param>
/// <param name="Gateway">The host's address on the bridge, "fd00:192:168:49::1".</param>
/// <param name="PodCidr">The addresses of its pods, "fd00:10:244::/64".</param>
/// <param name="ClusterCidr">The addresses of all pods of the cluster, "fd00:10:244::/56".</param>
public sealed record MachineIPv6(string Subnet, string Address, string Gateway, string PodCidr, string ClusterCidr);

/// <summary>Everything that a machine is made from. Written to machine.json in its folder and read by `kobune init`.</summary>
public sealed record MachineSpec
{
    /// <summary>The profile it belongs to.</summary>
    public required string Profile { get; init; }

    /// <summary>Its name and host name: the profile's, or "profile-m02" and so on.</summary>
    public required string Name { get; init; }

    /// <summary>Its folder on the host, on a real disk.</summary>
    public required string Folder { get; init; }

    /// <summary>Kobune's home, which is hidden inside the node.</summary>
    public required string Home { get; init; }

    /// <summary>0 for the first machine of a profile.</summary>
    public required int Index { get; init; }

    /// <summary>The profile's network, "192.168.49.0/24".</summary>
    public required string Subnet { get; init; }

    /// <summary>Its address, "192.168.49.2".</summary>
    public required string Address { get; init; }

    /// <summary>The host's address on the bridge, "192.168.49.1".</summary>
    public required string Gateway { get; init; }

    /// <summary>The addresses of its pods, "10.244.0.0/24".</summary>
    public required string PodCidr { get; init; }

    /// <summary>The addresses of all pods of the cluster, which travel without NAT.</summary>
    public string ClusterCidr { get; init; } = "10.244.0.0/16";

    /// <summary>The same for IPv6; null in a cluster of IPv4 alone.</summary>
    public MachineIPv6? IPv6 { get; init; }

    /// <summary>The other nodes.</summary>
    public IReadOnlyList<MachinePeer> Peers { get; init; } = [];

    /// <summary>The program that runs `init` in the machine; its folder is visible there as /usr/lib/kobune.</summary>
    public required string Program { get; init; }

    /// <summary>The command line of the node process, as seen inside the machine.</summary>
    public required IReadOnlyList<string> NodeCommand { get; init; }

    /// <summary>Environment variables of everything in the node (proxies and the like).</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Folders of the host that are visible in the node from its first moment.</summary>
    public IReadOnlyList<HostMount> Mounts { get; init; } = [];

    /// <summary>CPUs that the whole node may use; null means all.</summary>
    public int? Cpus { get; init; }

    /// <summary>Bytes of memory that the whole node may use; null means all.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Where a folder of the node that outlives its restart lies on the host: <c>Disk("/var/lib/kobune")</c>.</summary>
    public string Disk(string folderInNode) => Path.Combine(Folder, "disk", folderInNode.TrimStart('/').Replace('/', '-'));
}
