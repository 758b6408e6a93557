using System.Globalization;
using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.StatefulSets;

/// <summary>The claims of a set's pods, and who owns them by the retention policy. Source: pkg/controller/statefulset/stateful_set_utils.go.</summary>
internal static class StatefulClaims
{
    public static string Name(StatefulSet set, PersistentVolumeClaim template, int ordinal) =>
        string.Create(CultureInfo.InvariantCulture, $"{template.Metadata.Name}-{set.Metadata.Name}-{ordinal}");

    /// <summary>The names of a pod's claims.</summary>
    public static IEnumerable<string> Names(StatefulSet set, Pod pod) => set.Spec.VolumeClaimTemplates.Select(t => Name(set, t, StatefulPods.Ordinal(pod)));

    /// <summary>The claims of a pod as they are created: the template with the set's labels.</summary>
    public static IEnumerable<PersistentVolumeClaim> Make(StatefulSet set, Pod pod)
    {
        foreach (var template in set.Spec.VolumeClaimTemplates)
        {
            var labels = new Dictionary<string, string>(template.Metadata.Labels);
            foreach (var (key, value) in set.Spec.Selector?.MatchLabels ?? LabelSelector.Empty.MatchLabels)
            {
                labels[key] = value;
            }

            var metadata = template.Metadata with { Name = Name(set, template, StatefulPods.Ordinal(pod)), Namespace = set.Metadata.Namespace, Labels = labels };
            yield return WithOwners(template with { Metadata = metadata }, set, pod);
        }
    }

    /// <summary>Whether a claim still belongs to an earlier pod of this name, with which it will go: a new pod must wait for that.</summary>
    public static bool IsStale(PersistentVolumeClaim claim, StatefulSet set, Pod pod) => Deletes(set, p => p.WhenScaled) && claim.Metadata.OwnerReferences.Any(o => IsEarlier(o, pod));

    /// <summary>Whether a claim has another controller, for which the retention policy does not count.</summary>
    public static bool HasOtherController(PersistentVolumeClaim claim, StatefulSet set, Pod pod) =>
        claim.Metadata.OwnerReferences.Any(o => o.Controller == true && !Means(o, set) && !Means(o, pod));

    /// <summary>Whether a claim has the owners that the policy wants.</summary>
    public static bool AreOwnersRight(PersistentVolumeClaim claim, StatefulSet set, Pod pod)
    {
        var owners = claim.Metadata.OwnerReferences;
        if (owners.Any(o => IsEarlier(o, set) || IsEarlier(o, pod)))
        {
            return false;
        }

        var (bySet, byPod) = (owners.Any(o => o.Uid == set.Metadata.Uid), owners.Any(o => o.Uid == pod.Metadata.Uid));
        if (HasOtherController(claim, set, pod))
        {
            return !bySet && !byPod;
        }

        return !owners.Any(o => o.Controller != true && (Means(o, set) || Means(o, pod))) && (bySet, byPod) == Wanted(set, pod);
    }

    /// <summary>The claim with the owners that the policy wants; other owners stay.</summary>
    public static PersistentVolumeClaim WithOwners(PersistentVolumeClaim claim, StatefulSet set, Pod pod)
    {
        List<OwnerReference> owners = [.. claim.Metadata.OwnerReferences.Where(o => !Means(o, set) && !Means(o, pod))];
        if (!HasOtherController(claim, set, pod))
        {
            var (bySet, byPod) = Wanted(set, pod);
            if (byPod)
            {
                owners.Add(PodFromTemplate.ControllerReference(pod));
            }

            if (bySet)
            {
                owners.Add(PodFromTemplate.ControllerReference(set));
            }
        }

        return claim with { Metadata = claim.Metadata with { OwnerReferences = owners } };
    }

    /// <summary>A pod that goes by scaling takes its claims along where that is wanted, and else the set does when it goes.</summary>
    private static (bool Set, bool Pod) Wanted(StatefulSet set, Pod pod)
    {
        var byPod = Deletes(set, p => p.WhenScaled) && !StatefulPods.IsInRange(set, pod);
        return (Deletes(set, p => p.WhenDeleted) && !byPod, byPod);
    }

    private static bool Deletes(StatefulSet set, Func<StatefulSetPersistentVolumeClaimRetentionPolicy, string> when) =>
        set.Spec.PersistentVolumeClaimRetentionPolicy is { } policy && when(policy) == PersistentVolumeClaimRetentionPolicyType.Delete;

    private static bool Means(OwnerReference owner, IKubernetesObject obj) => owner.Kind == obj.Kind && owner.Name == obj.Metadata.Name && owner.APIVersion == obj.ApiVersion;

    private static bool IsEarlier(OwnerReference owner, IKubernetesObject obj) => Means(owner, obj) && owner.Uid != obj.Metadata.Uid;
}
