namespace Kobune.ApiServer.Webhooks;

/// <summary>Answers of other servers, each kept for its time; when there are too many, those go that were not asked for the longest.</summary>
internal sealed class AnswerCache<T>(int capacity, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _order = new();

    /// <summary>What is known, if it still counts.</summary>
    public bool TryGet(string key, out T? value)
    {
        lock (_gate)
        {
            value = default;
            if (!_entries.TryGetValue(key, out var node))
            {
                return false;
            }

            _order.Remove(node);
            if (time.GetUtcNow() >= node.Value.Until)
            {
                _entries.Remove(key);
                return false;
            }

            _order.AddFirst(node);
            value = node.Value.Value;
            return true;
        }
    }

    /// <summary>Keeps an answer; for no time at all, it is not kept.</summary>
    public void Add(string key, T value, TimeSpan timeToLive)
    {
        if (timeToLive <= TimeSpan.Zero)
        {
            return;
        }

        lock (_gate)
        {
            if (_entries.Remove(key, out var old))
            {
                _order.Remove(old);
            }

            _entries[key] = _order.AddFirst(new Entry(key, value, time.GetUtcNow() + timeToLive));
            if (_entries.Count > capacity)
            {
                _entries.Remove(_order.Last!.Value.Key);
                _order.RemoveLast();
            }
        }
    }

    private sealed record Entry(string Key, T Value, DateTimeOffset Until);
}
