using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Queue;

/// <summary>
/// Pods in a scheduling cycle, and the changes of the cluster since the oldest of them was popped: a change that comes between a pod's look at
/// the cluster and its return to the queue must not be missed. Under the queue's lock.
/// </summary>
internal sealed class InFlightPods
{
    private readonly Dictionary<string, (QueuedPod Pod, long Since)> _pods = new(StringComparer.Ordinal);
    private readonly List<ClusterEvent> _events = [];
    private long _first;

    public int Count => _pods.Count;

    /// <summary>How many of each there are, the pods among them.</summary>
    public IReadOnlyList<(string Event, int Number)> Counts => [.. _events.CountBy(e => e.Label).Append(new("PodPopped", _pods.Count)).Select(e => (e.Key, e.Value))];

    public bool Contains(string uid) => _pods.ContainsKey(uid);

    public QueuedPod? Find(string uid) => _pods.TryGetValue(uid, out var entry) ? entry.Pod : null;

    public void Add(QueuedPod pod) => _pods[pod.Uid] = (pod, _first + _events.Count);

    public void Note(ClusterEvent happened)
    {
        if (_pods.Count > 0)
        {
            _events.Add(happened);
        }
    }

    /// <summary>Takes a pod out and returns what happened since it came in.</summary>
    public List<ClusterEvent> Remove(string uid)
    {
        if (!_pods.Remove(uid, out var entry))
        {
            return [];
        }

        var missed = _events[(int)(entry.Since - _first)..];
        var oldest = _pods.Count == 0 ? _first + _events.Count : _pods.Values.Min(other => other.Since);
        _events.RemoveRange(0, (int)(oldest - _first));
        _first = oldest;
        return missed;
    }
}
