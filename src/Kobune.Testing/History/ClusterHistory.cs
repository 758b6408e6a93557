using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Pipeline;
using Kobune.ApiServer.Requests;

namespace Kobune.Testing.History;

/// <summary>
/// What happened in a cluster since its start: changes of objects, Events, requests. Bounded: the oldest go. Leases are left out, reads and watches of
/// requests are in. What it holds are the server's own bytes, so it costs little.
/// </summary>
public sealed class ClusterHistory : IRequestObserver
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly int _length;
    private readonly Queue<ObjectChange> _changes = new();
    private readonly Queue<RequestRecord> _requests = new();

    internal ClusterHistory(TimeProvider time, int length)
    {
        _time = time;
        _length = length;
    }

    /// <summary>Changes in the order of their revisions.</summary>
    public IReadOnlyList<ObjectChange> Changes
    {
        get
        {
            lock (_lock)
            {
                return [.. _changes];
            }
        }
    }

    /// <summary>Requests in the order in which they were answered.</summary>
    public IReadOnlyList<RequestRecord> Requests
    {
        get
        {
            lock (_lock)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>The Events that components told, the newest state of each, in the order in which they came first.</summary>
    public IReadOnlyList<Event> Events
    {
        get
        {
            var events = new Dictionary<string, Event>(StringComparer.Ordinal);
            foreach (var change in Changes)
            {
                if (change is { Kind: "Event", Type: not ObjectChangeType.Deleted })
                {
                    events[change.Key] = change.Object.Read<Event>();
                }
            }

            return [.. events.Values];
        }
    }

    /// <summary>All states of an object, the oldest first; of every object of the kind in the namespace where the name is null.</summary>
    public IReadOnlyList<T> StatesOf<T>(string ns, string? name)
        where T : class, IKubernetesObject<T> =>
        [.. Changes.Where(c => c.Type != ObjectChangeType.Deleted && Is<T>(c) && c.Namespace == ns && (name is null || c.Name == name)).Select(c => c.Object.Read<T>())];

    /// <summary>Names of the objects of a kind that came to be, in order.</summary>
    public IReadOnlyList<string> Created<T>(string ns)
        where T : class, IKubernetesObject<T> => [.. Changes.Where(c => c.Type == ObjectChangeType.Added && Is<T>(c) && c.Namespace == ns).Select(c => c.Name)];

    void IRequestObserver.Answered(ApiCall call, int statusCode)
    {
        var info = call.Info;
        if (info.Resource == "leases")
        {
            return;
        }

        var resource = info.Subresource.Length == 0 ? info.Resource : info.Resource + "/" + info.Subresource;
        Keep(_requests, new(_time.GetUtcNow(), call.User?.Name ?? "", info.Verb, resource, info.Namespace, info.Name, call.Path, statusCode));
    }

    internal void Add(ObjectChange change) => Keep(_changes, change);

    private static bool Is<T>(ObjectChange change)
        where T : class, IKubernetesObject<T> => change.Kind == T.Resource.Kind && GroupOf(change.ApiVersion) == T.Resource.Group;

    private static string GroupOf(string apiVersion) => apiVersion.Split('/') is [var group, _] ? group : "";

    private void Keep<TItem>(Queue<TItem> queue, TItem item)
    {
        lock (_lock)
        {
            queue.Enqueue(item);
            if (queue.Count > _length)
            {
                queue.Dequeue();
            }
        }
    }
}
