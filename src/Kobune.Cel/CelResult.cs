using Kobune.Cel.Values;

namespace Kobune.Cel;

/// <summary>How an evaluation ended.</summary>
/// <param name="Value">The value; an error value when it failed.</param>
/// <param name="Cost">What it cost, in Kubernetes' units.</param>
/// <param name="Outcome">Whether it ran to its end.</param>
public readonly record struct CelResult(CelValue Value, ulong Cost, CelOutcome Outcome)
{
    /// <summary>What went wrong, or null.</summary>
    public string? Error => (Value as CelError)?.Message;
}
