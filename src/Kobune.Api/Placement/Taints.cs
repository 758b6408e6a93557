using Kobune.Api.Core.V1;

namespace Kobune.Api.Placement;

/// <summary>Which tolerations tolerate which taints. Source: k8s.io/component-helpers, scheduling/corev1.</summary>
public static class Taints
{
    /// <summary>The key of the taint that cordoning means.</summary>
    public const string Unschedulable = "node.kubernetes.io/unschedulable";

    /// <summary>Whether a taint that keeps pods away (NoSchedule, NoExecute) is not tolerated.</summary>
    public static bool HasUntolerated(IReadOnlyList<Taint> taints, IReadOnlyList<Toleration> tolerations)
    {
        foreach (var taint in taints)
        {
            if (taint.Effect is TaintEffect.NoSchedule or TaintEffect.NoExecute && !IsTolerated(taint, tolerations))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether one of the tolerations tolerates the taint.</summary>
    public static bool IsTolerated(Taint taint, IReadOnlyList<Toleration> tolerations)
    {
        foreach (var toleration in tolerations)
        {
            if (Tolerates(toleration, taint))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>An empty effect tolerates all effects, an empty key (with Exists) all keys, an empty operator means Equal.</summary>
    public static bool Tolerates(Toleration toleration, Taint taint)
    {
        if (toleration.Effect.Length > 0 && toleration.Effect != taint.Effect)
        {
            return false;
        }

        if (toleration.Key.Length > 0 && toleration.Key != taint.Key)
        {
            return false;
        }

        return toleration.Operator switch
        {
            "" or TolerationOperator.Equal => toleration.Value == taint.Value,
            TolerationOperator.Exists => true,
            _ => false, // Lt and Gt belong to a feature that is off by default
        };
    }
}
