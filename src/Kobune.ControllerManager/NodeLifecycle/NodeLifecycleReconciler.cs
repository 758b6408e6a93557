using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.NodeLifecycle;

/// <summary>Notices silent nodes, says so in their status, and keeps the taints that follow. One key is one node; a healthy one is looked at when its grace could end.</summary>
internal sealed class NodeLifecycleReconciler(
    ICache<Node> nodes, ICache<Pod> pods, Heartbeats heartbeats, NodeRounds rounds, IClient client, IEventRecorder events, ControllerManagerOptions options, TimeProvider time) : IReconciler
{
    private readonly ICacheIndex<Pod> _byNode = pods.ByNode();
    private readonly EvictionPace _pace = new();

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        rounds.Begin();
        try
        {
            return await LookAsync(key, ct);
        }
        finally
        {
            rounds.End();
        }
    }

    private async Task<ReconcileResult> LookAsync(ObjectKey key, CancellationToken ct)
    {
        if (nodes.Find(key) is not { } node)
        {
            _pace.Forget(key.Name);
            return ReconcileResult.Done;
        }

        node = await LabelAsync(node, ct);
        var start = time.GetTimestamp();
        var left = UntilSilent(node);
        if (left <= TimeSpan.Zero)
        {
            node = await MarkSilentAsync(node, ct);
        }

        options.Metrics.Nodes.Looked(time.GetElapsedTime(start));
        if (!NodeHealthPlan.IsReady(node))
        {
            await MarkPodsAsync(node, ct);
        }

        var turn = await TaintAsync(node, ct);
        return left > TimeSpan.Zero && (turn is null || left < turn) ? ReconcileResult.RequeueAfter(left) : ReconcileResult.RequeueAfter(turn);
    }

    private async Task<Node> LabelAsync(Node node, CancellationToken ct)
    {
        var labels = NodeLabelPlan.Compute(node.Metadata.Labels);
        return !ReferenceEquals(labels, node.Metadata.Labels) && Patch.Between(node, node with { Metadata = node.Metadata with { Labels = labels } }) is { } patch
            ? await client.PatchAsync<Node>("", node.Metadata.Name, patch, null, ct)
            : node;
    }

    private TimeSpan UntilSilent(Node node)
    {
        var isKnown = NodeHealthPlan.Condition(node, NodeConditionType.Ready) is not null;
        var since = heartbeats.Of(node.Metadata.Name) ?? node.Metadata.CreationTimestamp ?? time.GetUtcNow();
        return since + (isKnown ? options.NodeMonitorGracePeriod : options.NodeStartupGracePeriod) - time.GetUtcNow();
    }

    private async Task<Node> MarkSilentAsync(Node node, CancellationToken ct)
    {
        var status = NodeHealthPlan.Silent(node, time.GetUtcNow());
        if (ReferenceEquals(status, node.Status))
        {
            return node;
        }

        var wasReady = NodeHealthPlan.IsReady(node);
        node = await client.UpdateStatusAsync(node with { Status = status }, ct);
        if (wasReady)
        {
            events.Normal(node, "NodeNotReady", $"Node {node.Metadata.Name} status is now: NodeNotReady");
        }

        return node;
    }

    /// <summary>Pods of a node that is not ready are not ready either, so that no traffic goes there.</summary>
    private async Task MarkPodsAsync(Node node, CancellationToken ct)
    {
        foreach (var pod in _byNode[node.Metadata.Name])
        {
            if (pod.IsReady() && Patch.Between(pod, NotReady(pod)) is { } patch)
            {
                try
                {
                    await client.PatchAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name, patch, "status", ct);
                    events.Warning(pod, "NodeNotReady", "Node is not ready");
                }
                catch (ApiException e) when (e.IsNotFound)
                {
                    // Gone meanwhile.
                }
            }
        }
    }

    private Pod NotReady(Pod pod) => pod with
    {
        Status = pod.Status with
        {
            Conditions = [.. pod.Status.Conditions.Select(c => c.Type == PodConditionType.Ready ? c with { Status = "False", LastTransitionTime = time.GetUtcNow() } : c)],
        },
    };

    /// <summary>Writes the taints; how long until it is the node's turn to be driven empty, null when it waits for none.</summary>
    private async Task<TimeSpan?> TaintAsync(Node node, CancellationToken ct)
    {
        // The cache may still show this node as it was before we wrote its silence.
        List<Node> all = [.. nodes.List().Where(n => n.Metadata.Name != node.Metadata.Name), node];
        var (eviction, turn) = EvictionOf(node, DisruptionPlan.RateOf(node, all, options));
        var taints = NodeTaintPlan.Compute(node, eviction, time.GetUtcNow());
        if (ReferenceEquals(taints, node.Spec.Taints))
        {
            return turn;
        }

        // The list goes whole, so the revision must be ours: a taint that someone set meanwhile would be lost otherwise.
        var patch = Patch.Between(node, node with { Spec = node.Spec with { Taints = taints } });
        if (patch is not null)
        {
            await client.PatchAsync<Node>("", node.Metadata.Name, patch.WithRevision(node.Metadata.ResourceVersion), null, ct);
        }

        return turn;
    }

    /// <summary>A node that was driven empty stays so; another one waits for its turn.</summary>
    private (Eviction Eviction, TimeSpan? Turn) EvictionOf(Node node, double? rate)
    {
        if (rate is null or 0 || !NodeTaintPlan.IsDown(node) || NodeTaintPlan.DrivesOff(node))
        {
            _pace.Forget(node.Metadata.Name);
            return (rate is null ? Eviction.Ends : rate == 0 ? Eviction.Waits : Eviction.Begins, null);
        }

        var wait = _pace.Wait(NodeZone.Of(node), node.Metadata.Name, rate.Value, time.GetUtcNow());
        return wait > TimeSpan.Zero ? (Eviction.Waits, wait) : (Eviction.Begins, null);
    }
}
