namespace Kobune.Client.Controllers;

/// <summary>Moves the world one step towards what an object asks for. Level-triggered: it reads the caches and trusts no event.</summary>
public interface IReconciler
{
    /// <summary>
    /// Looks at one key. An exception is a failure and comes again with back-off, a <see cref="TerminalException"/> does not come again until
    /// something changes.
    /// </summary>
    Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct);
}
