using Kobune.Api.Meta.V1;

namespace Kobune.ControllerManager.GarbageCollector;

/// <summary>
/// The last owners that went without their dependents (propagation policy Orphan). The watches of kinds are not in step: a dependent that is seen only after its owner has gone must be
/// freed as the others were, not collected.
/// </summary>
internal sealed class FreedOwners
{
    private const int Kept = 500;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTimeOffset> _deletions = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>An owner goes; <paramref name="deleted"/> is when its deletion was asked for.</summary>
    public void Add(string uid, DateTimeOffset deleted)
    {
        lock (_lock)
        {
            if (!_deletions.TryAdd(uid, deleted))
            {
                return;
            }

            _order.Enqueue(uid);
            if (_order.Count > Kept)
            {
                _deletions.Remove(_order.Dequeue());
            }
        }
    }

    /// <summary>Whether the owner freed an object that was created at <paramref name="created"/>: what came after its deletion was never its own.</summary>
    public bool Frees(string uid, DateTimeOffset? created)
    {
        lock (_lock)
        {
            return _deletions.TryGetValue(uid, out var deleted) && created <= deleted;
        }
    }
}
