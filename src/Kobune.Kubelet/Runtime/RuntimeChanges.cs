namespace Kobune.Kubelet.Runtime;

/// <summary>Tells who waits for a container that something happened to it.</summary>
internal sealed class RuntimeChanges
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<Action>> _listeners = [];

    internal IDisposable Subscribe(string containerId, Action changed)
    {
        lock (_lock)
        {
            if (!_listeners.TryGetValue(containerId, out var list))
            {
                _listeners[containerId] = list = [];
            }

            list.Add(changed);
        }

        return new Subscription(this, containerId, changed);
    }

    /// <summary>Something happened to this container; null when events may have been lost.</summary>
    internal void Tell(string? containerId)
    {
        List<Action> told;
        lock (_lock)
        {
            told = containerId is null ? [.. _listeners.Values.SelectMany(l => l)] : _listeners.TryGetValue(containerId, out var list) ? [.. list] : [];
        }

        foreach (var listener in told)
        {
            listener();
        }
    }

    private sealed class Subscription(RuntimeChanges owner, string id, Action changed) : IDisposable
    {
        public void Dispose()
        {
            lock (owner._lock)
            {
                if (owner._listeners.TryGetValue(id, out var list) && list.Remove(changed) && list.Count == 0)
                {
                    owner._listeners.Remove(id);
                }
            }
        }
    }
}
