namespace Kobune.Ingress.Forwarding;

/// <summary>
/// One clock for a request under way: every piece of data starts it anew with the time that the next step may take. It also ends when the client
/// goes. Not safe for use by two tasks at once but for <see cref="Touch"/>.
/// </summary>
internal sealed class ActivityTimeout : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _registration;
    private readonly CancellationToken _client;

    public ActivityTimeout(TimeProvider time, CancellationToken client)
    {
        _client = client;
        _source = new(Timeout.InfiniteTimeSpan, time);
        _registration = client.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    public CancellationToken Token => _source.Token;

    /// <summary>Whether the time is up, the client still being there.</summary>
    public bool Expired => _source.IsCancellationRequested && !_client.IsCancellationRequested;

    public void Touch(TimeSpan next)
    {
        try
        {
            _source.CancelAfter(next);
        }
        catch (ObjectDisposedException)
        {
            // a connection that this request asked for came after its end: it serves another
        }
    }

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}
