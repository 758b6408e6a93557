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

/// <summary>Whether an evaluation ran to its end.</summary>
public enum CelOutcome
{
    /// <summary>With a value.</summary>
    Value,

    /// <summary>With an error of the expression.</summary>
    Failed,

    /// <summary>Stopped: it cost more than it may ("operation cancelled: actual cost limit exceeded").</summary>
    CostLimitExceeded,

    /// <summary>Stopped by its cancellation token ("operation interrupted").</summary>
    Cancelled,
}
