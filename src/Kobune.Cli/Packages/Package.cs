using Kobune.Cli.Texts;

namespace Kobune.Cli.Packages;

/// <summary>A package of the operating system that Kobune drives.</summary>
/// <param name="Name">Debian's name.</param>
/// <param name="Probe">A program (or a path) that is there when it is installed.</param>
/// <param name="Why">What it is for.</param>
internal sealed record Package(string Name, string Probe, Message Why)
{
    /// <summary>A service of this computer that the package brings and that Kobune does not want: its program runs in nodes. Null for none.</summary>
    public string? Service { get; init; }

    public static readonly Package Kubectl = new("kubernetes-client", "kubectl", Message.WhyKubectl);

    public static readonly Package Buildah = new("buildah", "buildah", Message.WhyBuildah);

    public static readonly Package Registry = new("docker-registry", "docker-registry", Message.WhyRegistry) { Service = "docker-registry.service" };

    public static readonly Package Ssh = new("dropbear-bin", "dropbear", Message.WhySsh);

    /// <summary>What an addon needs.</summary>
    public static IReadOnlyList<Package> OfAddon(string addon) => addon == "registry" ? [Registry] : [];

    /// <summary>What a native machine needs.</summary>
    public static readonly IReadOnlyList<Package> Machine =
    [
        new("containerd", "containerd", Message.WhyContainerd),
        new("runc", "runc", Message.WhyRunc),
        new("containernetworking-plugins", "/usr/lib/cni/bridge", Message.WhyCni),
        new("nftables", "nft", Message.WhyNft),
        new("iptables", "iptables", Message.WhyIptables),
        new("iproute2", "ip", Message.WhyIp),
        new("conntrack", "conntrack", Message.WhyConntrack),
        new("catatonit", "catatonit", Message.WhyCatatonit),
    ];
}
