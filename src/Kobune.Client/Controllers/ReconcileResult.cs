namespace Kobune.Client.Controllers;

/// <summary>How a reconciliation ended.</summary>
/// <param name="Delay">When to look again without a change; null for never.</param>
public readonly record struct ReconcileResult(TimeSpan? Delay)
{
    /// <summary>Nothing more to do until something changes.</summary>
    public static ReconcileResult Done => default;

    /// <summary>Look again after this time.</summary>
    public static ReconcileResult RequeueAfter(TimeSpan delay) => new(delay);

    /// <summary>Look again after this time, or not at all.</summary>
    public static ReconcileResult RequeueAfter(TimeSpan? delay) => new(delay);
}

/// <summary>A failure that another attempt cannot mend: the key rests until one of its objects changes.</summary>
public sealed class TerminalException(string message, Exception? inner = null) : Exception(message, inner);
