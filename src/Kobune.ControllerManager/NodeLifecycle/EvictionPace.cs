namespace Kobune.ControllerManager.NodeLifecycle;

/// <summary>
/// Lets nodes of a zone be driven empty one after the other, so that a fault that spreads is noticed before it has taken all pods. Who asked first goes first. Safe for several
/// threads. Source: pkg/controller/nodelifecycle, the rate limited queue of each zone.
/// </summary>
internal sealed class EvictionPace
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (List<string> Waiting, DateTimeOffset Next)> _zones = new(StringComparer.Ordinal);

    /// <summary>Zero when it is the node's turn, which is used up then; else how long to wait before asking again.</summary>
    /// <param name="zone">Of the node.</param>
    /// <param name="node">Its name.</param>
    /// <param name="perSecond">Nodes a second, more than none.</param>
    /// <param name="now">The time.</param>
    public TimeSpan Wait(string zone, string node, double perSecond, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (!_zones.TryGetValue(zone, out var state))
            {
                _zones[zone] = state = ([], now);
            }

            if (!state.Waiting.Contains(node))
            {
                state.Waiting.Add(node);
            }

            var (place, pause) = (state.Waiting.IndexOf(node), TimeSpan.FromSeconds(1 / perSecond));
            if (place > 0 || now < state.Next)
            {
                return (state.Next > now ? state.Next - now : TimeSpan.Zero) + (place * pause);
            }

            state.Waiting.RemoveAt(0);
            _zones[zone] = state with { Next = now + pause };
            return TimeSpan.Zero;
        }
    }

    /// <summary>A node is well again, or gone: it waits no more.</summary>
    public void Forget(string node)
    {
        lock (_lock)
        {
            foreach (var (waiting, _) in _zones.Values)
            {
                waiting.Remove(node);
            }
        }
    }
}
