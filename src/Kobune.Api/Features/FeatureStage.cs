namespace Kobune.Api.Features;

/// <summary>How far a feature gate has come.</summary>
public enum FeatureStage
{
    /// <summary>Off by default, may vanish.</summary>
    Alpha,

    /// <summary>Mostly on by default.</summary>
    Beta,

    /// <summary>Finished; the gate goes away some releases later.</summary>
    GA,

    /// <summary>Switches something old off, or back on, for a while.</summary>
    Deprecated,
}
