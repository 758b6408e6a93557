using Kobune.Api.Core.V1;

namespace Kobune.Scheduler.InterPod;

/// <summary>All affinity and anti-affinity of a pod towards other pods.</summary>
internal sealed record PodAffinityTerms(
    IReadOnlyList<AffinityTerm> Required,
    IReadOnlyList<AffinityTerm> RequiredAnti,
    IReadOnlyList<AffinityTerm> Preferred,
    IReadOnlyList<AffinityTerm> PreferredAnti)
{
    public static PodAffinityTerms None { get; } = new([], [], [], []);

    public bool HasPreferences => Preferred.Count > 0 || PreferredAnti.Count > 0;

    /// <summary>Null for the pods that have none, which is most.</summary>
    public static PodAffinityTerms? Of(Pod pod)
    {
        if (pod.Spec.Affinity is not { } affinity || (affinity.PodAffinity is null && affinity.PodAntiAffinity is null))
        {
            return null;
        }

        var (with, without) = (affinity.PodAffinity ?? PodAffinity.Empty, affinity.PodAntiAffinity ?? PodAntiAffinity.Empty);
        return new(
            [.. with.RequiredDuringSchedulingIgnoredDuringExecution.Select(t => AffinityTerm.Of(pod, t))],
            [.. without.RequiredDuringSchedulingIgnoredDuringExecution.Select(t => AffinityTerm.Of(pod, t))],
            [.. with.PreferredDuringSchedulingIgnoredDuringExecution.Select(t => AffinityTerm.Of(pod, t.PodAffinityTerm, t.Weight))],
            [.. without.PreferredDuringSchedulingIgnoredDuringExecution.Select(t => AffinityTerm.Of(pod, t.PodAffinityTerm, t.Weight))]);
    }

    /// <summary>The same with selected namespaces named.</summary>
    public PodAffinityTerms Resolve(IReadOnlyList<Namespace> namespaces)
    {
        return new(All(Required), All(RequiredAnti), All(Preferred), All(PreferredAnti));

        IReadOnlyList<AffinityTerm> All(IReadOnlyList<AffinityTerm> terms) => terms.Count == 0 ? terms : [.. terms.Select(t => t.Resolve(namespaces))];
    }
}
