namespace Kobune.Testing.Faults;

/// <summary>Watches that wait until it is disposed of.</summary>
internal sealed class HeldWatches(RequestMatch match, Action<HeldWatches> released) : IDisposable
{
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RequestMatch Match => match;

    public Task Released => _released.Task;

    public void Dispose()
    {
        released(this);
        _released.TrySetResult();
    }
}
