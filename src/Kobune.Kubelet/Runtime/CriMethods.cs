using Google.Protobuf;
using Kobune.Grpc;
using Kobune.Kubelet.Cri;

namespace Kobune.Kubelet.Runtime;

/// <summary>CRI's methods: runtime.v1.RuntimeService and runtime.v1.ImageService.</summary>
internal static class CriMethods
{
    internal static readonly GrpcMethod<VersionRequest, VersionResponse> Version = Runtime("Version", VersionRequest.Parser, VersionResponse.Parser);
    internal static readonly GrpcMethod<StatusRequest, StatusResponse> Status = Runtime("Status", StatusRequest.Parser, StatusResponse.Parser);
    internal static readonly GrpcMethod<UpdateRuntimeConfigRequest, UpdateRuntimeConfigResponse> UpdateRuntimeConfig = Runtime("UpdateRuntimeConfig", UpdateRuntimeConfigRequest.Parser, UpdateRuntimeConfigResponse.Parser);
    internal static readonly GrpcMethod<RunPodSandboxRequest, RunPodSandboxResponse> RunPodSandbox = Runtime("RunPodSandbox", RunPodSandboxRequest.Parser, RunPodSandboxResponse.Parser);
    internal static readonly GrpcMethod<StopPodSandboxRequest, StopPodSandboxResponse> StopPodSandbox = Runtime("StopPodSandbox", StopPodSandboxRequest.Parser, StopPodSandboxResponse.Parser);
    internal static readonly GrpcMethod<RemovePodSandboxRequest, RemovePodSandboxResponse> RemovePodSandbox = Runtime("RemovePodSandbox", RemovePodSandboxRequest.Parser, RemovePodSandboxResponse.Parser);
    internal static readonly GrpcMethod<PodSandboxStatusRequest, PodSandboxStatusResponse> PodSandboxStatus = Runtime("PodSandboxStatus", PodSandboxStatusRequest.Parser, PodSandboxStatusResponse.Parser);
    internal static readonly GrpcMethod<ListPodSandboxRequest, ListPodSandboxResponse> ListPodSandbox = Runtime("ListPodSandbox", ListPodSandboxRequest.Parser, ListPodSandboxResponse.Parser);
    internal static readonly GrpcMethod<CreateContainerRequest, CreateContainerResponse> CreateContainer = Runtime("CreateContainer", CreateContainerRequest.Parser, CreateContainerResponse.Parser);
    internal static readonly GrpcMethod<StartContainerRequest, StartContainerResponse> StartContainer = Runtime("StartContainer", StartContainerRequest.Parser, StartContainerResponse.Parser);
    internal static readonly GrpcMethod<StopContainerRequest, StopContainerResponse> StopContainer = Runtime("StopContainer", StopContainerRequest.Parser, StopContainerResponse.Parser);
    internal static readonly GrpcMethod<RemoveContainerRequest, RemoveContainerResponse> RemoveContainer = Runtime("RemoveContainer", RemoveContainerRequest.Parser, RemoveContainerResponse.Parser);
    internal static readonly GrpcMethod<ListContainersRequest, ListContainersResponse> ListContainers = Runtime("ListContainers", ListContainersRequest.Parser, ListContainersResponse.Parser);
    internal static readonly GrpcMethod<ContainerStatusRequest, ContainerStatusResponse> ContainerStatus = Runtime("ContainerStatus", ContainerStatusRequest.Parser, ContainerStatusResponse.Parser);
    internal static readonly GrpcMethod<UpdateContainerResourcesRequest, UpdateContainerResourcesResponse> UpdateContainerResources = Runtime("UpdateContainerResources", UpdateContainerResourcesRequest.Parser, UpdateContainerResourcesResponse.Parser);
    internal static readonly GrpcMethod<ReopenContainerLogRequest, ReopenContainerLogResponse> ReopenContainerLog = Runtime("ReopenContainerLog", ReopenContainerLogRequest.Parser, ReopenContainerLogResponse.Parser);
    internal static readonly GrpcMethod<ExecSyncRequest, ExecSyncResponse> ExecSync = Runtime("ExecSync", ExecSyncRequest.Parser, ExecSyncResponse.Parser);
    internal static readonly GrpcMethod<ExecRequest, ExecResponse> Exec = Runtime("Exec", ExecRequest.Parser, ExecResponse.Parser);
    internal static readonly GrpcMethod<AttachRequest, AttachResponse> Attach = Runtime("Attach", AttachRequest.Parser, AttachResponse.Parser);
    internal static readonly GrpcMethod<PortForwardRequest, PortForwardResponse> PortForward = Runtime("PortForward", PortForwardRequest.Parser, PortForwardResponse.Parser);
    internal static readonly GrpcMethod<ListContainerStatsRequest, ListContainerStatsResponse> ListContainerStats = Runtime("ListContainerStats", ListContainerStatsRequest.Parser, ListContainerStatsResponse.Parser);
    internal static readonly GrpcMethod<ListPodSandboxStatsRequest, ListPodSandboxStatsResponse> ListPodSandboxStats = Runtime("ListPodSandboxStats", ListPodSandboxStatsRequest.Parser, ListPodSandboxStatsResponse.Parser);
    internal static readonly GrpcMethod<ListImagesRequest, ListImagesResponse> ListImages = Image("ListImages", ListImagesRequest.Parser, ListImagesResponse.Parser);
    internal static readonly GrpcMethod<ImageStatusRequest, ImageStatusResponse> ImageStatus = Image("ImageStatus", ImageStatusRequest.Parser, ImageStatusResponse.Parser);
    internal static readonly GrpcMethod<PullImageRequest, PullImageResponse> PullImage = Image("PullImage", PullImageRequest.Parser, PullImageResponse.Parser);
    internal static readonly GrpcMethod<RemoveImageRequest, RemoveImageResponse> RemoveImage = Image("RemoveImage", RemoveImageRequest.Parser, RemoveImageResponse.Parser);
    internal static readonly GrpcMethod<ImageFsInfoRequest, ImageFsInfoResponse> ImageFsInfo = Image("ImageFsInfo", ImageFsInfoRequest.Parser, ImageFsInfoResponse.Parser);

    private static GrpcMethod<TRequest, TResponse> Runtime<TRequest, TResponse>(string name, MessageParser<TRequest> request, MessageParser<TResponse> response)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse> =>
        new("runtime.v1.RuntimeService/" + name, request, response);

    private static GrpcMethod<TRequest, TResponse> Image<TRequest, TResponse>(string name, MessageParser<TRequest> request, MessageParser<TResponse> response)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse> =>
        new("runtime.v1.ImageService/" + name, request, response);
}
