using System.Net;
using System.Net.Sockets;

namespace Kobune.Node.Settings;

/// <summary>The value of kubeadm.pod-network-cidr: the range of all pods, or one of each family, IPv4's first.</summary>
/// <param name="IPv4">"10.244.0.0/16"; each node gets a /24 of it.</param>
/// <param name="IPv6">"fd00:10:244::/56", of which each node gets a /64; null for none.</param>
public sealed record PodNetworks(string IPv4, string? IPv6)
{
    /// <summary>Reads it; null when it is no such range, or too small for a hundred nodes.</summary>
    public static PodNetworks? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        var first = Network(parts[0], AddressFamily.InterNetwork, 8, 17);
        var second = parts.Length == 2 ? Network(parts[1], AddressFamily.InterNetworkV6, 48, 57) : null;
        return first is null || parts.Length > 2 || (parts.Length == 2 && second is null) ? null : new(first, second);
    }

    private static string? Network(string text, AddressFamily family, int shortest, int longest) =>
        IPNetwork.TryParse(text, out var network) && network.BaseAddress.AddressFamily == family && network.PrefixLength >= shortest && network.PrefixLength <= longest ? network.ToString() : null;
}
