using Kobune.Api.Core.V1;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Quotas;

/// <summary>Whether a quota with scopes is about a pod. Other kinds have no scopes: a quota with some never counts them.</summary>
internal static class QuotaScopes
{
    public static bool Matches(ResourceQuota quota, Pod? pod)
    {
        IReadOnlyList<ScopedResourceSelectorRequirement> all =
        [
            .. quota.Spec.Scopes.Select(s => new ScopedResourceSelectorRequirement { ScopeName = s, Operator = "Exists" }),
            .. quota.Spec.ScopeSelector?.MatchExpressions ?? [],
        ];
        return all.Count == 0 || (pod is not null && all.All(requirement => Matches(requirement, pod)));
    }

    private static bool Matches(ScopedResourceSelectorRequirement requirement, Pod pod) => requirement.ScopeName switch
    {
        "Terminating" => pod.Spec.ActiveDeadlineSeconds >= 0,
        "NotTerminating" => pod.Spec.ActiveDeadlineSeconds is null,
        "BestEffort" => PodQos.Of(pod.Spec) == "BestEffort",
        "NotBestEffort" => PodQos.Of(pod.Spec) != "BestEffort",
        "PriorityClass" => requirement.Operator switch
        {
            "Exists" => pod.Spec.PriorityClassName.Length > 0,
            "DoesNotExist" => pod.Spec.PriorityClassName.Length == 0,
            "In" => requirement.Values.Contains(pod.Spec.PriorityClassName),
            "NotIn" => !requirement.Values.Contains(pod.Spec.PriorityClassName),
            _ => false,
        },
        "CrossNamespacePodAffinity" => UsesOtherNamespaces(pod.Spec.Affinity),
        _ => false,
    };

    private static bool UsesOtherNamespaces(Affinity? affinity)
    {
        IEnumerable<PodAffinityTerm> terms =
        [
            .. affinity?.PodAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? [],
            .. affinity?.PodAffinity?.PreferredDuringSchedulingIgnoredDuringExecution.Select(p => p.PodAffinityTerm) ?? [],
            .. affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? [],
            .. affinity?.PodAntiAffinity?.PreferredDuringSchedulingIgnoredDuringExecution.Select(p => p.PodAffinityTerm) ?? [],
        ];
        return terms.Any(t => t.Namespaces.Count > 0 || t.NamespaceSelector is not null);
    }
}
