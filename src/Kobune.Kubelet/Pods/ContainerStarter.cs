using System.Globalization;
using Kobune.Api.Core.V1;
using Kobune.Grpc;
using Kobune.Kubelet.Containers;
using Kobune.Kubelet.Events;
using Kobune.Kubelet.Images;
using Kobune.Kubelet.Runtime;
using Kobune.Kubelet.Volumes;

namespace Kobune.Kubelet.Pods;

/// <summary>The sandbox and the volumes that containers of a pod are started in.</summary>
internal sealed record StartContext(Pod Pod, PodRuntimeStatus Status, string SandboxId, Cri.PodSandboxConfig Sandbox, MountedVolumes Volumes, EnvironmentSources Sources);

/// <summary>Starts one container: image, create, start, log link, postStart (kuberuntime_container.go startContainer).</summary>
internal sealed class ContainerStarter(
    ICriRuntime runtime, ImageManager images, ContainerConfigs configs, LifecycleHooks hooks, PodKiller killer, PodFolders folders, IKubeletEvents events)
{
    /// <exception cref="StartException">The container does not run; the reason is upstream's.</exception>
    internal async Task StartAsync(StartContext context, Container container, string targetId, CancellationToken ct)
    {
        var pod = context.Pod;
        var image = await ImageAsync(context, container, ct);
        var restartCount = RestartCount(context, container);
        var setup = new ContainerSetup(pod, container, image, context.Volumes, context.Sources, restartCount) { TargetId = targetId };
        var id = await CreateAsync(context, setup, ct);
        try
        {
            await runtime.StartContainerAsync(id, ct);
        }
        catch (RpcException e)
        {
            throw Failed(pod, container, "RunContainerError", e.Detail, e);
        }

        events.Pod(pod, container, EventReasons.Normal, EventReasons.Started, "Container started");
        Link(pod, container, id, restartCount);
        await PostStartAsync(context, container, id, ct);
    }

    private async Task<Cri.Image> ImageAsync(StartContext context, Container container, CancellationToken ct)
    {
        try
        {
            return await images.EnsureAsync(context.Pod, container, context.Sandbox, ct);
        }
        catch (ImageException e)
        {
            events.Pod(context.Pod, container, EventReasons.Warning, EventReasons.Failed, $"Error: {e.Reason}");
            throw new StartException(e.Reason, e.Message, e) { RetryAfter = e.RetryAfter };
        }
    }

    private async Task<string> CreateAsync(StartContext context, ContainerSetup setup, CancellationToken ct)
    {
        var (pod, container) = (setup.Pod, setup.Container);
        Cri.ContainerConfig config;
        try
        {
            config = await configs.BuildAsync(setup, Skipped, ct);
            Directory.CreateDirectory(Path.Combine(folders.PodLogs(pod.Metadata.Namespace, pod.Metadata.Name, pod.Metadata.Uid), container.Name));
        }
        catch (Exception e) when (e is ContainerConfigException or IOException)
        {
            throw Failed(pod, container, "CreateContainerConfigError", e.Message, e);
        }

        try
        {
            var id = await runtime.CreateContainerAsync(context.SandboxId, config, context.Sandbox, ct);
            events.Pod(pod, container, EventReasons.Normal, EventReasons.Created, "Container created");
            return id;
        }
        catch (RpcException e)
        {
            throw Failed(pod, container, "CreateContainerError", e.Detail, e);
        }

        void Skipped(string source, IReadOnlyList<string> keys) => events.Pod(
            pod, null, EventReasons.Warning, EventReasons.InvalidEnvironmentVariableNames,
            $"Keys [{string.Join(", ", keys)}] from the EnvFrom {source} were skipped since they are considered invalid environment variable names.");
    }

    private StartException Failed(Pod pod, Container container, string reason, string message, Exception cause)
    {
        events.Pod(pod, container, EventReasons.Warning, EventReasons.Failed, $"Error: {message}");
        return new(reason, message, cause);
    }

    private async Task PostStartAsync(StartContext context, Container container, string id, CancellationToken ct)
    {
        if (container.Lifecycle?.PostStart is not { } hook)
        {
            return;
        }

        try
        {
            await hooks.RunAsync(context.Pod, container, hook, id, context.Sources.PodIPs.Count > 0 ? context.Sources.PodIPs[0] : "", TimeSpan.Zero, ct);
        }
        catch (HookException e)
        {
            events.Pod(context.Pod, container, EventReasons.Warning, EventReasons.FailedPostStartHook, "PostStartHook failed");
            await killer.KillContainerAsync(context.Pod, container, id, "FailedPostStartHook", null, ct);
            throw new StartException("PostStartHookError", e.Message, e);
        }
    }

    /// <summary>One more than the last run; when the runtime has none, what the logs on disk tell.</summary>
    private int RestartCount(StartContext context, Container container)
    {
        if (context.Status.Find(container.Name) is { } last)
        {
            return last.RestartCount + 1;
        }

        var meta = context.Pod.Metadata;
        var folder = Path.Combine(folders.PodLogs(meta.Namespace, meta.Name, meta.Uid), container.Name);
        if (!Directory.Exists(folder))
        {
            return 0;
        }

        var numbers = Directory.EnumerateFiles(folder, "*.log*")
            .Select(f => Path.GetFileName(f).Split('.')[0])
            .Select(n => int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1)
            .ToList();
        return numbers.Count == 0 ? 0 : numbers.Max() + 1;
    }

    private void Link(Pod pod, Container container, string id, int restartCount)
    {
        var meta = pod.Metadata;
        var link = folders.LogLink(meta.Name, meta.Namespace, container.Name, id);
        try
        {
            Directory.CreateDirectory(folders.ContainerLogs);
            File.Delete(link);
            File.CreateSymbolicLink(link, Path.Combine(folders.PodLogs(meta.Namespace, meta.Name, meta.Uid), container.Name, $"{restartCount}.log"));
        }
        catch (IOException)
        {
            // The link is a convenience of log collectors: the container runs without it.
        }
    }
}
