using System.Globalization;

namespace Kobune.Addons.Metrics;

/// <summary>Reads a kubelet's /metrics/resource (Prometheus' text format) for what the metrics API tells; lines that are something else are passed over.</summary>
internal static class ResourceMetricsParser
{
    /// <summary>Adds a node's readings to a batch that is being made. What lacks CPU, memory or a time is left out, as metrics-server does.</summary>
    public static void Add(string node, string text, Dictionary<string, MetricPoint> nodes, Dictionary<(string Namespace, string Name), IReadOnlyDictionary<string, MetricPoint>> pods)
    {
        var own = new Draft();
        var containers = new Dictionary<(string Namespace, string Pod, string Container), Draft>();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.IsEmpty || line[0] == '#' || Sample.Parse(line) is not { } sample)
            {
                continue;
            }

            Draft OfContainer()
            {
                var key = (sample.Label("namespace"), sample.Label("pod"), sample.Label("container"));
                return containers.TryGetValue(key, out var known) ? known : containers[key] = new();
            }

            switch (sample.Name)
            {
                case "node_cpu_usage_seconds_total": (own.Cpu, own.Time) = (sample.Value, sample.Time); break;
                case "node_memory_working_set_bytes": own.Memory = sample.Value; break;
                case "container_cpu_usage_seconds_total": (OfContainer().Cpu, OfContainer().Time) = (sample.Value, sample.Time); break;
                case "container_memory_working_set_bytes": OfContainer().Memory = sample.Value; break;
                case "container_start_time_seconds": OfContainer().Start = DateTimeOffset.UnixEpoch.AddSeconds(sample.Value); break;
            }
        }

        if (own.Point is { } point)
        {
            nodes[node] = point;
        }

        foreach (var pod in containers.GroupBy(c => (c.Key.Namespace, c.Key.Pod)))
        {
            // A pod of which a container is missing would look smaller than it is.
            if (pod.All(c => c.Value.Point is not null))
            {
                pods[pod.Key] = pod.ToDictionary(c => c.Key.Container, c => c.Value.Point!, StringComparer.Ordinal);
            }
        }
    }

    private sealed class Draft
    {
        public double? Cpu { get; set; }

        public double? Memory { get; set; }

        public DateTimeOffset? Time { get; set; }

        public DateTimeOffset? Start { get; set; }

        public MetricPoint? Point => Cpu is { } cpu && Memory is { } memory && Time is { } time && memory > 0 ? new(Start, time, cpu, memory) : null;
    }

    /// <summary>One line: name{label="value",...} value time.</summary>
    private sealed record Sample(string Name, Dictionary<string, string> Labels, double Value, DateTimeOffset? Time)
    {
        public string Label(string name) => Labels.GetValueOrDefault(name, "");

        public static Sample? Parse(ReadOnlySpan<char> line)
        {
            var end = line.IndexOfAny('{', ' ');
            if (end <= 0)
            {
                return null;
            }

            var labels = new Dictionary<string, string>(StringComparer.Ordinal);
            var rest = line[end] == '{' ? ReadLabels(line[(end + 1)..], labels) : line[end..];
            var fields = rest.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 0 || !double.TryParse(fields[0], CultureInfo.InvariantCulture, out var value))
            {
                return null;
            }

            var time = fields.Length > 1 && long.TryParse(fields[1], CultureInfo.InvariantCulture, out var milliseconds) ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : (DateTimeOffset?)null;
            return new(line[..end].ToString(), labels, value, time);
        }

        /// <summary>Values are quoted, with \\, \" and \n escaped; returns what follows the closing brace.</summary>
        private static ReadOnlySpan<char> ReadLabels(ReadOnlySpan<char> text, Dictionary<string, string> labels)
        {
            while (text.IndexOf("=\"", StringComparison.Ordinal) is var equals && equals > 0 && text[0] != '}')
            {
                var name = text[..equals].TrimStart(',').ToString();
                text = text[(equals + 2)..];
                var value = new System.Text.StringBuilder();
                var at = 0;
                for (; at < text.Length && text[at] != '"'; at++)
                {
                    value.Append(text[at] == '\\' && at + 1 < text.Length ? text[++at] == 'n' ? '\n' : text[at] : text[at]);
                }

                labels[name] = value.ToString();
                text = text[Math.Min(at + 1, text.Length)..];
            }

            return text.Length > 0 && text[0] == '}' ? text[1..] : text;
        }
    }
}
