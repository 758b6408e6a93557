namespace Kobune.Client.Controllers;

/// <summary>Delays that double per failure of a key. Source: client-go, workqueue.ItemExponentialFailureRateLimiter.</summary>
public sealed record BackoffOptions
{
    /// <summary>After the first failure.</summary>
    public TimeSpan First { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The longest delay.</summary>
    public TimeSpan Max { get; init; } = TimeSpan.FromSeconds(1000);

    /// <summary>The delay after so many failures before this one.</summary>
    public TimeSpan After(int failures)
    {
        var delay = First.Ticks * Math.Pow(2, Math.Min(failures, 62));
        return delay >= Max.Ticks ? Max : TimeSpan.FromTicks((long)delay);
    }
}
