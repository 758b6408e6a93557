using System.Net;

namespace Kobune.Dns.Ingresses;

/// <summary>Settings of the DNS server for the hosts of Ingresses.</summary>
public sealed record IngressDnsOptions
{
    /// <summary>Where UDP and TCP are served: the node's address and port 53.</summary>
    public required IReadOnlyList<IPEndPoint> Listen { get; init; }

    /// <summary>Where every host leads: the node's addresses.</summary>
    public required IReadOnlyList<IPAddress> Addresses { get; init; }
}
