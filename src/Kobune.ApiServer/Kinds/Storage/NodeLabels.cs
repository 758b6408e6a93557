using Kobune.Api.Core.V1;

namespace Kobune.ApiServer.Kinds.Storage;

/// <summary>Labels of nodes that have a newer name: a volume may change to it (upstream's validatePvNodeAffinity).</summary>
internal static class NodeLabels
{
    private static readonly Dictionary<string, string> Newer = new(StringComparer.Ordinal)
    {
        ["beta.kubernetes.io/arch"] = "kubernetes.io/arch",
        ["beta.kubernetes.io/os"] = "kubernetes.io/os",
        ["failure-domain.beta.kubernetes.io/region"] = "topology.kubernetes.io/region",
        ["failure-domain.beta.kubernetes.io/zone"] = "topology.kubernetes.io/zone",
        ["beta.kubernetes.io/instance-type"] = "node.kubernetes.io/instance-type",
    };

    public static bool IsSame(VolumeNodeAffinity? now, VolumeNodeAffinity before)
    {
        var (wanted, had) = (now?.Required?.NodeSelectorTerms, before.Required?.NodeSelectorTerms);
        if (wanted is null || had is null || wanted.Count != had.Count)
        {
            return now == before;
        }

        for (var i = 0; i < wanted.Count; i++)
        {
            var (terms, old) = (wanted[i].MatchExpressions, had[i].MatchExpressions);
            if (wanted[i].MatchFields != had[i].MatchFields && !wanted[i].MatchFields.SequenceEqual(had[i].MatchFields)
                || terms.Count != old.Count
                || terms.Where((term, j) => term != old[j] && term != old[j] with { Key = Newer.GetValueOrDefault(old[j].Key, old[j].Key) }).Any())
            {
                return false;
            }
        }

        return true;
    }
}
