using System.Globalization;
using Kobune.Api.Core.V1;

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
    public static IReadOnlyList<Pod> Choose(IReadOnlyList<Pod> pods, IReadOnlyList<Pod> related, int count, DateTimeOffset now)
    {
        if (count >= pods.Count)
        {
            return pods; // all go, so their order does not matter
        }

        var crowd = related.Where(p => p.Spec.NodeName.Length > 0).CountBy(p => p.Spec.NodeName).ToDictionary();
        var ranked = pods.Select(p => (Pod: p, Rank: crowd.GetValueOrDefault(p.Spec.NodeName))).ToList();
        ranked.Sort((a, b) => Compare(a, b, now));
        return [.. ranked.Take(count).Select(r => r.Pod)];
    }

    private static int Compare((Pod Pod, int Rank) a, (Pod Pod, int Rank) b, DateTimeOffset now)
    {
        var (x, y) = (a.Pod, b.Pod);
        return First(
            (x.Spec.NodeName.Length > 0).CompareTo(y.Spec.NodeName.Length > 0),
            Phase(x).CompareTo(Phase(y)),
            x.IsReady().CompareTo(y.IsReady()),
            Cost(x).CompareTo(Cost(y)),
            b.Rank.CompareTo(a.Rank),
            x.IsReady() && y.IsReady() ? ByAge(ReadySince(x), ReadySince(y), x, y, now) : 0,
            Restarts(y).CompareTo(Restarts(x)),
            ByAge(x.Metadata.CreationTimestamp, y.Metadata.CreationTimestamp, x, y, now));
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

    /// <summary>Younger ones first, but ages of the same power of two count as equal, so that the choice is spread; then the UID decides.</summary>
    private static int ByAge(DateTimeOffset? a, DateTimeOffset? b, Pod x, Pod y, DateTimeOffset now)
    {
        if (a == b)
        {
            return 0;
        }

        if (a is null || b is null)
        {
            return a is null ? -1 : 1; // without a time it is the youngest
        }

        var order = Magnitude(now - a.Value).CompareTo(Magnitude(now - b.Value));
        return order != 0 ? order : string.CompareOrdinal(x.Metadata.Uid, y.Metadata.Uid);
    }

    private static long Magnitude(TimeSpan age) => age > TimeSpan.Zero ? (long)Math.Log2(age.Ticks * 100d) : -1;
}
