using System.Collections.Concurrent;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Fairness;

/// <summary>How many watches would hear of a write. Source: k8s.io/apiserver, util/flowcontrol (watch_tracker.go). Safe for concurrent callers.</summary>
internal sealed class WatchTracker
{
    private readonly ConcurrentDictionary<(string Group, string Resource, string Namespace, string Name), StrongBox> _watches = new();

    /// <summary>A watch begins; dispose of the answer when it ends.</summary>
    public Action Register(RequestInfo info)
    {
        if (info.FieldSelector.Contains("spec.nodeName=", StringComparison.Ordinal))
        {
            return static () => { }; // hears of one node's pods: of hardly any write
        }

        var count = _watches.GetOrAdd((info.ApiGroup, info.Resource, info.Namespace, info.Name), static _ => new());
        Interlocked.Increment(ref count.Value);
        return () => Interlocked.Decrement(ref count.Value);
    }

    /// <summary>The watches of everything, of the namespace, and of the object.</summary>
    public int Interested(RequestInfo info)
    {
        var count = Count(info, "", "");
        if (info.Namespace.Length > 0)
        {
            count += Count(info, info.Namespace, "");
        }

        if (info.Name.Length > 0)
        {
            count += Count(info, "", info.Name) + (info.Namespace.Length > 0 ? Count(info, info.Namespace, info.Name) : 0);
        }

        return count;
    }

    private int Count(RequestInfo info, string ns, string name) =>
        _watches.TryGetValue((info.ApiGroup, info.Resource, ns, name), out var count) ? Volatile.Read(ref count.Value) : 0;

    private sealed class StrongBox
    {
        public int Value;
    }
}
