namespace Kobune.Testing.Faults;

/// <summary>Watches that wait until it is disposed of.</summary>
internal sealed class HeldWatches(RequestMatch match, Action<HeldWatches> released) : IDisposable
{
    private readonly CancellationTokenSource _released = new();

    public RequestMatch Match => match;

    public CancellationToken Released => _released.Token;

    public void Dispose() => released(this);

    public void Release() => _released.Cancel(); // not disposed of: watches may look at the token
}
