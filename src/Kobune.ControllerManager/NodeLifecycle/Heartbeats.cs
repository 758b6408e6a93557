using Kobune.Api.Coordination.V1;
using Kobune.Api.Core.V1;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.NodeLifecycle;

/// <summary>
/// When each node was last heard of, by our own clock: its lease was renewed, or it posted its status. Fed by the caches; reading costs nothing
/// until a node's grace has run out.
/// </summary>
internal sealed class Heartbeats(TimeProvider time)
{
    public const string LeaseNamespace = "kube-node-lease";
    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTimeOffset> _heard = [];

    public void Observe(Change<Lease> change)
    {
        if (change.Key.Namespace == LeaseNamespace && change.New is { } lease && lease.Spec.RenewTime != change.Old?.Spec.RenewTime)
        {
            Hear(change.Key.Name);
        }
    }

    public void Observe(Change<Node> change)
    {
        if (change.New is null)
        {
            lock (_lock)
            {
                _heard.Remove(change.Key.Name);
            }
        }
        else if (NodeHealthPlan.Condition(change.New, NodeConditionType.Ready) is { } ready
            && ready.LastHeartbeatTime != (change.Old is null ? null : NodeHealthPlan.Condition(change.Old, NodeConditionType.Ready)?.LastHeartbeatTime))
        {
            Hear(change.Key.Name);
        }
    }

    /// <summary>When the node was last heard of; null for never.</summary>
    public DateTimeOffset? Of(string node)
    {
        lock (_lock)
        {
            return _heard.TryGetValue(node, out var at) ? at : null;
        }
    }

    private void Hear(string node)
    {
        lock (_lock)
        {
            _heard[node] = time.GetUtcNow();
        }
    }
}
