using Kobune.Api.Core.V1;

namespace Kobune.Scheduler;

/// <summary>How pods of one spec.schedulerName are scheduled; names and defaults are those of KubeSchedulerProfile and of the plugins' arguments.</summary>
public sealed record SchedulerProfile
{
    /// <summary>Pods with this spec.schedulerName are scheduled.</summary>
    public string SchedulerName { get; init; } = "default-scheduler";

    /// <summary>In the place of <see cref="SchedulerOptions.PercentageOfNodesToScore"/>.</summary>
    public int? PercentageOfNodesToScore { get; init; }

    /// <summary>What differs from the default plugins, by extension point: "multiPoint", "filter", "score" and so on.</summary>
    public IReadOnlyDictionary<string, PluginSet> Plugins { get; init; } = new Dictionary<string, PluginSet>();

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

    /// <summary>How NodeResourcesFit rates nodes.</summary>
    public ScoringStrategy ScoringStrategy { get; init; } = new();

    /// <summary>Extended resources that NodeResourcesFit does not look at.</summary>
    public IReadOnlySet<string> IgnoredResources { get; init; } = new HashSet<string>();

    /// <summary>The same by what stands before the slash in their names.</summary>
    public IReadOnlySet<string> IgnoredResourceGroups { get; init; } = new HashSet<string>();

    /// <summary>What NodeResourcesBalancedAllocation wants to be in use to similar shares.</summary>
    public IReadOnlyList<string> BalancedResources { get; init; } = [ResourceName.Cpu, ResourceName.Memory];

    /// <summary>Node affinity of all pods besides their own.</summary>
    public NodeAffinity? AddedAffinity { get; init; }

    /// <summary>How long the binding of volumes may take.</summary>
    public TimeSpan BindTimeout { get; init; } = TimeSpan.FromSeconds(600);

    /// <summary>How long devices may be searched for a pod on one node; zero = as long as it takes.</summary>
    public TimeSpan DeviceFilterTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long drivers may take until devices that bind by conditions are ready.</summary>
    public TimeSpan DeviceBindingTimeout { get; init; } = TimeSpan.FromSeconds(600);
}

/// <summary>Plugins of an extension point besides, or instead of, the default ones.</summary>
/// <param name="Enabled">With the weight of those that score; 0 = 1.</param>
/// <param name="Disabled">Names, or "*" for all default ones.</param>
public sealed record PluginSet(IReadOnlyList<(string Name, int Weight)> Enabled, IReadOnlyList<string> Disabled);

/// <summary>How much of a node is best in use.</summary>
public sealed record ScoringStrategy
{
    /// <summary>"LeastAllocated", "MostAllocated" or "RequestedToCapacityRatio".</summary>
    public string Type { get; init; } = "LeastAllocated";

    /// <summary>What counts, and how much.</summary>
    public IReadOnlyList<(string Name, int Weight)> Resources { get; init; } = [(ResourceName.Cpu, 1), (ResourceName.Memory, 1)];

    /// <summary>Of RequestedToCapacityRatio: points of a broken line from utilization, 0 to 100, to score, 0 to 10.</summary>
    public IReadOnlyList<(int Utilization, int Score)> Shape { get; init; } = [];
}
