using Kobune.Api.Core.V1;

namespace Kobune.ControllerManager.NodeLifecycle;

/// <summary>The taints that follow from a node's conditions. Source: pkg/controller/nodelifecycle, node_lifecycle_controller.go.</summary>
internal static class NodeTaintPlan
{
    public const string NotReady = "node.kubernetes.io/not-ready";
    public const string Unreachable = "node.kubernetes.io/unreachable";
    private const string UnschedulableKey = "node.kubernetes.io/unschedulable";
    private static readonly (string Condition, string Status, string Key)[] ByCondition =
    [
        (NodeConditionType.Ready, "False", NotReady),
        (NodeConditionType.Ready, "Unknown", Unreachable),
        (NodeConditionType.MemoryPressure, "True", "node.kubernetes.io/memory-pressure"),
        (NodeConditionType.DiskPressure, "True", "node.kubernetes.io/disk-pressure"),
        (NodeConditionType.NetworkUnavailable, "True", "node.kubernetes.io/network-unavailable"),
        (NodeConditionType.PIDPressure, "True", "node.kubernetes.io/pid-pressure"),
    ];

    private static readonly HashSet<string> Managed = [.. ByCondition.Select(c => c.Key), UnschedulableKey];

    /// <summary>The node's taints as they should be; its own list when they are.</summary>
    /// <param name="eviction">Whether pods may be driven off.</param>
    public static IReadOnlyList<Taint> Compute(Node node, Eviction eviction, DateTimeOffset now)
    {
        var wanted = new List<Taint>();
        foreach (var (condition, status, key) in ByCondition)
        {
            if (NodeHealthPlan.Condition(node, condition)?.Status == status)
            {
                wanted.Add(new Taint { Key = key, Effect = TaintEffect.NoSchedule });
            }
        }

        if (node.Spec.Unschedulable)
        {
            wanted.Add(new Taint { Key = UnschedulableKey, Effect = TaintEffect.NoSchedule });
        }

        if (IsDown(node) && (eviction == Eviction.Begins || (eviction == Eviction.Waits && DrivesOff(node))))
        {
            var key = NodeHealthPlan.Condition(node, NodeConditionType.Ready)!.Status == "False" ? NotReady : Unreachable;
            wanted.Add(new Taint { Key = key, Effect = TaintEffect.NoExecute });
        }

        var kept = node.Spec.Taints.Where(t => !IsManaged(t) || wanted.Exists(w => Same(w, t))).ToList();
        var added = wanted.Where(w => !kept.Exists(t => Same(w, t))).Select(w => w with { TimeAdded = now }).ToList();
        return added.Count == 0 && kept.Count == node.Spec.Taints.Count ? node.Spec.Taints : [.. kept, .. added];
    }

    /// <summary>Whether a node says that it is not ready, or says nothing.</summary>
    public static bool IsDown(Node node) => NodeHealthPlan.Condition(node, NodeConditionType.Ready)?.Status is "False" or "Unknown";

    /// <summary>Whether pods are driven off a node because it is down.</summary>
    public static bool DrivesOff(Node node) => node.Spec.Taints.Any(t => t is { Effect: TaintEffect.NoExecute, Key: NotReady or Unreachable });

    private static bool IsManaged(Taint taint) => taint.Effect switch
    {
        TaintEffect.NoSchedule => Managed.Contains(taint.Key),
        TaintEffect.NoExecute => taint.Key is NotReady or Unreachable,
        _ => false,
    };

    private static bool Same(Taint a, Taint b) => a.Key == b.Key && a.Effect == b.Effect;
}

/// <summary>Whether pods are driven off a node that is down.</summary>
internal enum Eviction
{
    /// <summary>They are not, and no more where that had begun: everything is down at once.</summary>
    Ends,

    /// <summary>They are where that has begun.</summary>
    Waits,

    /// <summary>They are.</summary>
    Begins,
}
