namespace Kobune.Addons.Metrics;

/// <summary>The last two readings of everything, and the use between them. Immutable; a batch makes a new one. Rules of metrics-server's pkg/storage.</summary>
internal sealed class MetricStore
{
    private const double Nano = 1e9;
    private static readonly TimeSpan ShortestFresh = TimeSpan.FromSeconds(10); // a younger container's average says little

    private readonly MetricBatch _last;
    private readonly Dictionary<string, MetricPoint> _nodesBefore = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Namespace, string Name), Dictionary<string, MetricPoint>> _podsBefore = [];

    private MetricStore(MetricBatch last) => _last = last;

    /// <summary>Knows nothing.</summary>
    public static MetricStore Empty { get; } = new(MetricBatch.Empty);

    /// <summary>This and one more batch; what the batch does not have is forgotten.</summary>
    /// <param name="batch">The new readings.</param>
    /// <param name="resolution">How often they are made: a container younger than that is measured since its start.</param>
    public MetricStore Add(MetricBatch batch, TimeSpan resolution)
    {
        var next = new MetricStore(batch);
        foreach (var (node, point) in batch.Nodes)
        {
            if (Before(point, _last.Nodes.GetValueOrDefault(node), _nodesBefore.GetValueOrDefault(node), resolution) is { } before)
            {
                next._nodesBefore[node] = before;
            }
        }

        foreach (var (pod, containers) in batch.Pods)
        {
            var last = _last.Pods.GetValueOrDefault(pod);
            var older = _podsBefore.GetValueOrDefault(pod);
            foreach (var (container, point) in containers)
            {
                if (Before(point, last?.GetValueOrDefault(container), older?.GetValueOrDefault(container), resolution) is { } before)
                {
                    (next._podsBefore.TryGetValue(pod, out var known) ? known : next._podsBefore[pod] = new(StringComparer.Ordinal))[container] = before;
                }
            }
        }

        return next;
    }

    /// <summary>Null when it has not been read twice.</summary>
    public Usage? Node(string name) => _last.Nodes.TryGetValue(name, out var last) && _nodesBefore.TryGetValue(name, out var before) ? Between(before, last) : null;

    /// <summary>The use of each container; null while one of them has not been read twice.</summary>
    public IReadOnlyList<(string Container, Usage Usage)>? Pod(string ns, string name)
    {
        if (!_last.Pods.TryGetValue((ns, name), out var containers) || !_podsBefore.TryGetValue((ns, name), out var before) || containers.Keys.Any(c => !before.ContainsKey(c)))
        {
            return null;
        }

        return [.. containers.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => (c.Key, Usage: Between(before[c.Key], c.Value))).Where(c => c.Usage is not null).Select(c => (c.Key, c.Usage!))];
    }

    /// <summary>The reading that a new one is compared with; null when there is none of the same run.</summary>
    private static MetricPoint? Before(MetricPoint now, MetricPoint? last, MetricPoint? older, TimeSpan resolution)
    {
        if (now.Start is { } start && now.Time - start is var age && age < resolution && age >= ShortestFresh)
        {
            return now with { Time = start, CpuSeconds = 0 };
        }

        if (last is null || now.Start >= last.Time)
        {
            return null; // new, or another run
        }

        return now.Time > last.Time ? last : older is not null && older.Time < now.Time ? older : null;
    }

    private static Usage? Between(MetricPoint before, MetricPoint last)
    {
        var window = last.Time - before.Time;
        return window <= TimeSpan.Zero || last.CpuSeconds < before.CpuSeconds
            ? null
            : new(last.Time, window, (long)Math.Round((last.CpuSeconds - before.CpuSeconds) / window.TotalSeconds * Nano), (long)last.MemoryBytes);
    }
}
