using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Placement;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.DaemonSets;

/// <summary>The pods of a daemon set. Source: pkg/controller/daemon/util/daemonset_util.go.</summary>
internal static class DaemonPods
{
    public const string HashLabel = "controller-revision-hash";
    public const string GenerationLabel = "pod-template-generation";
    public const string GenerationAnnotation = "deprecated.daemonset.template.generation";

    private static readonly Toleration[] Always =
    [
        Tolerate("node.kubernetes.io/not-ready", TaintEffect.NoExecute),
        Tolerate("node.kubernetes.io/unreachable", TaintEffect.NoExecute),
        Tolerate("node.kubernetes.io/disk-pressure", TaintEffect.NoSchedule),
        Tolerate("node.kubernetes.io/memory-pressure", TaintEffect.NoSchedule),
        Tolerate("node.kubernetes.io/pid-pressure", TaintEffect.NoSchedule),
        Tolerate(Taints.Unschedulable, TaintEffect.NoSchedule),
    ];

    private static readonly Toleration NetworkUnavailable = Tolerate("node.kubernetes.io/network-unavailable", TaintEffect.NoSchedule);

    /// <summary>A pod for one node, which the scheduler binds.</summary>
    /// <param name="hash">The label of its revision.</param>
    public static Pod Make(DaemonSet set, string node, string hash)
    {
        var pod = PodFromTemplate.Make(set.Spec.Template, set);
        var labels = new Dictionary<string, string>(pod.Metadata.Labels) { [HashLabel] = hash };
        if (Generation(set) is { } generation)
        {
            labels[GenerationLabel] = generation;
        }

        var spec = pod.Spec with { Tolerations = Tolerations(pod.Spec), Affinity = WithNode(pod.Spec.Affinity, node) };
        return pod with { Metadata = pod.Metadata with { Labels = labels }, Spec = spec };
    }

    /// <summary>The template's tolerations and those that every daemon has.</summary>
    public static IReadOnlyList<Toleration> Tolerations(PodSpec spec)
    {
        var all = spec.Tolerations.ToList();
        foreach (var toleration in spec.HostNetwork ? [.. Always, NetworkUnavailable] : Always)
        {
            var at = all.FindIndex(t => (t.Key, t.Effect, t.Operator, t.Value) == (toleration.Key, toleration.Effect, toleration.Operator, toleration.Value));
            if (at < 0)
            {
                all.Add(toleration);
            }
            else
            {
                all[at] = toleration;
            }
        }

        return all;
    }

    /// <summary>The node for which a pod is, bound or not; null when nothing says so.</summary>
    public static string? TargetNode(Pod pod)
    {
        if (pod.Spec.NodeName.Length > 0)
        {
            return pod.Spec.NodeName;
        }

        return (NodeSelectors.Required(pod)?.NodeSelectorTerms ?? [])
            .SelectMany(t => t.MatchFields)
            .Where(f => f.Key == NodeSelectors.NameField && f.Operator == NodeSelectorOperator.In && f.Values.Count == 1)
            .Select(f => f.Values[0])
            .FirstOrDefault();
    }

    /// <summary>Whether a pod has the label of the newest revision.</summary>
    public static bool HasHash(Pod pod, string hash) => pod.Metadata.Labels.GetValueOrDefault(HashLabel) == hash;

    /// <summary>Whether a pod is of the newest template: by its revision, or by the template's generation, which is all that pods of old clusters have.</summary>
    public static bool IsUpdated(DaemonSet set, Pod pod, string hash) =>
        (hash.Length > 0 && HasHash(pod, hash))
        || (Generation(set) is { } generation && pod.Metadata.Labels.GetValueOrDefault(GenerationLabel) == generation);

    /// <summary>The order in which pods of one node count: bound ones, then older ones.</summary>
    public static List<Pod> Sorted(IEnumerable<Pod> pods) =>
        [.. pods.OrderBy(p => p.Spec.NodeName.Length == 0).ThenBy(p => p.Metadata.CreationTimestamp).ThenBy(p => p.Metadata.Name, StringComparer.Ordinal)];

    private static string? Generation(DaemonSet set) =>
        set.Metadata.Annotations.TryGetValue(GenerationAnnotation, out var generation) && long.TryParse(generation, out _) ? generation : null;

    // What the template requires was asked when the node was chosen; what it prefers stays.
    private static Affinity WithNode(Affinity? affinity, string node)
    {
        var name = new NodeSelectorRequirement { Key = NodeSelectors.NameField, Operator = NodeSelectorOperator.In, Values = [node] };
        var required = new NodeSelector { NodeSelectorTerms = [new NodeSelectorTerm { MatchFields = [name] }] };
        return (affinity ?? new()) with { NodeAffinity = (affinity?.NodeAffinity ?? new()) with { RequiredDuringSchedulingIgnoredDuringExecution = required } };
    }

    private static Toleration Tolerate(string key, string effect) => new() { Key = key, Operator = TolerationOperator.Exists, Effect = effect };
}
