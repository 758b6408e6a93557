using Kobune.Api.Core.V1;
using Kobune.Api.Selectors;

namespace Kobune.Scheduler.InterPod;

/// <summary>One term of a pod's affinity or anti-affinity, ready to be matched. Source: k8s.io/kube-scheduler, framework, AffinityTerm.</summary>
/// <param name="TopologyKey">The node label whose values are the domains.</param>
/// <param name="Selector">Which pods by label.</param>
/// <param name="Namespaces">Which pods by name of their namespace.</param>
/// <param name="NamespaceSelector">Or by the labels of their namespace.</param>
/// <param name="Weight">Of a preference, 1 to 100; 0 of a requirement.</param>
internal sealed record AffinityTerm(string TopologyKey, Selector Selector, IReadOnlySet<string> Namespaces, Selector? NamespaceSelector, int Weight)
{
    public static AffinityTerm Of(Pod owner, PodAffinityTerm term, int weight = 0)
    {
        IEnumerable<string> namespaces = term.Namespaces.Count == 0 && term.NamespaceSelector is null ? [owner.Metadata.Namespace] : term.Namespaces;
        var selector = LabelKeys.Narrow(LabelKeys.Compile(term.LabelSelector), owner, term.MatchLabelKeys, term.MismatchLabelKeys);
        var byLabels = term.NamespaceSelector is null ? null : LabelKeys.Compile(term.NamespaceSelector);
        return new(term.TopologyKey, selector, namespaces.ToHashSet(StringComparer.Ordinal), byLabels, weight);
    }

    /// <summary>Whether it speaks of a pod, whose namespace has these labels.</summary>
    public bool Matches(Pod pod, IReadOnlyDictionary<string, string> namespaceLabels) =>
        (Namespaces.Contains(pod.Metadata.Namespace) || NamespaceSelector?.Matches(namespaceLabels) == true) && Selector.Matches(pod.Metadata.Labels);

    /// <summary>Whether a resolved term speaks of a pod.</summary>
    public bool Matches(Pod pod) => Namespaces.Contains(pod.Metadata.Namespace) && Selector.Matches(pod.Metadata.Labels);

    /// <summary>The same with the selected namespaces named: many pods are matched against it in one cycle.</summary>
    public AffinityTerm Resolve(IReadOnlyList<Namespace> all) => NamespaceSelector is null ? this : this with
    {
        Namespaces = new HashSet<string>(Namespaces.Concat(all.Where(n => NamespaceSelector.Matches(n.Metadata.Labels)).Select(n => n.Metadata.Name)), StringComparer.Ordinal),
        NamespaceSelector = null,
    };
}
