namespace Kobune.Api.Features;

/// <summary>A feature gate as one release knows it.</summary>
/// <param name="Name">"WatchList".</param>
/// <param name="Stage">How far it has come.</param>
/// <param name="IsOn">Its default.</param>
/// <param name="IsLocked">Whether it can be set to nothing else.</param>
public sealed record FeatureGate(string Name, FeatureStage Stage, bool IsOn, bool IsLocked)
{
    /// <summary>The gates that must be on when this one is.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>The stage as upstream's metrics and help texts write it: "ALPHA", "BETA", "" or "DEPRECATED".</summary>
    public string StageLabel => Stage == FeatureStage.GA ? "" : Stage.ToString().ToUpperInvariant();
}
