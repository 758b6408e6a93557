using System.Net;

namespace Kobune.Proxy.Nftables;

/// <summary>What one Service puts into the table. Elements, chains and sets may be claimed by several Services.</summary>
internal sealed class NftFragment
{
    public static NftFragment Empty { get; } = new();

    /// <summary>(set or map, key) to value; the value is empty in a set.</summary>
    public Dictionary<(string Set, string Key), string> Elements { get; } = [];

    /// <summary>Name to rules, one a line.</summary>
    public Dictionary<string, string> Chains { get; } = [];

    /// <summary>Name to specification, without braces.</summary>
    public Dictionary<string, string> Sets { get; } = [];

    /// <summary>UDP and SCTP paths, whose conntrack entries outlive their endpoint; null as endpoint stands for the frontend itself.</summary>
    public HashSet<Flow> Flows { get; } = [];
}

/// <summary>A path from a frontend to an endpoint (or, without endpoints, only the frontend).</summary>
internal readonly record struct Flow(string Protocol, IPAddress Address, int Port, IPAddress? Endpoint);
