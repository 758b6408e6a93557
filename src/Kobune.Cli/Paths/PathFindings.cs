using System.Net;
using Kobune.Cli.Paths.Probes;

namespace Kobune.Cli.Paths;

/// <summary>What was seen on the way.</summary>
internal sealed record PathFindings
{
    /// <summary>What the PC's packets brought.</summary>
    public IReadOnlyDictionary<string, ProbeResult> Pc { get; init; } = new Dictionary<string, ProbeResult>();

    /// <summary>What the packets of the first node brought, and what the nodes' sockets show.</summary>
    public IReadOnlyDictionary<string, ProbeResult> Node { get; init; } = new Dictionary<string, ProbeResult>();

    /// <summary>What the PC's resolver says about the host; null when it was not asked, empty when it knows nothing.</summary>
    public IReadOnlyList<IPAddress>? Resolved { get; init; }

    /// <summary>Addresses of the PC on which a tunnel listens, which lead where the machine's address leads.</summary>
    public IReadOnlyList<IPAddress> TunnelAddresses { get; init; } = [];

    /// <summary>The PC's next hop to the entry; null without a way, or when the entry is no address.</summary>
    public IPAddress? NextHop { get; init; }

    public ProbeResult? FromPc(string id) => Pc.GetValueOrDefault(id);

    public ProbeResult? FromNode(string id) => Node.GetValueOrDefault(id);
}
