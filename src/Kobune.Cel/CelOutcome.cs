namespace Kobune.Cel;

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
