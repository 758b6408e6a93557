using System.Globalization;
using System.Text;

namespace Kobune.Proxy.Health;

/// <summary>What kube-proxy counts, under its names. Source: pkg/proxy/metrics/metrics.go.</summary>
internal sealed class ProxyMetrics
{
    private static readonly double[] Buckets = [.. Enumerable.Range(0, 15).Select(i => 0.001 * Math.Pow(2, i))];
    private readonly Lock _gate = new();
    private readonly long[] _syncs = new long[15 + 1];
    private double _syncSeconds;
    private long _failures;
    private long _serviceChanges;
    private long _endpointChanges;
    private double _lastSync;
    private double _lastQueued;

    public void ServiceChanged(DateTimeOffset now) => Changed(ref _serviceChanges, now);

    public void EndpointsChanged(DateTimeOffset now) => Changed(ref _endpointChanges, now);

    public void Synced(TimeSpan took, bool good, DateTimeOffset now)
    {
        lock (_gate)
        {
            var bucket = Array.FindIndex(Buckets, b => took.TotalSeconds <= b);
            _syncs[bucket < 0 ? Buckets.Length : bucket]++;
            _syncSeconds += took.TotalSeconds;
            _failures += good ? 0 : 1;
            _lastSync = good ? now.ToUnixTimeMilliseconds() / 1000.0 : _lastSync;
        }
    }

    /// <summary>The text form, as Prometheus reads it.</summary>
    public string Render()
    {
        lock (_gate)
        {
            var text = new StringBuilder();
            Head(text, "kubeproxy_sync_proxy_rules_duration_seconds", "histogram", "[ALPHA] SyncProxyRules latency in seconds");
            long sum = 0;
            for (var i = 0; i <= Buckets.Length; i++)
            {
                sum += _syncs[i];
                var le = i < Buckets.Length ? Number(Buckets[i]) : "+Inf";
                text.Append($"kubeproxy_sync_proxy_rules_duration_seconds_bucket{{le=\"{le}\"}} {sum}\n");
            }

            text.Append($"kubeproxy_sync_proxy_rules_duration_seconds_sum {Number(_syncSeconds)}\nkubeproxy_sync_proxy_rules_duration_seconds_count {sum}\n");
            Single(text, "kubeproxy_sync_proxy_rules_service_changes_total", "counter", "[ALPHA] Cumulative proxy rules Service changes", _serviceChanges);
            Single(text, "kubeproxy_sync_proxy_rules_endpoint_changes_total", "counter", "[ALPHA] Cumulative proxy rules Endpoint changes", _endpointChanges);
            Single(text, "kubeproxy_sync_proxy_rules_nftables_sync_failures_total", "counter", "[ALPHA] Cumulative proxy nftables sync failures", _failures);
            Single(text, "kubeproxy_sync_proxy_rules_last_timestamp_seconds", "gauge", "[ALPHA] The last time proxy rules were successfully synced", _lastSync);
            Single(text, "kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds", "gauge", "[ALPHA] The last time a sync of proxy rules was queued", _lastQueued);
            return text.ToString();
        }
    }

    private void Changed(ref long counter, DateTimeOffset now)
    {
        lock (_gate)
        {
            counter++;
            _lastQueued = now.ToUnixTimeMilliseconds() / 1000.0;
        }
    }

    private static void Head(StringBuilder text, string name, string type, string help) => text.Append($"# HELP {name} {help}\n# TYPE {name} {type}\n");

    private static void Single(StringBuilder text, string name, string type, string help, double value)
    {
        Head(text, name, type, help);
        text.Append($"{name} {Number(value)}\n");
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
