using System.Text;

namespace Kobune.Proxy.Nftables;

/// <summary>
/// The fixed part of the table. One look-up by (address, protocol, port) leads to a chain that depends only on the protocol and the number of endpoints;
/// that chain draws a number and looks up (address, port, number) in the protocol's map of endpoints. So a Service costs map elements, not chains:
/// the kernel walks all rules again when one is added, and gives every anonymous map a name by trying them all (10,000 chains with a map each took
/// 17 s to load and 85 ms to change here; elements take 0.5 s and 15 ms).
/// </summary>
internal static class NftBase
{
    public const string TableName = "kobune-proxy";
    public const string Services = "service-ips";
    public const string Refused = "no-endpoint-services";
    public const string ClusterIPs = "cluster-ips";
    public const string Hairpins = "hairpin-pairs";
    public const string RejectChain = "reject-service";
    public const string MarkForMasquerade = "meta mark set meta mark or " + MasqueradeMark;

    private static readonly string[] Protocols = ["tcp", "udp", "sctp"];

    /// <summary>Bit 14, as upstream's iptables-masquerade-bit.</summary>
    private const string MasqueradeMark = "0x4000";

    /// <summary>A map for each protocol: nft 1.0.6 refuses a new rule with a map "th dport" that is in the kernel already, as a conflict of protocols.</summary>
    public static string Endpoints(string protocol) => protocol + "-endpoints";

    /// <summary>Those on this node.</summary>
    public static string LocalEndpoints(string protocol) => "local-" + Endpoints(protocol);

    /// <summary>Replaces the whole table, whatever it was; elements and further chains follow in the same transaction.</summary>
    public static void Write(StringBuilder text, NftFamily family, IReadOnlyList<string> clusterCIDRs, bool localhostNodePorts)
    {
        var of = family.Of;
        var ip = family.Table;
        var key = $"type {family.AddressType} . inet_proto . inet_service : verdict;";

        text.Append($$"""
            add table {{of}}
            delete table {{of}}
            add table {{of}} { comment "rules for Kubernetes Services"; }
            add map {{of}} {{Services}} { {{key}} }
            add map {{of}} {{Refused}} { {{key}} }
            add set {{of}} {{ClusterIPs}} { type {{family.AddressType}}; }
            add set {{of}} {{Hairpins}} { type {{family.AddressType}} . {{family.AddressType}}; }
            add chain {{of}} services
            add chain {{of}} check
            add chain {{of}} {{RejectChain}}
            add chain {{of}} nat-prerouting { type nat hook prerouting priority dstnat; }
            add chain {{of}} nat-output { type nat hook output priority -100; }
            add chain {{of}} nat-postrouting { type nat hook postrouting priority srcnat; }
            add chain {{of}} filter-input { type filter hook input priority filter; }
            add chain {{of}} filter-forward { type filter hook forward priority filter; }
            add chain {{of}} filter-output { type filter hook output priority filter; }

            """);
        foreach (var protocol in Protocols)
        {
            var spec = $"typeof {ip} daddr . {protocol} dport . numgen random mod 65536 : {ip} daddr . {protocol} dport;";
            text.Append($$"""
                add map {{of}} {{Endpoints(protocol)}} { {{spec}} }
                add map {{of}} {{LocalEndpoints(protocol)}} { {{spec}} }

                """);
        }

        if (clusterCIDRs.Count > 0)
        {
            text.Append($"add rule {of} services {ip} daddr @{ClusterIPs} {ip} saddr != {{ {string.Join(", ", clusterCIDRs)} }} {MarkForMasquerade}\n");
        }

        text.Append($$"""
            add rule {{of}} services {{ip}} daddr . meta l4proto . th dport vmap @{{Services}}
            add rule {{of}} nat-prerouting jump services
            add rule {{of}} nat-output jump services
            add rule {{of}} nat-postrouting ct status dnat {{ip}} saddr . {{ip}} daddr @{{Hairpins}} masquerade fully-random
            add rule {{of}} nat-postrouting meta mark and {{MasqueradeMark}} == 0 return
            add rule {{of}} nat-postrouting meta mark set meta mark xor {{MasqueradeMark}}
            add rule {{of}} nat-postrouting masquerade fully-random
            add rule {{of}} {{RejectChain}} meta l4proto tcp reject with tcp reset
            add rule {{of}} {{RejectChain}} reject
            add rule {{of}} check {{ip}} daddr . meta l4proto . th dport vmap @{{Refused}}
            add rule {{of}} check {{ip}} daddr @{{ClusterIPs}} goto {{RejectChain}}

            """);
        if (localhostNodePorts && family == NftFamily.V4)
        {
            // route_localnet lets neighbours reach 127.0.0.1 (CVE-2020-8558): only answers may come in.
            text.Append($"add rule {of} filter-input iifname != \"lo\" ip daddr 127.0.0.0/8 ct state {{ new, invalid, untracked }} drop\n");
        }

        text.Append($$"""
            add rule {{of}} filter-input ct state new jump check
            add rule {{of}} filter-forward ct state invalid drop
            add rule {{of}} filter-forward ct state new jump check
            add rule {{of}} filter-output ct state new jump check

            """);
    }
}
