using Kobune.Api.Core.V1;

namespace Kobune.Scheduler.Cache;

/// <summary>
/// Nodes and the pods on them, from the informers and from decisions whose binding is under way ("assumed" pods). Safe from any thread.
/// Source: pkg/scheduler/backend/cache.
/// </summary>
internal sealed class SchedulerCache
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, NodeInfo> _nodes = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];
    private readonly Dictionary<string, string> _places = new(StringComparer.Ordinal);
    private readonly HashSet<string> _assumed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImageState> _images = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private bool _nodesChanged;
    private bool _imagesChanged;

    public int NodeCount
    {
        get
        {
            lock (_lock)
            {
                return _order.Count;
            }
        }
    }

    /// <summary>Nodes, the pods on them, and how many of these are not bound yet.</summary>
    public (int Nodes, int Pods, int Assumed) Sizes
    {
        get
        {
            lock (_lock)
            {
                return (_order.Count, _places.Count, _assumed.Count);
            }
        }
    }

    public void SetNode(Node node)
    {
        lock (_lock)
        {
            var name = node.Metadata.Name;
            if (!_nodes.TryGetValue(name, out var info))
            {
                _nodes[name] = info = new NodeInfo(node);
                info.RemoveNode();
            }

            if (!info.HasNode)
            {
                _order.Add(name);
                _nodesChanged = true;
            }

            CountImages(info.HasNode ? info.Node : null, node);
            info.SetNode(node);
            _changed.Add(name);
        }
    }

    public void RemoveNode(string name)
    {
        lock (_lock)
        {
            if (!_nodes.TryGetValue(name, out var info) || !info.HasNode)
            {
                return;
            }

            CountImages(info.Node, null);
            info.RemoveNode();
            _order.Remove(name);
            _nodesChanged = true;
            if (info.Pods.Count == 0)
            {
                _nodes.Remove(name);
            }
        }
    }

    /// <summary>A decision: the pod counts on the node from now on, though the server does not know yet.</summary>
    public void Assume(PodInfo pod, string nodeName)
    {
        lock (_lock)
        {
            Remove(pod.Uid);
            Place(pod, nodeName);
            _assumed.Add(pod.Uid);
        }
    }

    /// <summary>The decision did not come to be.</summary>
    public void Forget(string uid)
    {
        lock (_lock)
        {
            if (_assumed.Remove(uid))
            {
                Remove(uid);
            }
        }
    }

    public bool IsAssumed(string uid)
    {
        lock (_lock)
        {
            return _assumed.Contains(uid);
        }
    }

    /// <summary>What the server says of a pod on a node; it confirms or corrects what was assumed.</summary>
    public void SetPod(PodInfo pod)
    {
        lock (_lock)
        {
            _assumed.Remove(pod.Uid);
            Remove(pod.Uid);
            Place(pod, pod.Pod.Spec.NodeName);
        }
    }

    public void RemovePod(string uid)
    {
        lock (_lock)
        {
            _assumed.Remove(uid);
            Remove(uid);
        }
    }

    /// <summary>Brings a snapshot up to date: only nodes that changed are cloned.</summary>
    public void Update(Snapshot snapshot)
    {
        lock (_lock)
        {
            if (_nodesChanged)
            {
                snapshot.Rebuild(_order.Select(name => !_changed.Contains(name) && snapshot.Find(name) is { } known ? known : _nodes[name].Clone()).ToList());
            }
            else
            {
                foreach (var name in _changed)
                {
                    if (snapshot.Has(name))
                    {
                        snapshot.Replace(_nodes[name].Clone());
                    }
                }
            }

            if (_imagesChanged)
            {
                snapshot.Images = new Dictionary<string, ImageState>(_images, StringComparer.Ordinal);
            }

            _changed.Clear();
            _nodesChanged = _imagesChanged = false;
        }
    }

    private void Place(PodInfo pod, string nodeName)
    {
        if (!_nodes.TryGetValue(nodeName, out var info))
        {
            // Pods of a node may come before the node does.
            _nodes[nodeName] = info = new NodeInfo(new Node { Metadata = new() { Name = nodeName } });
            info.RemoveNode();
        }

        info.AddPod(pod);
        _places[pod.Uid] = nodeName;
        _changed.Add(nodeName);
    }

    private void Remove(string uid)
    {
        if (!_places.Remove(uid, out var nodeName) || !_nodes.TryGetValue(nodeName, out var info))
        {
            return;
        }

        info.RemovePod(uid);
        _changed.Add(nodeName);
        if (!info.HasNode && info.Pods.Count == 0)
        {
            _nodes.Remove(nodeName);
        }
    }

    private void CountImages(Node? before, Node? after)
    {
        if (ReferenceEquals(before?.Status.Images, after?.Status.Images) || (before is not null && after is not null && before.Status.Images.SequenceEqual(after.Status.Images)))
        {
            return;
        }

        _imagesChanged = true;
        Count(before, -1);
        Count(after, 1);

        void Count(Node? node, int sign)
        {
            foreach (var image in node?.Status.Images ?? [])
            {
                foreach (var name in image.Names)
                {
                    var nodes = _images.GetValueOrDefault(name).Nodes + sign;
                    _images[name] = new ImageState(image.SizeBytes, nodes);
                    if (nodes <= 0)
                    {
                        _images.Remove(name);
                    }
                }
            }
        }
    }
}
