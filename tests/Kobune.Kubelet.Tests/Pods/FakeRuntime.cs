using System.Collections.Concurrent;
using Kobune.Grpc;
using Kobune.Kubelet.Cri;
using Kobune.Kubelet.Runtime;

namespace Kobune.Kubelet.Tests.Pods;

/// <summary>A container runtime in memory. Containers run until the test ends them; StopContainer ends them with 137, or 0 when they obey.</summary>
internal sealed class FakeRuntime(TimeProvider time) : ICriRuntime
{
    private readonly ConcurrentDictionary<string, PodSandboxStatus> _sandboxes = new();
    private readonly ConcurrentDictionary<string, (ContainerStatus Status, string Sandbox)> _containers = new();
    private int _next;

    internal ConcurrentQueue<string> Calls { get; } = new();

    internal HashSet<string> Images { get; } = ["app:1"];

    internal int SandboxFailures { get; set; }

    internal int StopFailures { get; set; }

    /// <summary>The next containers end at once with this code.</summary>
    internal int? ExitsWith { get; set; }

    internal Func<IReadOnlyList<string>, CancellationToken, Task<int>> Exec { get; set; } = (_, _) => Task.FromResult(0);

    /// <summary>Makes pulls succeed, when it has ended.</summary>
    internal Func<Task>? OnPull { get; set; }

    /// <summary>Why containers cannot be resized now.</summary>
    internal string? RefusesResize { get; set; }

    /// <summary>May change a container's status before it is told.</summary>
    internal Action<ContainerStatus>? OnStatus { get; set; }

    internal TaskCompletionSource? HoldStop { get; set; }

    private long Now => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    internal void End(string name, int code)
    {
        var (status, _) = _containers.Values.Where(c => c.Status.Metadata.Name == name && c.Status.State == ContainerState.ContainerRunning).MaxBy(c => c.Status.CreatedAt);
        (status.State, status.ExitCode, status.FinishedAt, status.Reason) = (ContainerState.ContainerExited, code, Now, code == 0 ? "Completed" : "Error");
    }

    internal void LoseSandbox()
    {
        foreach (var sandbox in _sandboxes.Values)
        {
            sandbox.State = PodSandboxState.SandboxNotready;
        }
    }

    public Task<string> RunPodSandboxAsync(PodSandboxConfig config, string runtimeHandler, CancellationToken ct)
    {
        Calls.Enqueue($"sandbox {config.Metadata.Attempt}");
        if (SandboxFailures-- > 0)
        {
            throw new RpcException(StatusCode.Unknown, "no network");
        }

        var id = "s" + Interlocked.Increment(ref _next);
        var sandbox = new PodSandboxStatus { Id = id, Metadata = config.Metadata, State = PodSandboxState.SandboxReady, CreatedAt = Now + _next, Network = new() { Ip = "10.1.1." + _next } };
        sandbox.Labels.Add(config.Labels);
        _sandboxes[id] = sandbox;
        return Task.FromResult(id);
    }

    public Task StopPodSandboxAsync(string sandboxId, CancellationToken ct)
    {
        if (StopFailures-- > 0)
        {
            throw new RpcException(StatusCode.Unknown, "failed to kill sandbox container: ttrpc: closed: unknown");
        }

        if (_sandboxes.TryGetValue(sandboxId, out var sandbox))
        {
            sandbox.State = PodSandboxState.SandboxNotready;
        }

        return Task.CompletedTask;
    }

    public Task RemovePodSandboxAsync(string sandboxId, CancellationToken ct)
    {
        _sandboxes.TryRemove(sandboxId, out _);
        return Task.CompletedTask;
    }

    public Task<PodSandboxStatus> PodSandboxStatusAsync(string sandboxId, CancellationToken ct) =>
        _sandboxes.TryGetValue(sandboxId, out var sandbox) ? Task.FromResult(sandbox.Clone()) : throw new RpcException(StatusCode.NotFound, sandboxId);

