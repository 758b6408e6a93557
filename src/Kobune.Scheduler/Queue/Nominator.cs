using Kobune.Scheduler.Cache;

namespace Kobune.Scheduler.Queue;

/// <summary>Waiting pods for which room is being made on a node: others of no higher priority must not take it. Safe from any thread.</summary>
internal sealed class Nominator
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string Node, PodInfo Pod)> _pods = new(StringComparer.Ordinal);

    /// <summary>Follows the pod's status.nominatedNodeName.</summary>
    public void Set(PodInfo pod, string nodeName)
    {
        lock (_lock)
        {
            if (nodeName.Length == 0)
            {
                _pods.Remove(pod.Uid);
            }
            else
            {
                _pods[pod.Uid] = (nodeName, pod);
            }
        }
    }

    public void Remove(string uid)
    {
        lock (_lock)
        {
            _pods.Remove(uid);
        }
    }

    /// <summary>Where room is being made for a pod, or "".</summary>
    public string NodeOf(string uid)
    {
        lock (_lock)
        {
            return _pods.TryGetValue(uid, out var entry) ? entry.Node : "";
        }
    }

    /// <summary>The pods of lower priority that are nominated to a node.</summary>
    public IReadOnlyList<PodInfo> Below(PodInfo pod, string nodeName)
    {
        lock (_lock)
        {
            return [.. _pods.Values.Where(entry => entry.Node == nodeName && entry.Pod.Priority < pod.Priority).Select(entry => entry.Pod)];
        }
    }

    /// <summary>The pods nominated to a node that count before another one, null when there are none.</summary>
    public List<PodInfo>? Before(PodInfo pod, string nodeName)
    {
        lock (_lock)
        {
            if (_pods.Count == 0)
            {
                return null;
            }

            var found = _pods.Values.Where(entry => entry.Node == nodeName && entry.Pod.Uid != pod.Uid && entry.Pod.Priority >= pod.Priority).Select(entry => entry.Pod).ToList();
            return found.Count == 0 ? null : found;
        }
    }
}
