namespace Kobune.Addons.Metrics;

/// <summary>Counters of a node or a container at one moment.</summary>
/// <param name="Start">When the counter was 0; null when that is not known (nodes).</param>
/// <param name="Time">When it was read.</param>
/// <param name="CpuSeconds">CPU time so far.</param>
/// <param name="MemoryBytes">Working set.</param>
internal sealed record MetricPoint(DateTimeOffset? Start, DateTimeOffset Time, double CpuSeconds, double MemoryBytes);

/// <summary>What one scrape of all nodes brought.</summary>
/// <param name="Nodes">By name.</param>
/// <param name="Pods">By namespace and name, then by container.</param>
internal sealed record MetricBatch(IReadOnlyDictionary<string, MetricPoint> Nodes, IReadOnlyDictionary<(string Namespace, string Name), IReadOnlyDictionary<string, MetricPoint>> Pods)
{
    public static MetricBatch Empty { get; } = new(new Dictionary<string, MetricPoint>(), new Dictionary<(string, string), IReadOnlyDictionary<string, MetricPoint>>());
}

/// <summary>Use over a time.</summary>
/// <param name="Time">Its end.</param>
/// <param name="Window">How long.</param>
/// <param name="NanoCores">CPU, in 10^-9 cores.</param>
/// <param name="MemoryBytes">Working set at the end.</param>
internal sealed record Usage(DateTimeOffset Time, TimeSpan Window, long NanoCores, long MemoryBytes);