    public Task<IReadOnlyList<PodSandbox>> ListPodSandboxAsync(PodSandboxFilter? filter, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<PodSandbox>>([.. _sandboxes.Values.Where(s => Matches(s.Labels, filter?.LabelSelector)).Select(s => new PodSandbox { Id = s.Id, Metadata = s.Metadata, State = s.State, CreatedAt = s.CreatedAt })]);

    public Task<string> CreateContainerAsync(string sandboxId, ContainerConfig config, PodSandboxConfig sandboxConfig, CancellationToken ct)
    {
        var id = "c" + Interlocked.Increment(ref _next);
        var status = new ContainerStatus { Id = id, Metadata = config.Metadata, State = ContainerState.ContainerCreated, CreatedAt = Now + _next, Image = config.Image, ImageRef = "ref" };
        status.Annotations.Add(config.Annotations);
        status.Labels.Add(config.Labels);
        status.Resources = new() { Linux = config.Linux?.Resources?.Clone() };
        _containers[id] = (status, sandboxId);
        return Task.FromResult(id);
    }

    public Task StartContainerAsync(string containerId, CancellationToken ct)
    {
        var status = _containers[containerId].Status;
        Calls.Enqueue("start " + status.Metadata.Name);
        (status.State, status.StartedAt) = (ContainerState.ContainerRunning, Now);
        if (ExitsWith is { } code)
        {
            End(status.Metadata.Name, code);
        }

        return Task.CompletedTask;
    }

    public async Task StopContainerAsync(string containerId, TimeSpan timeout, CancellationToken ct)
    {
        var status = _containers[containerId].Status;
        Calls.Enqueue($"stop {status.Metadata.Name} {timeout.TotalSeconds:0}");
        if (HoldStop is { } hold && timeout > TimeSpan.Zero)
        {
            hold.TrySetResult();
            await Task.Delay(timeout, time, ct);
        }

        if (status.State == ContainerState.ContainerRunning)
        {
            End(status.Metadata.Name, 137);
        }
    }

    public Task RemoveContainerAsync(string containerId, CancellationToken ct)
    {
        _containers.TryRemove(containerId, out _);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<Container>> ListContainersAsync(ContainerFilter? filter, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<Container>>([.. _containers.Values.Where(c => Matches(c.Status.Labels, filter?.LabelSelector)).Select(c => new Container { Id = c.Status.Id, PodSandboxId = c.Sandbox, Metadata = c.Status.Metadata, State = c.Status.State, CreatedAt = c.Status.CreatedAt })]);

    public Task<ContainerStatus> ContainerStatusAsync(string containerId, CancellationToken ct)
    {
        if (!_containers.TryGetValue(containerId, out var found))
        {
            throw new RpcException(StatusCode.NotFound, containerId);
        }

        OnStatus?.Invoke(found.Status);
        return Task.FromResult(found.Status.Clone());
    }

    public async Task<ExecSyncResponse> ExecSyncAsync(string containerId, IReadOnlyList<string> command, TimeSpan timeout, CancellationToken ct)
    {
        Calls.Enqueue("exec " + string.Join(' ', command));
        return new() { ExitCode = await Exec(command, ct) };
    }

    public Task<Image?> ImageStatusAsync(string image, CancellationToken ct) => Task.FromResult(Images.Contains(image) ? new Image { Id = image, Size = 1 } : null);

    public async Task<string> PullImageAsync(string image, AuthConfig? auth, PodSandboxConfig? sandboxConfig, CancellationToken ct)
    {
        Calls.Enqueue("pull " + image);
        if (OnPull is null)
        {
            throw new RpcException(StatusCode.NotFound, "no such image");
        }

        await OnPull();
        lock (Images)
        {
            Images.Add(image);
        }

        return image;
    }

    public Task<VersionResponse> VersionAsync(CancellationToken ct) => Task.FromResult(new VersionResponse());

    public Task<StatusResponse> StatusAsync(CancellationToken ct) => Task.FromResult(new StatusResponse());

    public Task UpdateRuntimeConfigAsync(string podCidr, CancellationToken ct) => Task.CompletedTask;

    public Task UpdateContainerResourcesAsync(string containerId, LinuxContainerResources resources, CancellationToken ct)
    {
        var name = _containers[containerId].Status.Metadata.Name;
        if (RefusesResize is { } problem)
        {
            throw new RpcException(StatusCode.Unknown, problem);
        }

        Calls.Enqueue($"resize {name} shares={resources.CpuShares} quota={resources.CpuQuota} memory={resources.MemoryLimitInBytes >> 20}Mi");
        _containers[containerId].Status.Resources = new() { Linux = resources.Clone() };
        return Task.CompletedTask;
    }

    public Task ReopenContainerLogAsync(string containerId, CancellationToken ct) => Task.CompletedTask;

    public Task<string> ExecAsync(ExecRequest request, CancellationToken ct) => throw new NotSupportedException();

    public Task<string> AttachAsync(AttachRequest request, CancellationToken ct) => throw new NotSupportedException();

    public Task<string> PortForwardAsync(PortForwardRequest request, CancellationToken ct) => throw new NotSupportedException();

    public Task<IReadOnlyList<ContainerStats>> ListContainerStatsAsync(CancellationToken ct) => Task.FromResult<IReadOnlyList<ContainerStats>>([]);

    public Task<IReadOnlyList<PodSandboxStats>> ListPodSandboxStatsAsync(CancellationToken ct) => Task.FromResult<IReadOnlyList<PodSandboxStats>>([]);

    public Task<IReadOnlyList<Image>> ListImagesAsync(CancellationToken ct) => Task.FromResult<IReadOnlyList<Image>>([]);

    public Task RemoveImageAsync(string image, CancellationToken ct) => Task.CompletedTask;

    public Task<IReadOnlyList<FilesystemUsage>> ImageFsInfoAsync(CancellationToken ct) => Task.FromResult<IReadOnlyList<FilesystemUsage>>([]);

    private static bool Matches(Google.Protobuf.Collections.MapField<string, string> labels, Google.Protobuf.Collections.MapField<string, string>? selector) =>
        selector is null || selector.All(s => labels.TryGetValue(s.Key, out var value) && value == s.Value);
}
