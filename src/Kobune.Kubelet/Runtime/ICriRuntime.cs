using Kobune.Kubelet.Cri;

namespace Kobune.Kubelet.Runtime;

/// <summary>The container runtime interface as the kubelet uses it. Failures are <see cref="Kobune.Grpc.RpcException"/>.</summary>
internal interface ICriRuntime
{
    Task<VersionResponse> VersionAsync(CancellationToken ct);

    Task<StatusResponse> StatusAsync(CancellationToken ct);

    Task UpdateRuntimeConfigAsync(string podCidr, CancellationToken ct);

    Task<string> RunPodSandboxAsync(PodSandboxConfig config, string runtimeHandler, CancellationToken ct);

    Task StopPodSandboxAsync(string sandboxId, CancellationToken ct);

    Task RemovePodSandboxAsync(string sandboxId, CancellationToken ct);

    Task<PodSandboxStatus> PodSandboxStatusAsync(string sandboxId, CancellationToken ct);

    Task<IReadOnlyList<PodSandbox>> ListPodSandboxAsync(PodSandboxFilter? filter, CancellationToken ct);

    Task<string> CreateContainerAsync(string sandboxId, ContainerConfig config, PodSandboxConfig sandboxConfig, CancellationToken ct);

    Task StartContainerAsync(string containerId, CancellationToken ct);

    /// <summary>SIGTERM (or the image's stop signal), then SIGKILL after the timeout.</summary>
    Task StopContainerAsync(string containerId, TimeSpan timeout, CancellationToken ct);

    Task RemoveContainerAsync(string containerId, CancellationToken ct);

    Task<IReadOnlyList<Container>> ListContainersAsync(ContainerFilter? filter, CancellationToken ct);

    Task<ContainerStatus> ContainerStatusAsync(string containerId, CancellationToken ct);

    Task UpdateContainerResourcesAsync(string containerId, LinuxContainerResources resources, CancellationToken ct);

    Task ReopenContainerLogAsync(string containerId, CancellationToken ct);

    /// <summary>Runs a command to its end; a command that outlasts the timeout fails with DeadlineExceeded.</summary>
    Task<ExecSyncResponse> ExecSyncAsync(string containerId, IReadOnlyList<string> command, TimeSpan timeout, CancellationToken ct);

    /// <summary>The URL of the runtime's streaming server for one exec.</summary>
    Task<string> ExecAsync(ExecRequest request, CancellationToken ct);

    Task<string> AttachAsync(AttachRequest request, CancellationToken ct);

    Task<string> PortForwardAsync(PortForwardRequest request, CancellationToken ct);

    Task<IReadOnlyList<ContainerStats>> ListContainerStatsAsync(CancellationToken ct);

    Task<IReadOnlyList<PodSandboxStats>> ListPodSandboxStatsAsync(CancellationToken ct);

    Task<IReadOnlyList<Image>> ListImagesAsync(CancellationToken ct);

    /// <summary>Null when the image is not on the node.</summary>
    Task<Image?> ImageStatusAsync(string image, CancellationToken ct);

    Task<string> PullImageAsync(string image, AuthConfig? auth, PodSandboxConfig? sandboxConfig, CancellationToken ct);

    Task RemoveImageAsync(string image, CancellationToken ct);

    Task<IReadOnlyList<FilesystemUsage>> ImageFsInfoAsync(CancellationToken ct);
}
