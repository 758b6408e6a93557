using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.SimulatedNode.Pods;

namespace Kobune.SimulatedNode;

/// <summary>Settings of the nodes without containers.</summary>
public sealed record SimulatedNodeOptions
{
    /// <summary>How many nodes.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Nodes are named with this and their number from 0: "node-0".</summary>
    public string NamePrefix { get; init; } = "node-";

    /// <summary>What each node has; also allocatable.</summary>
    public IReadOnlyDictionary<string, Quantity> Capacity { get; init; } = new Dictionary<string, Quantity>
    {
        ["cpu"] = Quantity.Parse("32"),
        ["memory"] = Quantity.Parse("256Gi"),
        ["ephemeral-storage"] = Quantity.Parse("1Ti"),
        ["pods"] = Quantity.Parse("110"),
    };

    /// <summary>Further labels of each node.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Labels by the node's number, for zones and the like; they win over <see cref="Labels"/>.</summary>
    public Func<int, IReadOnlyDictionary<string, string>>? LabelsOf { get; init; }

    /// <summary>Taints that the nodes register with.</summary>
    public IReadOnlyList<Taint> Taints { get; init; } = [];

    /// <summary>How pods pass through life: of the stages that match a pod, the first one counts.</summary>
    public IReadOnlyList<PodStage> Stages { get; init; } = PodStage.Default;

    /// <summary>The log of a container (of its run before the last restart, if the third argument says so), as pods/log shows it; null = empty.</summary>
    public Func<Pod, string, bool, string>? Logs { get; init; }

    /// <summary>What a container uses now, as metrics.k8s.io shows it ("cpu", "memory"); null = there are no metrics.</summary>
    public Func<Pod, string, IReadOnlyDictionary<string, Quantity>>? Usage { get; init; }

    /// <summary>How often each lease is renewed; upstream's kubelet: 10 s.</summary>
    public TimeSpan LeasePeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Upstream's kubelet: 40 s.</summary>
    public int LeaseSeconds { get; init; } = 40;

    /// <summary>Pods that are moved at the same time.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>Version that the nodes claim.</summary>
    public string KubeletVersion { get; init; } = "v1.36.0";

    /// <summary>The name of a node.</summary>
    public string NameOf(int number) => NamePrefix + number;
}
