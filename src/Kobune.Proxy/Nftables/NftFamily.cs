using System.Net;
using System.Net.Sockets;

namespace Kobune.Proxy.Nftables;

/// <summary>How nftables spells things in one address family.</summary>
/// <param name="Table">Family of the table, which is also the name of the header: ip or ip6.</param>
/// <param name="AddressType">ipv4_addr or ipv6_addr.</param>
internal sealed record NftFamily(AddressFamily Family, string Table, string AddressType)
{
    public static NftFamily V4 { get; } = new(AddressFamily.InterNetwork, "ip", "ipv4_addr");

    public static NftFamily V6 { get; } = new(AddressFamily.InterNetworkV6, "ip6", "ipv6_addr");

    /// <summary>Both words after add, flush or delete and the kind of thing: "ip kobune-proxy".</summary>
    public string Of => Table + " " + NftBase.TableName;

    /// <summary>"10.0.0.1:80" or "[fd00::1]:80".</summary>
    public static string Endpoint(IPAddress address, int port) => new IPEndPoint(address, port).ToString();
}
