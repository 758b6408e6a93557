using Kobune.Api.Metrics;
using Kobune.Client.Metrics;

namespace Kobune.ControllerManager.Metrics;

/// <summary>Metrics of the controllers with upstream's names, labels and buckets (the metrics folders below pkg/controller). They outlive a restart of the loops.</summary>
public sealed class ControllerManagerMetrics
{
    /// <summary>The queues of all controllers.</summary>
    public WorkQueueMetrics Queues { get; } = new();

    internal AutoscalerMetrics Autoscalers { get; } = new();

    internal ClaimMetrics Claims { get; } = new();

    internal JobMetrics Jobs { get; } = new();

    internal SliceMetrics Mirrors { get; } = new(isMirror: true);

    internal NodeMetrics Nodes { get; } = new();

    internal SliceMetrics Slices { get; } = new(isMirror: false);

    internal UpkeepMetrics Upkeep { get; } = new();

    internal VolumeMetrics Volumes { get; } = new();

    internal WorkloadMetrics Workloads { get; } = new();

    /// <summary>All of them.</summary>
    public IEnumerable<MetricFamily> Families =>
    [
        .. Queues.Families, .. Upkeep.Families, .. Jobs.Families, .. Workloads.Families, .. Autoscalers.Families, .. Slices.Families, .. Mirrors.Families, .. Nodes.Families,
        .. Volumes.Families, .. Claims.Families,
    ];
}
