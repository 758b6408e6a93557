using Kobune.Api.Core.V1;

namespace Kobune.ControllerManager.NodeLifecycle;

/// <summary>What silence makes of a node's conditions. Source: pkg/controller/nodelifecycle, tryUpdateNodeHealth.</summary>
internal static class NodeHealthPlan
{
    private static readonly string[] Observed = [NodeConditionType.Ready, NodeConditionType.MemoryPressure, NodeConditionType.DiskPressure, NodeConditionType.PIDPressure];

    /// <summary>The status of a node that was silent for too long; the same instance when it says so already.</summary>
    public static NodeStatus Silent(Node node, DateTimeOffset now)
    {
        var conditions = node.Status.Conditions.ToList();
        var changed = false;
        foreach (var type in Observed)
        {
            var index = conditions.FindIndex(c => c.Type == type);
            if (index < 0)
            {
                conditions.Add(new NodeCondition
                {
                    Type = type,
                    Status = "Unknown",
                    Reason = "NodeStatusNeverUpdated",
                    Message = "Kubelet never posted node status.",
                    LastHeartbeatTime = node.Metadata.CreationTimestamp,
                    LastTransitionTime = now,
                });
                changed = true;
            }
            else if (conditions[index].Status != "Unknown")
            {
                conditions[index] = conditions[index] with { Status = "Unknown", Reason = "NodeStatusUnknown", Message = "Kubelet stopped posting node status.", LastTransitionTime = now };
                changed = true;
            }
        }

        return changed ? node.Status with { Conditions = conditions } : node.Status;
    }

    public static NodeCondition? Condition(Node node, string type) => node.Status.Conditions.FirstOrDefault(c => c.Type == type);

    public static bool IsReady(Node node) => Condition(node, NodeConditionType.Ready)?.Status == "True";
}
