namespace Kobune.ControllerManager.NodeLifecycle;

/// <summary>Rounds over the nodes that are due: one begins with the first look and ends when none goes on and no node waits.</summary>
/// <param name="time">The clock.</param>
/// <param name="isAnyDue">Whether a node waits for its look.</param>
/// <param name="ended">Told how long each round took.</param>
internal sealed class NodeRounds(TimeProvider time, Func<bool> isAnyDue, Action<TimeSpan> ended)
{
    private readonly Lock _lock = new();
    private int _looks;
    private long? _since;

    public void Begin()
    {
        lock (_lock)
        {
            _looks++;
            _since ??= time.GetTimestamp();
        }
    }

    public void End()
    {
        TimeSpan? took = null;
        lock (_lock)
        {
            if (--_looks == 0 && !isAnyDue())
            {
                took = time.GetElapsedTime(_since!.Value);
                _since = null;
            }
        }

        if (took is { } elapsed)
        {
            ended(elapsed);
        }
    }
}
