using System.Diagnostics;
using System.Globalization;
using System.Text;
using Kobune.ApiServer.Handlers;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Metrics;

/// <summary>/metrics in Prometheus' text form, with upstream's names.</summary>
internal sealed class MetricsEndpoint(ApiMetrics metrics, ResourceRegistry registry) : IPathEndpoint
{
    public bool Serves(string path) => path is "/metrics";

    public ValueTask<ApiResult> ServeAsync(ApiCall call, CancellationToken ct) =>
        new(new BytesResult("text/plain; version=0.0.4; charset=utf-8", Encoding.UTF8.GetBytes(Render())));

    private string Render()
    {
        var text = new StringBuilder(16 * 1024);
        Head(text, "apiserver_request_total", "counter", "Counter of apiserver requests broken out for each verb, group, version, resource, scope, component, and HTTP response code.");
        foreach (var (key, count) in metrics.Requests)
        {
            Line(text, "apiserver_request_total", $"{Labels(key)},code=\"{key.Code}\"", count);
        }

        Head(text, "apiserver_request_duration_seconds", "histogram", "Response latency distribution in seconds for each verb, group, version, resource, subresource and scope.");
        foreach (var (key, histogram) in metrics.Durations)
        {
            Durations(text, Labels(key), histogram);
        }

        Head(text, "apiserver_current_inflight_requests", "gauge", "Maximal number of currently used inflight request limit of this apiserver per request kind in last second.");
        Line(text, "apiserver_current_inflight_requests", "request_kind=\"mutating\"", metrics.WritesInFlight);
        Line(text, "apiserver_current_inflight_requests", "request_kind=\"readOnly\"", metrics.ReadsInFlight);
        Objects(text);
        Process(text);
        return text.ToString();
    }

    private void Objects(StringBuilder text)
    {
        Head(text, "apiserver_storage_objects", "gauge", "Number of stored objects at the time of last check split by kind.");
        foreach (var kind in registry.StoredKinds)
        {
            Line(text, "apiserver_storage_objects", $"resource=\"{Name(kind)}\"", kind.Cache.State.Index.Count);
        }

        Head(text, "apiserver_longrunning_requests", "gauge", "Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component.");
        foreach (var kind in registry.StoredKinds)
        {
            Line(text, "apiserver_longrunning_requests", $"verb=\"WATCH\",group=\"{kind.Schema.Group}\",version=\"{kind.Schema.Version}\",resource=\"{kind.Schema.Plural}\",component=\"apiserver\"", kind.Cache.WatcherCount);
        }
    }

    private static void Process(StringBuilder text)
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        Head(text, "process_cpu_seconds_total", "counter", "Total user and system CPU time spent in seconds.");
        Line(text, "process_cpu_seconds_total", "", process.TotalProcessorTime.TotalSeconds);
        Head(text, "process_resident_memory_bytes", "gauge", "Resident memory size in bytes.");
        Line(text, "process_resident_memory_bytes", "", process.WorkingSet64);
        Head(text, "process_start_time_seconds", "gauge", "Start time of the process since unix epoch in seconds.");
        Line(text, "process_start_time_seconds", "", new DateTimeOffset(process.StartTime.ToUniversalTime(), TimeSpan.Zero).ToUnixTimeMilliseconds() / 1000.0);
        Head(text, "process_threads", "gauge", "Number of OS threads.");
        Line(text, "process_threads", "", process.Threads.Count);
        Head(text, "dotnet_gc_heap_size_bytes", "gauge", "Bytes in the managed heap.");
        Line(text, "dotnet_gc_heap_size_bytes", "", GC.GetTotalMemory(false));
    }

    private static void Durations(StringBuilder text, string labels, Histogram histogram)
    {
        var counts = histogram.Cumulative();
        for (var i = 0; i < Histogram.Bounds.Length; i++)
        {
            Line(text, "apiserver_request_duration_seconds_bucket", $"{labels},le=\"{Histogram.Bounds[i].ToString(CultureInfo.InvariantCulture)}\"", counts[i]);
        }

        Line(text, "apiserver_request_duration_seconds_bucket", $"{labels},le=\"+Inf\"", counts[^1]);
        Line(text, "apiserver_request_duration_seconds_sum", labels, histogram.SumSeconds);
        Line(text, "apiserver_request_duration_seconds_count", labels, counts[^1]);
    }

    private static string Labels(ApiMetrics.RequestKey key) =>
        $"component=\"apiserver\",group=\"{key.Group}\",resource=\"{key.Resource}\",scope=\"{key.Scope}\",subresource=\"{key.Subresource}\",verb=\"{key.Verb}\",version=\"{key.Version}\"";

    private static string Name(StoredKind kind) => kind.Schema.Group.Length == 0 ? kind.Schema.Plural : $"{kind.Schema.Plural}.{kind.Schema.Group}";

    private static void Head(StringBuilder text, string name, string type, string help) =>
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    private static void Line(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
