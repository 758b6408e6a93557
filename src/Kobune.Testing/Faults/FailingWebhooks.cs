namespace Kobune.Testing.Faults;

/// <summary>Webhooks of a host that cannot be reached until it is disposed of.</summary>
internal sealed class FailingWebhooks(string? host, int times, Action<FailingWebhooks> ended) : IDisposable
{
    private int _left = times;

    public void Dispose() => ended(this);

    /// <summary>Under the plan's lock.</summary>
    public bool Strikes(string dialled) => (host is null || host == dialled) && _left > 0 && _left-- > 0;
}
