namespace Kobune.Grpc;

/// <summary>The caller's token joined with a timeout, so that the two can be told apart afterwards.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource? _timer;
    private readonly CancellationTokenSource? _joined;
    private readonly CancellationToken _caller;

    internal Deadline(TimeSpan? timeout, TimeProvider time, CancellationToken caller)
    {
        _caller = caller;
        if (timeout is { } limit)
        {
            _timer = new CancellationTokenSource(limit, time);
            _joined = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, caller);
        }
    }

    internal CancellationToken Token => _joined?.Token ?? _caller;

    internal bool Passed => _timer is { IsCancellationRequested: true } && !_caller.IsCancellationRequested;

    public void Dispose()
    {
        _joined?.Dispose();
        _timer?.Dispose();
    }
}
