using Kobune.Api.Core.V1;

namespace Kobune.Scheduler;

/// <summary>Settings of the scheduler; names and defaults are those of KubeSchedulerConfiguration.</summary>
public sealed record SchedulerOptions
{
    /// <summary>Pods with this spec.schedulerName are scheduled.</summary>
    public string SchedulerName { get; init; } = "default-scheduler";

    /// <summary>Back-off after the first failure; doubles with each one.</summary>
    public TimeSpan PodInitialBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest back-off.</summary>
    public TimeSpan PodMaxBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>An unschedulable pod is tried again after this time even when no change of the cluster seems to help it.</summary>
    public TimeSpan PodMaxInUnschedulablePodsDuration { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Share of the nodes that are looked for until enough fit; 0 = 50 % falling to 5 % in large clusters, at least 100 nodes.</summary>
    public int PercentageOfNodesToScore { get; init; }

    /// <summary>Topology spread constraints, without selectors, of pods that have none; null = the system's (softly by hostname, maxSkew 3, and zone, maxSkew 5).</summary>
    public IReadOnlyList<TopologySpreadConstraint>? DefaultConstraints { get; init; }

    /// <summary>What a required pod affinity of an existing pod counts for a pod that it speaks of, 0 to 100.</summary>
    public int HardPodAffinityWeight { get; init; } = 1;

    /// <summary>Score pods without preferred pod affinity of their own without regard to that of others.</summary>
    public bool IgnorePreferredTermsOfExistingPods { get; init; }

    /// <summary>Nodes on which preemption is tried, in percent of those where it may help.</summary>
    public int MinCandidateNodesPercentage { get; init; } = 10;

    /// <summary>Nodes on which preemption is tried at least.</summary>
    public int MinCandidateNodesAbsolute { get; init; } = 100;

    /// <summary>Bindings that may be under way at once; the loop waits when there are more.</summary>
    public int MaxBindings { get; init; } = 64;

    /// <summary>Run only while holding the Lease kube-system/kube-scheduler; needed with several control planes.</summary>
    public bool LeaderElect { get; init; }

    /// <summary>Who we are in the election, "host_uuid".</summary>
    public string Identity { get; init; } = "kube-scheduler";
}
