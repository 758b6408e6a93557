namespace Kobune.Cli.Paths.Probes;

/// <summary>What a probe found.</summary>
/// <param name="Id">The request's.</param>
/// <param name="Outcome">What came back.</param>
/// <param name="Milliseconds">How long it took.</param>
internal sealed record ProbeResult(string Id, ProbeOutcome Outcome, double Milliseconds)
{
    /// <summary>HTTP: the status code, 0 without one.</summary>
    public int StatusCode { get; init; }

    /// <summary>The listening TCP and UDP ports of a container's network.</summary>
    public IReadOnlyList<Listener> Listeners { get; init; } = [];

    /// <summary>Whether the packet arrived, or UDP's silence says nothing against it.</summary>
    public bool Arrived => Outcome is ProbeOutcome.Connected or ProbeOutcome.Silent;
}
