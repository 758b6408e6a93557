namespace Kobune.Api.Features;

/// <summary>Why a setting of gates cannot be.</summary>
public enum FeatureProblemKind
{
    /// <summary>Not "Name=true" or "Name=false".</summary>
    Malformed,

    /// <summary>The release does not know the gate.</summary>
    Unknown,

    /// <summary>The gate is locked to its default.</summary>
    Locked,

    /// <summary>The gate is on, and others without which it cannot be are off.</summary>
    Unmet,
}

/// <summary>A setting of gates that cannot be.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Gate">The gate, or for a malformed one what was written.</param>
/// <param name="Value">What it should have been set to.</param>
public sealed record FeatureProblem(FeatureProblemKind Kind, string Gate, bool Value)
{
    /// <summary>Of an unmet one: the gates that are off.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>Upstream's words (k8s.io/component-base, featuregate).</summary>
    public override string ToString() => Kind switch
    {
        FeatureProblemKind.Unknown => $"unrecognized feature gate: {Gate}",
        FeatureProblemKind.Locked => $"cannot set feature gate {Gate} to {Word(Value)}, feature is locked to {Word(!Value)}",
        FeatureProblemKind.Unmet => $"{Gate} is enabled, but depends on features that are disabled: [{string.Join(' ', Missing)}]",
        _ => Gate.Contains('=', StringComparison.Ordinal) ? $"invalid value of {Gate}" : $"missing bool value for {Gate}",
    };

    private static string Word(bool value) => value ? "true" : "false";
}
