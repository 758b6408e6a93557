using System.Collections.Concurrent;
using Kobune.Api.Core.V1;
using Kobune.Kubelet.Containers;
using Kobune.Kubelet.Events;
using Kobune.Kubelet.Pods;
using Kobune.Kubelet.Runtime;

namespace Kobune.Kubelet.Probes;

internal enum ProbeKind
{
    Startup,
    Liveness,
    Readiness,
}

/// <summary>
/// One loop a probe of a running container. Results are kept by container id, and a change wakes the pod's worker. A container that this kubelet
/// finds running keeps the readiness that its status says until the first result.
/// </summary>
internal sealed class ProbeManager(ProbeRunner runner, IKubeletEvents events, TimeProvider time, Action<string> wake) : IProbeResults, IAsyncDisposable
{
    private readonly ConcurrentDictionary<(ProbeKind Kind, string ContainerId), bool> _results = new();
    private readonly ConcurrentDictionary<(ProbeKind Kind, string ContainerId), Loop> _loops = new();

    private sealed record Loop(string Uid, CancellationTokenSource Stop, Task Task);

    public bool? Liveness(string containerId) => Find(ProbeKind.Liveness, containerId);

    public bool? Startup(string containerId) => Find(ProbeKind.Startup, containerId);

    public bool? Readiness(string containerId) => Find(ProbeKind.Readiness, containerId);

    /// <summary>Starts the loops that running containers of the pod need and ends those of containers that stopped.</summary>
    internal void Update(Pod pod, PodRuntimeStatus status)
    {
        var uid = pod.Metadata.Uid;
        var wanted = new HashSet<(ProbeKind, string)>();
        foreach (var container in pod.Spec.InitContainers.Where(PodContainers.IsSidecar).Concat(pod.Spec.Containers))
        {
            if (status.Find(container.Name) is not { IsRunning: true } run)
            {
                continue;
            }

            Ensure(ProbeKind.Startup, container.StartupProbe);
            if (container.StartupProbe is null || Startup(run.Id) == true)
            {
                Ensure(ProbeKind.Liveness, container.LivenessProbe);
                Ensure(ProbeKind.Readiness, container.ReadinessProbe);
            }

            void Ensure(ProbeKind kind, Probe? probe)
            {
                if (probe is null || (kind == ProbeKind.Startup && Startup(run.Id) == true))
                {
                    return;
                }

                wanted.Add((kind, run.Id));
                if (!_loops.ContainsKey((kind, run.Id)))
                {
                    Restore(pod, container, kind, run);
                    Start(pod, container, kind, probe, run, status.IPs);
                }
            }
        }

        foreach (var (key, loop) in _loops.Where(l => l.Value.Uid == uid && !wanted.Contains(l.Key)))
        {
            if (_loops.TryRemove(key, out _))
            {
                loop.Stop.Cancel();
            }
        }

        foreach (var key in _results.Keys.Where(k => status.Containers.Any(c => c.Id == k.ContainerId && !c.IsRunning)))
        {
            _results.TryRemove(key, out _);
        }
    }

    /// <summary>Ends all loops of a pod and forgets their results.</summary>
    internal void Forget(string uid, IEnumerable<string> containerIds)
    {
        foreach (var (key, loop) in _loops.Where(l => l.Value.Uid == uid))
        {
            if (_loops.TryRemove(key, out _))
            {
                loop.Stop.Cancel();
            }
        }

        foreach (var id in containerIds)
        {
            foreach (var kind in Enum.GetValues<ProbeKind>())
            {
                _results.TryRemove((kind, id), out _);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        var loops = _loops.Values.ToList();
        foreach (var loop in loops)
        {
            await loop.Stop.CancelAsync();
        }

        await Task.WhenAll(loops.Select(l => l.Task));
    }

    private bool? Find(ProbeKind kind, string containerId) => _results.TryGetValue((kind, containerId), out var result) ? result : null;

    /// <summary>After a restart of the kubelet, what it said before still holds.</summary>
    private void Restore(Pod pod, Container container, ProbeKind kind, RuntimeContainer run)
    {
        var before = pod.Status.ContainerStatuses.Concat(pod.Status.InitContainerStatuses).FirstOrDefault(s => s.ContainerID == run.ApiId);
        if (before is null || before.Name != container.Name)
        {
            return;
        }

        if (kind == ProbeKind.Readiness && before.Ready)
        {
            _results.TryAdd((kind, run.Id), true);
        }
        else if (kind == ProbeKind.Startup && before.Started == true)
        {
            _results.TryAdd((kind, run.Id), true);
        }
    }

    private void Start(Pod pod, Container container, ProbeKind kind, Probe probe, RuntimeContainer run, IReadOnlyList<string> podIPs)
    {
        var stop = new CancellationTokenSource(); // nothing to free, and cancelled also after the loop has ended by itself
        var ip = podIPs.Count > 0 ? podIPs[0] : pod.Status.HostIP.Length > 0 ? pod.Status.HostIP : "127.0.0.1";
        var worker = new ProbeWorker(runner, events, time, pod, container, kind, probe, run, ip);
        var task = RunAsync();
        _loops[(kind, run.Id)] = new(pod.Metadata.Uid, stop, task);

        async Task RunAsync()
        {
            await Task.Yield();
            try
            {
                await worker.RunAsync(Set, stop.Token);
            }
            catch (OperationCanceledException)
            {
                // The container stopped, or the kubelet does.
            }
        }

        bool Set(bool result)
        {
            if (stop.IsCancellationRequested)
            {
                return false;
            }

            var changed = Find(kind, run.Id) != result;
            _results[(kind, run.Id)] = result;
            if (changed)
            {
                wake(pod.Metadata.Uid);
            }

            return true;
        }
    }
}
