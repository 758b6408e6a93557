using System.Globalization;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;

namespace Kobune.ControllerManager.Pods;

/// <summary>
/// Which pods go first when a set shrinks: those whose loss costs least. Source: pkg/controller/controller_utils.go, ActivePodsWithRanks.
/// </summary>
internal static class PodDeletionRanking
{
    private const string DeletionCost = "controller.kubernetes.io/pod-deletion-cost";

    /// <summary>The pods to delete.</summary>
    /// <param name="pods">Active pods of the set.</param>
    /// <param name="related">Active pods that count for crowding: of all sets with the same controller.</param>
    public static IReadOnlyList<Pod> Choose(IReadOnlyList<Pod> pods, IReadOnlyList<Pod> related, int count, FeatureGates features, DateTimeOffset now)
    {
        if (count >= pods.Count)
        {
            return pods; // all go, so their order does not matter
        }

        var crowd = related.Where(p => p.Spec.NodeName.Length > 0).CountBy(p => p.Spec.NodeName).ToDictionary();
        var ranked = pods.Select(p => (Pod: p, Rank: crowd.GetValueOrDefault(p.Spec.NodeName))).ToList();
        var rules = new Rules(features.IsEnabled("PodDeletionCost"), features.IsEnabled("LogarithmicScaleDown"), now);
        ranked.Sort((a, b) => Compare(a, b, rules));
        return [.. ranked.Take(count).Select(r => r.Pod)];
    }

    /// <summary>The pods of a Job to delete: neither costs nor crowding count. Source: ActivePods.</summary>
    public static IReadOnlyList<Pod> Choose(IReadOnlyList<Pod> pods, int count)
    {
        var ranked = pods.Select(p => (Pod: p, Rank: 0)).ToList();
        ranked.Sort((a, b) => Compare(a, b, default));
        return [.. ranked.Take(count).Select(r => r.Pod)];
    }

    private static int Compare((Pod Pod, int Rank) a, (Pod Pod, int Rank) b, Rules rules)
    {
        var (x, y) = (a.Pod, b.Pod);
        return First(
            (x.Spec.NodeName.Length > 0).CompareTo(y.Spec.NodeName.Length > 0),
            Phase(x).CompareTo(Phase(y)),
            x.IsReady().CompareTo(y.IsReady()),
            rules.Costs ? Cost(x).CompareTo(Cost(y)) : 0,
            b.Rank.CompareTo(a.Rank),
            x.IsReady() && y.IsReady() ? ByAge(ReadySince(x), ReadySince(y), x, y, rules) : 0,
            Restarts(y).CompareTo(Restarts(x)),
            SidecarRestarts(y).CompareTo(SidecarRestarts(x)),
            ByAge(x.Metadata.CreationTimestamp, y.Metadata.CreationTimestamp, x, y, rules));
    }

    private static int First(params ReadOnlySpan<int> orders)
    {
        foreach (var order in orders)
        {
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    private static int Phase(Pod pod) => pod.Status.Phase switch { PodPhase.Pending or "" => 0, PodPhase.Unknown => 1, _ => 2 };

    private static int Cost(Pod pod) =>
        pod.Metadata.Annotations.TryGetValue(DeletionCost, out var text) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var cost) ? cost : 0;

    private static DateTimeOffset? ReadySince(Pod pod) => pod.Condition(PodConditionType.Ready)?.LastTransitionTime;

    private static int Restarts(Pod pod) => pod.Status.ContainerStatuses.Select(c => c.RestartCount).DefaultIfEmpty().Max();

    private static int SidecarRestarts(Pod pod) => pod.SidecarStatuses().Select(c => c.RestartCount).DefaultIfEmpty().Max();

    /// <summary>Younger ones first; with LogarithmicScaleDown, ages of the same power of two count as equal, so that the choice is spread, and then the UID decides.</summary>
    private static int ByAge(DateTimeOffset? a, DateTimeOffset? b, Pod x, Pod y, Rules rules)
    {
        if (a == b)
        {
            return 0;
        }

        if (a is null || b is null)
        {
            return a is null ? -1 : 1; // without a time it is the youngest
        }

        if (!rules.ByMagnitude)
        {
            return b.Value.CompareTo(a.Value);
        }

        var order = Magnitude(rules.Now - a.Value).CompareTo(Magnitude(rules.Now - b.Value));
        return order != 0 ? order : string.CompareOrdinal(x.Metadata.Uid, y.Metadata.Uid);
    }

    private readonly record struct Rules(bool Costs, bool ByMagnitude, DateTimeOffset Now);

    private static long Magnitude(TimeSpan age) => age > TimeSpan.Zero ? (long)Math.Log2(age.Ticks * 100d) : -1;
}
