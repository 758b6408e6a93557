using Kobune.Grpc;
using Kobune.Kubelet.Containers;
using Kobune.Kubelet.Logs;
using Kobune.Kubelet.Pods;
using Kobune.Kubelet.Runtime;
using Kobune.Kubelet.Volumes;
using Microsoft.AspNetCore.Http;

namespace Kobune.Kubelet.Server;

/// <summary>/containerLogs/&lt;namespace&gt;/&lt;pod&gt;/&lt;container&gt;.</summary>
internal sealed class LogEndpoint(PodWorkers workers, ICriRuntime runtime, RuntimeChanges changes, PodFolders folders, TimeProvider time)
{
    internal async Task HandleAsync(HttpContext context, string ns, string podName, string container)
    {
        var (options, complaint) = LogOptions.Parse(name => context.Request.Query.TryGetValue(name, out var value) ? value.ToString() : null, time.GetUtcNow());
        if (options is null)
        {
            await KubeletServer.TextAsync(context, 400, complaint!);
            return;
        }

        if (workers.Find(ns, podName) is not { } worker)
        {
            await KubeletServer.TextAsync(context, 404, $"pod \"{podName}\" does not exist\n");
            return;
        }

        if (PodContainers.Find(worker.Pod, container) is null)
        {
            await KubeletServer.TextAsync(context, 404, $"container \"{container}\" not found in pod \"{podName}\"\n");
            return;
        }

        var run = await FindAsync(worker, container, options.Previous, context.RequestAborted);
        if (run is null)
        {
            await KubeletServer.TextAsync(context, 400, Missing(worker, container, options.Previous));
            return;
        }

        await SendAsync(context, worker, run, options);
    }

    /// <summary>The run whose log is wanted: the newest, or the one before; a run that just ended counts until the next one is there.</summary>
    private async Task<RuntimeContainer?> FindAsync(PodWorker worker, string container, bool previous, CancellationToken ct)
    {
        var status = await new PodRuntimeReader(runtime).ReadAsync(worker.Uid, ct);
        var runs = status.Containers.Where(c => c.Name == container && c.State != Cri.ContainerState.ContainerCreated).ToList();
        if (!previous)
        {
            return runs.FirstOrDefault();
        }

        var waiting = runs.Count > 0 && !runs[0].IsRunning && worker.Waits(container);
        return waiting ? runs[0] : runs.Skip(1).FirstOrDefault();
    }

    private static string Missing(PodWorker worker, string container, bool previous)
    {
        var pod = worker.Pod;
        if (previous)
        {
            return $"previous terminated container \"{container}\" in pod \"{pod.Metadata.Name}\" not found";
        }

        var status = worker.PublishedStatus.ContainerStatuses.Concat(worker.PublishedStatus.InitContainerStatuses).FirstOrDefault(s => s.Name == container);
        var waiting = status?.State.Waiting;
        var reason = waiting?.Reason is "ErrImagePull" or "ImagePullBackOff" or "ErrImageNeverPull" ? "trying and failing to pull image"
            : waiting?.Reason is "PodInitializing" or "ContainerCreating" or null ? $"waiting to start: {waiting?.Reason ?? "ContainerCreating"}"
            : $"waiting to start: {waiting.Message}";
        return $"container \"{container}\" in pod \"{pod.Metadata.Name}\" is {reason}";
    }

    private async Task SendAsync(HttpContext context, PodWorker worker, RuntimeContainer run, LogOptions options)
    {
        var ct = context.RequestAborted;
        var meta = worker.Pod.Metadata;
        var path = run.LogPath.Length > 0 ? run.LogPath : Path.Combine(folders.PodLogs(meta.Namespace, meta.Name, meta.Uid), run.Name, $"{run.RestartCount}.log");
        if (!File.Exists(path))
        {
            await KubeletServer.TextAsync(context, 404, $"failed to try resolving symlinks in path \"{path}\": no such file or directory\n");
            return;
        }

        context.Response.ContentType = "text/plain";
        await context.Response.StartAsync(ct);
        await new LogReader(path, options).RunAsync(
            async bytes =>
            {
                await context.Response.Body.WriteAsync(bytes, ct);
                await context.Response.Body.FlushAsync(ct);
            },
            () => IsRunningAsync(run.Id, ct),
            changed => changes.Subscribe(run.Id, changed),
            ct);
    }

    private async Task<bool> IsRunningAsync(string id, CancellationToken ct)
    {
        try
        {
            return (await runtime.ContainerStatusAsync(id, ct)).State == Cri.ContainerState.ContainerRunning;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return false;
        }
    }
}
