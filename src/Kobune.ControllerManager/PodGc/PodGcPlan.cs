using Kobune.Api.Core.V1;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.PodGc;

/// <summary>A pod that goes, and why in the words of its DisruptionTarget condition; an empty text for none.</summary>
internal readonly record struct PodGcVictim(Pod Pod, string Message, string Reason)
{
    /// <summary>The pod as it is left: it must not look alive to those who watch, so it failed unless it has ended.</summary>
    public Pod Failed(DateTimeOffset now)
    {
        if (Pod.IsTerminal())
        {
            return Pod;
        }

        var failed = Pod with { Status = Pod.Status with { Phase = PodPhase.Failed, ObservedGeneration = Pod.Metadata.Generation } };
        return Message.Length > 0 ? PodDisruption.Mark(failed, "DeletionByPodGC", Message, now) : failed;
    }
}

/// <summary>Pods that nobody else will remove. Source: pkg/controller/podgc/gc_controller.go.</summary>
/// <param name="Victims">To delete now, without grace.</param>
/// <param name="LookAgain">When a quarantine ends; null for none.</param>
internal sealed record PodGcPlan(IReadOnlyList<PodGcVictim> Victims, TimeSpan? LookAgain)
{
    public const string OutOfService = "node.kubernetes.io/out-of-service";

    /// <param name="pods">All pods.</param>
    /// <param name="nodes">All nodes by name.</param>
    /// <param name="missingFor">How long a node has been missing; its pods are let alone for a while, for it may come back.</param>
    /// <param name="quarantine">That while.</param>
    /// <param name="threshold">Ended pods that may stay.</param>
    public static PodGcPlan Compute(IReadOnlyList<Pod> pods, IReadOnlyDictionary<string, Node> nodes, Func<string, TimeSpan> missingFor, TimeSpan quarantine, int threshold)
    {
        var victims = new List<PodGcVictim>();
        TimeSpan? again = null;
        foreach (var pod in pods)
        {
            if (pod.Spec.NodeName.Length == 0)
            {
                if (pod.IsDeleting())
                {
                    victims.Add(new(pod, "", "unscheduled")); // deleted before it was scheduled: no kubelet will end it
                }
            }
            else if (!nodes.TryGetValue(pod.Spec.NodeName, out var node))
            {
                var left = quarantine - missingFor(pod.Spec.NodeName);
                if (left <= TimeSpan.Zero)
                {
                    victims.Add(new(pod, "PodGC: node no longer exists", "orphaned"));
                }
                else
                {
                    again = again is null || left < again ? left : again;
                }
            }
            else if (pod.IsDeleting() && !NodeIsReady(node) && node.Spec.Taints.Any(t => t.Key == OutOfService))
            {
                victims.Add(new(pod, "", "out-of-service"));
            }
        }

        if (threshold > 0)
        {
            victims.AddRange(Surplus(pods, threshold));
        }

        return new([.. victims.DistinctBy(v => v.Pod.Metadata.Uid)], again);
    }

    /// <summary>Evicted pods first, then the oldest.</summary>
    private static IEnumerable<PodGcVictim> Surplus(IReadOnlyList<Pod> pods, int threshold)
    {
        var ended = pods.Where(p => p.IsTerminal()).ToList();
        return ended
            .OrderBy(p => p.Status.Reason == "Evicted" ? 0 : 1)
            .ThenBy(p => p.Metadata.CreationTimestamp)
            .ThenBy(p => p.Metadata.Name, StringComparer.Ordinal)
            .Take(Math.Max(0, ended.Count - threshold))
            .Select(p => new PodGcVictim(p, "", "terminated"));
    }

    private static bool NodeIsReady(Node node) => node.Status.Conditions.Any(c => c.Type == NodeConditionType.Ready && c.Status == "True");
}
