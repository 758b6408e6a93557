namespace Kobune.Api.Clocks;

/// <summary>
/// Ties a wait to a token for as long as it is not disposed of. Other than a registration's own disposal it does not wait for a callback that runs just now: that
/// wait goes by way of the thread pool, where a scheduler that counts its steps does not see it, and a task that is completed twice loses nothing.
/// </summary>
public readonly struct WaitTie(CancellationTokenRegistration registration) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => registration.Unregister();
}

/// <summary>What a token does to a wait.</summary>
public static class WaitTies
{
    /// <summary>The wait is cancelled with the token.</summary>
    public static WaitTie Cancels(this CancellationToken ct, TaskCompletionSource waiting) =>
        new(ct.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), waiting));

    /// <summary>The wait is cancelled with the token.</summary>
    public static WaitTie Cancels<T>(this CancellationToken ct, TaskCompletionSource<T> waiting) =>
        new(ct.UnsafeRegister(static (state, token) => ((TaskCompletionSource<T>)state!).TrySetCanceled(token), waiting));

    /// <summary>The wait ends with the token, as one that succeeded.</summary>
    public static WaitTie Ends(this CancellationToken ct, TaskCompletionSource waiting) =>
        new(ct.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), waiting));
}
