using Kobune.Api.Core.V1;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>What tolerations contain each other. Source: pkg/util/tolerations.</summary>
internal static class TolerationSets
{
    /// <summary>Both lists, without what others of them contain; of equal ones the first stays.</summary>
    public static IReadOnlyList<Toleration> Merge(IEnumerable<Toleration> one, IEnumerable<Toleration> other)
    {
        Toleration[] all = [.. one, .. other];
        var merged = new List<Toleration>();
        for (var i = 0; i < all.Length; i++)
        {
            var toleration = all[i];
            if (!merged.Any(m => Contains(m, toleration)) && !all.Skip(i + 1).Any(a => !a.Equals(toleration) && Contains(a, toleration)))
            {
                merged.Add(toleration);
            }
        }

        return merged;
    }

    /// <summary>Whether each is contained in one that is allowed; nothing allowed allows everything.</summary>
    public static bool AreWithin(IEnumerable<Toleration> tolerations, IReadOnlyList<Toleration> allowed) =>
        allowed.Count == 0 || tolerations.All(t => allowed.Any(a => Contains(a, t)));

    private static bool Contains(Toleration large, Toleration small)
    {
        if (large.Equals(small))
        {
            return true;
        }

        var anyKey = large.Key.Length == 0 && large.Operator == "Exists";
        if ((large.Key != small.Key && !anyKey) || (large.Effect != small.Effect && large.Effect.Length > 0))
        {
            return false;
        }

        if (large.Effect == "NoExecute" && large.TolerationSeconds is { } limit && !(small.TolerationSeconds <= limit))
        {
            return false;
        }

        return large.Operator == "Exists" || (large.Operator is "Equal" or "" && small.Operator == "Equal" && large.Value == small.Value);
    }
}
