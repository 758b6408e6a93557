using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Selectors;
using Kobune.Client.Informers;

namespace Kobune.Scheduler.Spreading;

/// <summary>The constraints of pods that have none of their own: softly apart by host and zone, with the pods of the same Services and controller.</summary>
internal static class SpreadDefaults
{
    public static IReadOnlyList<TopologySpreadConstraint> System { get; } =
    [
        new() { TopologyKey = SpreadConstraint.Hostname, WhenUnsatisfiable = UnsatisfiableConstraintAction.ScheduleAnyway, MaxSkew = 3 },
        new() { TopologyKey = "topology.kubernetes.io/zone", WhenUnsatisfiable = UnsatisfiableConstraintAction.ScheduleAnyway, MaxSkew = 5 },
    ];

    /// <summary>
    /// What the Services that select the pod and its controller select; everything when there is neither. Source: pkg/scheduler/framework/
    /// plugins/helper, DefaultSelector.
    /// </summary>
    public static Selector SelectorFor(Pod pod, ClusterView cluster)
    {
        var (ns, labels) = (pod.Metadata.Namespace, new Dictionary<string, string>(StringComparer.Ordinal));
        foreach (var service in cluster.Services.List(ns))
        {
            if (service.Spec.Selector.Count > 0 && Selector.FromMap(service.Spec.Selector).Matches(pod.Metadata.Labels))
            {
                Merge(labels, service.Spec.Selector);
            }
        }

        LabelSelector? more = null;
        switch (pod.ControllerRef())
        {
            case { Kind: "ReplicationController", APIVersion: "v1" } owner:
                Merge(labels, cluster.ReplicationControllers.Find(ns, owner.Name)?.Spec.Selector);
                break;
            case { Kind: "ReplicaSet", APIVersion: "apps/v1" } owner:
                more = cluster.ReplicaSets.Find(ns, owner.Name)?.Spec.Selector;
                break;
            case { Kind: "StatefulSet", APIVersion: "apps/v1" } owner:
                more = cluster.StatefulSets.Find(ns, owner.Name)?.Spec.Selector;
                break;
        }

        var selector = Selector.FromMap(labels);
        return more is null ? selector : Selector.Of([.. selector.Requirements, .. InterPod.LabelKeys.Compile(more).Requirements]);
    }

    private static void Merge(Dictionary<string, string> labels, IReadOnlyDictionary<string, string>? others)
    {
        foreach (var (key, value) in others ?? new Dictionary<string, string>())
        {
            labels[key] = value;
        }
    }
}
