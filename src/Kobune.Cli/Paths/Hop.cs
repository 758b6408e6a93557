using Kobune.Cli.Paths.Probes;

namespace Kobune.Cli.Paths;

/// <summary>One station of the way, as it was found.</summary>
/// <param name="Kind">Which station.</param>
/// <param name="Subject">What stands there: "default/hello 10.96.12.7:8080".</param>
/// <param name="State">How it stands.</param>
internal sealed record Hop(HopKind Kind, string Subject, HopState State)
{
    /// <summary>Whether the station is Kubernetes' own; else it belongs to the PC and the machine.</summary>
    public bool IsKubernetes => Kind is not (HopKind.Pc or HopKind.Resolver or HopKind.Machine);

    /// <summary>The fault, when this is the broken one.</summary>
    public Fault? Fault { get; init; }

    /// <summary>The packets that were sent to it.</summary>
    public IReadOnlyList<HopProbe> Probes { get; init; } = [];
}

/// <summary>A packet that was sent, and what came back.</summary>
/// <param name="From">"PC", or the node's name.</param>
/// <param name="To">"192.168.49.2:8443".</param>
/// <param name="Result">What came back.</param>
internal sealed record HopProbe(string From, string To, ProbeResult Result);
