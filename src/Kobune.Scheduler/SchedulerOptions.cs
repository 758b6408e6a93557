using Kobune.Api.Features;
using Kobune.Api.Schema;
using Kobune.Scheduler.Extenders;
using Kobune.Scheduler.Metrics;

namespace Kobune.Scheduler;

/// <summary>Settings of the scheduler; names and defaults are those of KubeSchedulerConfiguration.</summary>
public sealed record SchedulerOptions
{
    /// <summary>At least one; each has a name of its own.</summary>
    public IReadOnlyList<SchedulerProfile> Profiles { get; init; } = [new()];

    /// <summary>Programs that have a say besides the plugins, for all profiles.</summary>
    public IReadOnlyList<ExtenderOptions> Extenders { get; init; } = [];

    /// <summary>What is on.</summary>
    public FeatureGates Features { get; init; } = FeatureGates.Default(KubernetesVersion.Newest);

    /// <summary>Whether DeviceTaintRules are served, and taint devices.</summary>
    public bool HasDeviceTaintRules { get; init; }

    /// <summary>Back-off after the first failure; doubles with each one.</summary>
    public TimeSpan PodInitialBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest back-off.</summary>
    public TimeSpan PodMaxBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>An unschedulable pod is tried again after this time even when no change of the cluster seems to help it.</summary>
    public TimeSpan PodMaxInUnschedulablePodsDuration { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Share of the nodes that are looked for until enough fit; 0 = 50 % falling to 5 % in large clusters, at least 100 nodes.</summary>
    public int PercentageOfNodesToScore { get; init; }

    /// <summary>Bindings that may be under way at once; the loop waits when there are more.</summary>
    public int MaxBindings { get; init; } = 64;

    /// <summary>Run only while holding the Lease kube-system/kube-scheduler; needed with several control planes.</summary>
    public bool LeaderElect { get; init; }

    /// <summary>Where attempts, queues and times are counted.</summary>
    public SchedulerMetrics Metrics { get; init; } = new();

    /// <summary>Who we are in the election, "host_uuid".</summary>
    public string Identity { get; init; } = "kube-scheduler";
}
