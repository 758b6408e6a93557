using Kobune.Api.Core.V1;

namespace Kobune.Api.Quotas;

/// <summary>Whether a quota with scopes is about a pod or claim. Other kinds have no scopes: a quota with some never counts them.</summary>
public static class QuotaScopes
{
    /// <summary>Whether the quota is about the object: a Pod, a PersistentVolumeClaim, or anything else.</summary>
    public static bool Matches(ResourceQuota quota, object? item)
    {
        ArgumentNullException.ThrowIfNull(quota);
        return Of(quota).All(requirement => Matches(requirement, item));
    }

    /// <summary>What a quota asks of the objects that it counts.</summary>
    public static IReadOnlyList<ScopedResourceSelectorRequirement> Of(ResourceQuota quota)
    {
        ArgumentNullException.ThrowIfNull(quota);
        return
        [
            .. quota.Spec.Scopes.Select(s => new ScopedResourceSelectorRequirement { ScopeName = s, Operator = "Exists" }),
            .. quota.Spec.ScopeSelector?.MatchExpressions ?? [],
        ];
    }

    /// <summary>Whether an object is in one scope; what is neither a Pod nor a PersistentVolumeClaim is in none.</summary>
    public static bool Matches(ScopedResourceSelectorRequirement requirement, object? item)
    {
        ArgumentNullException.ThrowIfNull(requirement);
        return item switch
        {
            Pod pod => Matches(requirement, pod),
            PersistentVolumeClaim claim => Matches(requirement, claim),
            _ => false,
        };
    }

    // A claim counts for each class that it has, had, or is being moved to.
    private static bool Matches(ScopedResourceSelectorRequirement requirement, PersistentVolumeClaim claim)
    {
        if (requirement.ScopeName != "VolumeAttributesClass")
        {
            return false;
        }

        string?[] classes = [claim.Spec.VolumeAttributesClassName, claim.Status.CurrentVolumeAttributesClassName, claim.Status.ModifyVolumeStatus?.TargetVolumeAttributesClassName];
        var names = classes.Where(c => !string.IsNullOrEmpty(c)).ToArray();
        return requirement.Operator switch
        {
            "Exists" => names.Length > 0,
            "DoesNotExist" => names.Length == 0,
            "In" => names.Any(n => requirement.Values.Contains(n!)),
            "NotIn" => names.Length == 0 || names.Any(n => !requirement.Values.Contains(n!)),
            _ => false,
        };
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
