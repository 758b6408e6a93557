using Kobune.Api;
using Kobune.Client.Informers;

namespace Kobune.Client.Controllers;

/// <summary>
/// Keys whose writes the caches do not show yet. Such a key stays with its worker (as far as the queue knows), so that no reconciliation
/// acts on a world without its own last step. It is let go when every write was seen, or after five minutes, as upstream's expectations.
/// </summary>
internal sealed class HeldKeys(TimeProvider time, Action<ObjectKey> release) : IDisposable
{
    /// <summary>How long a key is held at most: a write may be undone before any cache shows it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<(IInformer Informer, ObjectKey Object), List<Held>> _waiting = [];
    private readonly Dictionary<ObjectKey, Held> _held = [];

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _held.Count;
            }
        }
    }

    /// <summary>Holds a key for its unseen writes. False when all were seen already.</summary>
    public bool Hold(ObjectKey key, List<PendingWrite> writes)
    {
        lock (_lock)
        {
            writes.RemoveAll(w => w.IsSeen());
            if (writes.Count == 0)
            {
                return false;
            }

            var held = new Held(key, writes);
            _held[key] = held;
            foreach (var write in writes)
            {
                if (!_waiting.TryGetValue((write.Informer, write.Key), out var list))
                {
                    _waiting[(write.Informer, write.Key)] = list = [];
                }

                list.Add(held);
            }

            held.Timer = time.CreateTimer(_ => Release(held), null, Patience, Timeout.InfiniteTimeSpan);
            return true;
        }
    }

    /// <summary>The resource of a write for which a key that is due is held; null when it is not held, everything was seen, or this was asked before.</summary>
    public ResourceDescriptor? Skip(ObjectKey key)
    {
        lock (_lock)
        {
            if (!_held.TryGetValue(key, out var held) || held.IsSkipped || held.Writes.FindIndex(w => !w.IsSeen()) is not (>= 0 and var unseen))
            {
                return null;
            }

            held.IsSkipped = true;
            return held.Writes[unseen].Informer.Resource;
        }
    }

    /// <summary>A cache changed at an object.</summary>
    public void Changed(IInformer informer, ObjectKey obj)
    {
        List<Held>? free = null;
        lock (_lock)
        {
            if (!_waiting.TryGetValue((informer, obj), out var list))
            {
                return;
            }

            foreach (var held in list)
            {
                if (held.Writes.TrueForAll(w => w.IsSeen()))
                {
                    (free ??= []).Add(held);
                }
            }
        }

        free?.ForEach(Release);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var held in _held.Values)
            {
                held.Timer?.Dispose();
            }

            _held.Clear();
            _waiting.Clear();
        }
    }

    private void Release(Held held)
    {
        lock (_lock)
        {
            if (!_held.TryGetValue(held.Key, out var current) || current != held)
            {
                return;
            }

            _held.Remove(held.Key);

            held.Timer?.Dispose();
            foreach (var write in held.Writes)
            {
                if (_waiting.TryGetValue((write.Informer, write.Key), out var list) && list.Remove(held) && list.Count == 0)
                {
                    _waiting.Remove((write.Informer, write.Key));
                }
            }
        }

        release(held.Key);
    }

    private sealed class Held(ObjectKey key, List<PendingWrite> writes)
    {
        public ObjectKey Key { get; } = key;

        public List<PendingWrite> Writes { get; } = writes;

        public ITimer? Timer { get; set; }

        /// <summary>The key was due while it was held.</summary>
        public bool IsSkipped { get; set; }
    }
}
