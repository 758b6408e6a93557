using System.Runtime.InteropServices;
using System.Text;
using Kobune.Api.Features;
using Kobune.Api.Metrics;
using Kobune.ApiServer.Handlers;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Metrics;

/// <summary>/metrics in Prometheus' text form, with upstream's names.</summary>
/// <param name="families">What is counted.</param>
/// <param name="registry">Whose objects are counted; null where none are stored.</param>
/// <param name="features">What is on.</param>
internal sealed class MetricsEndpoint(IEnumerable<MetricFamily> families, ResourceRegistry? registry, FeatureGates features) : IPathEndpoint
{
    public bool Serves(string path) => path is "/metrics";

    public ValueTask<ApiResult> ServeAsync(ApiCall call, CancellationToken ct)
    {
        var text = new StringBuilder(32 * 1024);
        foreach (var family in families.Concat(Read()))
        {
            family.Write(text);
        }

        return new(new BytesResult("text/plain; version=0.0.4; charset=utf-8", Encoding.UTF8.GetBytes(text.ToString())));
    }

    private IEnumerable<MetricFamily> Read()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        var started = new DateTimeOffset(process.StartTime.ToUniversalTime(), TimeSpan.Zero).ToUnixTimeMilliseconds() / 1000.0;
        if (registry is not null)
        {
            yield return new ReadFamily("apiserver_storage_objects", "gauge", "[STABLE] [DEPRECATED, consider using apiserver_resource_objects instead] Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.", () => Objects(registry), "resource");
            yield return new ReadFamily("apiserver_resource_objects", "gauge", "[ALPHA] Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.", () => ResourceObjects(registry), "group", "resource");
        }

        yield return new ReadFamily("kubernetes_build_info", "gauge", "[BETA] A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.", Build, "build_date", "compiler", "git_commit", "git_tree_state", "git_version", "go_version", "major", "minor", "platform");
        yield return new ReadFamily("kubernetes_feature_enabled", "gauge", "[BETA] This metric records the data about the stage and enablement of a k8s feature.", Features, "name", "stage");
        yield return One("process_cpu_seconds_total", "counter", "Total user and system CPU time spent in seconds.", process.TotalProcessorTime.TotalSeconds);
        yield return One("process_resident_memory_bytes", "gauge", "Resident memory size in bytes.", process.WorkingSet64);
        yield return One("process_virtual_memory_bytes", "gauge", "Virtual memory size in bytes.", process.VirtualMemorySize64);
        yield return One("process_start_time_seconds", "gauge", "Start time of the process since unix epoch in seconds.", started);
        yield return One("process_threads", "gauge", "Number of OS threads.", process.Threads.Count);
        yield return One("dotnet_gc_heap_size_bytes", "gauge", "Bytes in the managed heap.", GC.GetTotalMemory(false));
    }

    private static ReadFamily One(string name, string type, string help, double value) => new(name, type, help, () => [(new LabelValues(), value)]);

    private static IEnumerable<(LabelValues, double)> Objects(ResourceRegistry registry)
    {
        foreach (var kind in registry.StoredKinds)
        {
            yield return (new(kind.Schema.Group.Length == 0 ? kind.Schema.Plural : $"{kind.Schema.Plural}.{kind.Schema.Group}"), kind.Cache.State.Index.Count);
        }
    }

    private static IEnumerable<(LabelValues, double)> ResourceObjects(ResourceRegistry registry) => registry.StoredKinds.Select(k => (new LabelValues(k.Schema.Group, k.Schema.Plural), (double)k.Cache.State.Index.Count));

    private IEnumerable<(LabelValues, double)> Features() => features.All.Select(f => (new LabelValues(f.Gate.Name, f.Gate.StageLabel), f.IsOn ? 1.0 : 0.0));

    private IEnumerable<(LabelValues, double)> Build()
    {
        var version = features.Version;
        var platform = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "linux/arm64" : "linux/amd64";
        yield return (new("1970-01-01T00:00:00Z", "roslyn", "", "clean", version.GitVersion, RuntimeInformation.FrameworkDescription, "1", $"{version.Minor}", platform), 1);
    }
}
