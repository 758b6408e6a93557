using System.Net;
using System.Net.Sockets;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Machine;
using Kobune.Machine.Host;
using Kobune.Node.Settings;

namespace Kobune.Cli.Clusters;

/// <summary>
/// The ranges that a start asks for: those of the nodes (--subnet), the Services (--service-cluster-ip-range) and the pods (--extra-config
/// kubeadm.pod-network-cidr). A pair "IPv4,IPv6" in one of them makes the cluster dual-stack; the IPv6 ranges that are not named are Kobune's own. Pure.
/// </summary>
/// <param name="Subnet">The IPv4 part of --subnet; null when not said.</param>
/// <param name="Services">The IPv4 part of the Services' range; null when not said.</param>
/// <param name="Pods">The IPv4 range of the pods; null when not said.</param>
/// <param name="IPv6">The IPv6 ranges; null for a cluster of IPv4 alone. Its subnet is empty when it follows the IPv4 one.</param>
internal sealed record ClusterRanges(string? Subnet, string? Services, string? Pods, ProfileIPv6? IPv6)
{
    private const string PodSetting = "kubeadm.pod-network-cidr";

    /// <summary>Reads what was asked; refuses what cannot be.</summary>
    public static ClusterRanges Of(StartRequest request)
    {
        var (subnet, subnetV6) = Pair(request.Subnet, "--subnet");
        var (services, servicesV6) = Pair(request.Kubernetes.ServiceCidr, "--service-cluster-ip-range");
        var pods = PodsOf(request.Kubernetes.ExtraConfig ?? []);
        if (subnetV6 is null && servicesV6 is null && pods?.IPv6 is null)
        {
            return new(subnet, services, pods?.IPv4, null);
        }

        var defaults = new ProfileIPv6();
        var second = new ProfileIPv6
        {
            Subnet = subnetV6 is null ? "" : SubnetV6(subnetV6),
            ServiceCidr = servicesV6 is null ? defaults.ServiceCidr : ServicesV6(servicesV6),
            ClusterCidr = pods?.IPv6 ?? defaults.ClusterCidr,
        };
        CheckApart(second);
        return new(subnet, services, pods?.IPv4, second);
    }

    /// <summary>Both ranges of the Services as the flag would name them.</summary>
    public static string ServicesOf(ProfileConfig profile) => Joined(profile.KubernetesConfig.ServiceCidr, profile.IPv6?.ServiceCidr);

    /// <summary>The names of flags whose ranges an existing cluster does not take over.</summary>
    public IEnumerable<string> Ignored(ProfileConfig existing)
    {
        if (Services is not null && Joined(Services, IPv6?.ServiceCidr) != ServicesOf(existing))
        {
            yield return "service-cluster-ip-range";
        }

        if (Subnet is not null && (Subnets.Parse(Subnet).ToString() != existing.Subnet || (IPv6 is { Subnet.Length: > 0 } second && second.Subnet != existing.IPv6?.Subnet)))
        {
            yield return "subnet";
        }

        if (Pods is not null && Joined(Pods, IPv6?.ClusterCidr) != Joined(existing.KubernetesConfig.ClusterCidr, existing.IPv6?.ClusterCidr))
        {
            yield return PodSetting;
        }
    }

    private static string Joined(string first, string? second) => second is null ? first : $"{first},{second}";

    private static (string? First, string? Second) Pair(string? text, string option)
    {
        var parts = text?.Split(',', StringSplitOptions.TrimEntries) ?? [];
        return parts.Length switch
        {
            0 => (null, null),
            1 => (parts[0], null),
            2 when !parts[0].Contains(':') && parts[1].Contains(':') => (parts[0], parts[1]),
            _ => throw Bad($"\"{text}\"", option),
        };
    }

    private static PodNetworks? PodsOf(IReadOnlyList<string> extraConfig) =>
        extraConfig.Select(ExtraConfig.Parse).LastOrDefault(e => e is not null && $"{e.Component}.{e.Key}" == PodSetting) is { } setting
            ? PodNetworks.Parse(setting.Value) ?? throw Bad($"{PodSetting}: \"{setting.Value}\"", "--extra-config")
            : null;

    private static string SubnetV6(string text)
    {
        try
        {
            return Subnets.ParseV6(text).ToString();
        }
        catch (MachineException e)
        {
            throw Bad($"{text} ({e.Message})", "--subnet");
        }
    }

    // Upstream takes /64 and longer; the DNS wants the tenth address.
    private static string ServicesV6(string text) =>
        IPNetwork.TryParse(text, out var network) && network.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6 && network.PrefixLength is >= 64 and <= 120
            ? network.ToString()
            : throw Bad($"\"{text}\"", "--service-cluster-ip-range");

    private static void CheckApart(ProfileIPv6 ranges)
    {
        (string Range, string Option)[] all = [(ranges.Subnet, "--subnet"), (ranges.ServiceCidr, "--service-cluster-ip-range"), (ranges.ClusterCidr, "--extra-config")];
        var named = all.Where(r => r.Range.Length > 0).Select(r => (Network: IPNetwork.Parse(r.Range), r.Option)).ToList();
        foreach (var (network, option) in named)
        {
            if (named.Any(o => o.Option != option && Subnets.Overlap(o.Network, network)))
            {
                throw Bad($"\"{network}\"", option);
            }
        }
    }

    private static CliException Bad(string value, string option) => new(Reason.Usage, Message.BadValue, value, option);
}
