using Google.Protobuf;
using Kobune.Grpc;
using Kobune.Kubelet.Cri;

namespace Kobune.Kubelet.Runtime;

/// <summary>CRI over gRPC on the runtime's unix socket. Time limits are the kubelet's: two minutes, longer where the runtime waits by design.</summary>
internal sealed class CriClient(GrpcChannel channel) : ICriRuntime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>A sandbox waits for CNI, which may wait for the network to come.</summary>
    private static readonly TimeSpan SandboxLimit = TimeSpan.FromMinutes(4);

    public Task<VersionResponse> VersionAsync(CancellationToken ct) => CallAsync(CriMethods.Version, new() { Version = "0.1.0" }, ct);

    public Task<StatusResponse> StatusAsync(CancellationToken ct) => CallAsync(CriMethods.Status, new(), ct);

    public Task UpdateRuntimeConfigAsync(string podCidr, CancellationToken ct) =>
        CallAsync(CriMethods.UpdateRuntimeConfig, new() { RuntimeConfig = new() { NetworkConfig = new() { PodCidr = podCidr } } }, ct);

    public async Task<string> RunPodSandboxAsync(PodSandboxConfig config, string runtimeHandler, CancellationToken ct) =>
        (await CallAsync(CriMethods.RunPodSandbox, new() { Config = config, RuntimeHandler = runtimeHandler }, ct, SandboxLimit)).PodSandboxId;

    public Task StopPodSandboxAsync(string sandboxId, CancellationToken ct) => CallAsync(CriMethods.StopPodSandbox, new() { PodSandboxId = sandboxId }, ct);

    public Task RemovePodSandboxAsync(string sandboxId, CancellationToken ct) => CallAsync(CriMethods.RemovePodSandbox, new() { PodSandboxId = sandboxId }, ct);

    public async Task<PodSandboxStatus> PodSandboxStatusAsync(string sandboxId, CancellationToken ct) =>
        (await CallAsync(CriMethods.PodSandboxStatus, new() { PodSandboxId = sandboxId }, ct)).Status;

    public async Task<IReadOnlyList<PodSandbox>> ListPodSandboxAsync(PodSandboxFilter? filter, CancellationToken ct) =>
        (await CallAsync(CriMethods.ListPodSandbox, new() { Filter = filter }, ct)).Items;

    public async Task<string> CreateContainerAsync(string sandboxId, ContainerConfig config, PodSandboxConfig sandboxConfig, CancellationToken ct) =>
        (await CallAsync(CriMethods.CreateContainer, new() { PodSandboxId = sandboxId, Config = config, SandboxConfig = sandboxConfig }, ct)).ContainerId;

    public Task StartContainerAsync(string containerId, CancellationToken ct) => CallAsync(CriMethods.StartContainer, new() { ContainerId = containerId }, ct);

    public Task StopContainerAsync(string containerId, TimeSpan timeout, CancellationToken ct) =>
        CallAsync(CriMethods.StopContainer, new() { ContainerId = containerId, Timeout = (long)timeout.TotalSeconds }, ct, Limit + timeout);

    public Task RemoveContainerAsync(string containerId, CancellationToken ct) => CallAsync(CriMethods.RemoveContainer, new() { ContainerId = containerId }, ct);

    public async Task<IReadOnlyList<Container>> ListContainersAsync(ContainerFilter? filter, CancellationToken ct) =>
        (await CallAsync(CriMethods.ListContainers, new() { Filter = filter }, ct)).Containers;

    public async Task<ContainerStatus> ContainerStatusAsync(string containerId, CancellationToken ct) =>
        (await CallAsync(CriMethods.ContainerStatus, new() { ContainerId = containerId }, ct)).Status;

    public Task UpdateContainerResourcesAsync(string containerId, LinuxContainerResources resources, CancellationToken ct) =>
        CallAsync(CriMethods.UpdateContainerResources, new() { ContainerId = containerId, Linux = resources }, ct);

    public Task ReopenContainerLogAsync(string containerId, CancellationToken ct) => CallAsync(CriMethods.ReopenContainerLog, new() { ContainerId = containerId }, ct);

    public Task<ExecSyncResponse> ExecSyncAsync(string containerId, IReadOnlyList<string> command, TimeSpan timeout, CancellationToken ct)
    {
        var request = new ExecSyncRequest { ContainerId = containerId, Timeout = (long)timeout.TotalSeconds };
        request.Cmd.AddRange(command);
        return CallAsync(CriMethods.ExecSync, request, ct, timeout == TimeSpan.Zero ? TimeSpan.FromDays(1) : Limit + timeout);
    }

    public async Task<string> ExecAsync(ExecRequest request, CancellationToken ct) => (await CallAsync(CriMethods.Exec, request, ct)).Url;

    public async Task<string> AttachAsync(AttachRequest request, CancellationToken ct) => (await CallAsync(CriMethods.Attach, request, ct)).Url;

    public async Task<string> PortForwardAsync(PortForwardRequest request, CancellationToken ct) => (await CallAsync(CriMethods.PortForward, request, ct)).Url;

    public async Task<IReadOnlyList<ContainerStats>> ListContainerStatsAsync(CancellationToken ct) => (await CallAsync(CriMethods.ListContainerStats, new(), ct)).Stats;

    public async Task<IReadOnlyList<PodSandboxStats>> ListPodSandboxStatsAsync(CancellationToken ct) => (await CallAsync(CriMethods.ListPodSandboxStats, new(), ct)).Stats;

    public async Task<IReadOnlyList<Image>> ListImagesAsync(CancellationToken ct) => (await CallAsync(CriMethods.ListImages, new(), ct)).Images;

    public async Task<Image?> ImageStatusAsync(string image, CancellationToken ct) => (await CallAsync(CriMethods.ImageStatus, new() { Image = new() { Image = image } }, ct)).Image;

    public async Task<string> PullImageAsync(string image, AuthConfig? auth, PodSandboxConfig? sandboxConfig, CancellationToken ct) =>
        (await CallAsync(CriMethods.PullImage, new() { Image = new() { Image = image }, Auth = auth, SandboxConfig = sandboxConfig }, ct, TimeSpan.FromHours(1))).ImageRef;

    public Task RemoveImageAsync(string image, CancellationToken ct) => CallAsync(CriMethods.RemoveImage, new() { Image = new() { Image = image } }, ct);

    public async Task<IReadOnlyList<FilesystemUsage>> ImageFsInfoAsync(CancellationToken ct) => (await CallAsync(CriMethods.ImageFsInfo, new(), ct)).ImageFilesystems;

    private Task<TResponse> CallAsync<TRequest, TResponse>(GrpcMethod<TRequest, TResponse> method, TRequest request, CancellationToken ct, TimeSpan? limit = null)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        channel.UnaryAsync(method, request, limit ?? Limit, ct);
}
