using Kobune.Api.Rbac.V1;
using Kobune.Api.Selectors;

namespace Kobune.ControllerManager.ClusterRoleAggregation;

/// <summary>The rules of an aggregated role. Source: pkg/controller/clusterroleaggregation.</summary>
internal static class ClusterRoleAggregationPlan
{
    /// <summary>The rules of all roles that one of its selectors matches, by name, each once; null when the role does not aggregate.</summary>
    public static IReadOnlyList<PolicyRule>? Compute(ClusterRole role, IReadOnlyList<ClusterRole> all)
    {
        if (role.AggregationRule is not { } aggregation)
        {
            return null;
        }

        var rules = new List<PolicyRule>();
        foreach (var selector in aggregation.ClusterRoleSelectors.Select(Selector.From))
        {
            foreach (var source in all.Where(r => r.Metadata.Name != role.Metadata.Name && selector.Matches(r.Metadata.Labels)).OrderBy(r => r.Metadata.Name, StringComparer.Ordinal))
            {
                rules.AddRange(source.Rules.Where(rule => !rules.Contains(rule)));
            }
        }

        return rules;
    }
}
