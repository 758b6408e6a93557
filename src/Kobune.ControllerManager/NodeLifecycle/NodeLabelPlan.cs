namespace Kobune.ControllerManager.NodeLifecycle;

/// <summary>The old labels of a node's system and architecture follow the new ones. Source: pkg/controller/nodelifecycle, reconcileNodeLabels.</summary>
internal static class NodeLabelPlan
{
    private static readonly (string Old, string New)[] Pairs = [("beta.kubernetes.io/os", "kubernetes.io/os"), ("beta.kubernetes.io/arch", "kubernetes.io/arch")];

    /// <summary>The labels as they should be; the same instance when they are.</summary>
    public static IReadOnlyDictionary<string, string> Compute(IReadOnlyDictionary<string, string> labels)
    {
        Dictionary<string, string>? changed = null;
        foreach (var (old, now) in Pairs)
        {
            if (labels.TryGetValue(now, out var value) && labels.GetValueOrDefault(old) != value)
            {
                (changed ??= labels.ToDictionary())[old] = value;
            }
        }

        return changed ?? labels;
    }
}
