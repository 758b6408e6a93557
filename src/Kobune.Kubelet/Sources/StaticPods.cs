using System.Security.Cryptography;
using System.Text;
using Kobune.Api.Core.V1;
using Kobune.Api.Json;
using Microsoft.Extensions.Logging;

namespace Kobune.Kubelet.Sources;

/// <summary>Pods from manifests in a folder (kubelet/config/file.go), followed by inotify.</summary>
internal sealed partial class StaticPods(string folder, string nodeName, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Pod> _pods = [];
    private FileSystemWatcher? _watcher;

    internal void Start(Action<Pod> set, Action<string> remove)
    {
        Directory.CreateDirectory(folder);
        _watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size };
        _watcher.Created += (_, _) => Read(set, remove);
        _watcher.Changed += (_, _) => Read(set, remove);
        _watcher.Deleted += (_, _) => Read(set, remove);
        _watcher.Renamed += (_, _) => Read(set, remove);
        _watcher.Error += (_, _) => Read(set, remove);
        _watcher.EnableRaisingEvents = true;
        Read(set, remove);
    }

    public void Dispose() => _watcher?.Dispose();

    /// <summary>A manifest as a pod of this node, named and marked as upstream does.</summary>
    internal static Pod Complete(Pod pod, string nodeName, string path, DateTimeOffset now)
    {
        var meta = pod.Metadata;
        var hash = Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes($"host:{nodeName}\nfile:{path}\n"), .. JsonText.Bytes(pod)]))[..32];
        var annotations = new Dictionary<string, string>(meta.Annotations)
        {
            ["kubernetes.io/config.hash"] = meta.Uid.Length > 0 ? meta.Uid : hash,
            ["kubernetes.io/config.source"] = "file",
            ["kubernetes.io/config.seen"] = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff00'Z'", System.Globalization.CultureInfo.InvariantCulture),
        };
        return pod with
        {
            Metadata = meta with
            {
                Name = $"{meta.Name}-{nodeName}",
                Namespace = meta.Namespace.Length > 0 ? meta.Namespace : "default",
                Uid = meta.Uid.Length > 0 ? meta.Uid : hash,
                Annotations = annotations,
                CreationTimestamp = meta.CreationTimestamp ?? now,
            },
            Spec = pod.Spec with
            {
                NodeName = nodeName,
                RestartPolicy = pod.Spec.RestartPolicy.Length > 0 ? pod.Spec.RestartPolicy : "Always",
                DNSPolicy = pod.Spec.DNSPolicy.Length > 0 ? pod.Spec.DNSPolicy : "ClusterFirst",
                TerminationGracePeriodSeconds = pod.Spec.TerminationGracePeriodSeconds ?? 30,
                Tolerations = [.. pod.Spec.Tolerations, new() { Operator = "Exists", Effect = "NoExecute" }],
                Containers = [.. pod.Spec.Containers.Select(Complete)],
                InitContainers = [.. pod.Spec.InitContainers.Select(Complete)],
            },
            Status = new() { Phase = PodPhase.Pending },
        };
    }

    private static Container Complete(Container container) => container with
    {
        TerminationMessagePath = container.TerminationMessagePath.Length > 0 ? container.TerminationMessagePath : "/dev/termination-log",
        TerminationMessagePolicy = container.TerminationMessagePolicy.Length > 0 ? container.TerminationMessagePolicy : "File",
        LivenessProbe = Complete(container.LivenessProbe),
        ReadinessProbe = Complete(container.ReadinessProbe),
        StartupProbe = Complete(container.StartupProbe),
    };

    private static Probe? Complete(Probe? probe) => probe is null ? null : probe with
    {
        TimeoutSeconds = probe.TimeoutSeconds > 0 ? probe.TimeoutSeconds : 1,
        PeriodSeconds = probe.PeriodSeconds > 0 ? probe.PeriodSeconds : 10,
        SuccessThreshold = probe.SuccessThreshold > 0 ? probe.SuccessThreshold : 1,
        FailureThreshold = probe.FailureThreshold > 0 ? probe.FailureThreshold : 3,
    };

    private void Read(Action<Pod> set, Action<string> remove)
    {
        lock (_lock)
        {
            var found = new Dictionary<string, Pod>();
            foreach (var path in Directory.EnumerateFiles(folder).Where(p => !Path.GetFileName(p).StartsWith('.')).Order(StringComparer.Ordinal))
            {
                if (Parse(path) is { } pod)
                {
                    found.TryAdd(pod.Metadata.Uid, pod);
                }
            }

            foreach (var uid in _pods.Keys.Where(u => !found.ContainsKey(u)).ToList())
            {
                _pods.Remove(uid);
                remove(uid);
            }

            foreach (var (uid, pod) in found.Where(f => !_pods.ContainsKey(f.Key)))
            {
                _pods[uid] = pod;
                set(pod);
            }
        }
    }

    private Pod? Parse(string path)
    {
        try
        {
            var json = ManifestYaml.ToJson(File.ReadAllText(path));
            return Complete(JsonText.Read<Pod>(json), nodeName, path, time.GetUtcNow());
        }
        catch (Exception e) when (e is IOException or FormatException or System.Text.Json.JsonException or YamlDotNet.Core.YamlException)
        {
            LogUnreadable(path, e.Message);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Manifest {Path} is no pod: {Message}")]
    private partial void LogUnreadable(string path, string message);
}
