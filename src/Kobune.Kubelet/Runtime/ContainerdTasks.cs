using Kobune.Grpc;
using Kobune.Kubelet.Containerd;

namespace Kobune.Kubelet.Runtime;

/// <summary>containerd's task service in the namespace k8s.io, beside CRI.</summary>
internal sealed class ContainerdTasks(GrpcChannel channel)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private static readonly GrpcMethod<DeleteProcessRequest, DeleteResponse> DeleteProcess =
        new("containerd.services.tasks.v1.Tasks/DeleteProcess", DeleteProcessRequest.Parser, DeleteResponse.Parser);

    private static readonly Dictionary<string, string> Namespace = new() { ["containerd-namespace"] = "k8s.io" };

    /// <summary>Closes what the shim still holds of an exec whose process is over. One that is unknown by now is no error.</summary>
    /// <exception cref="RpcException">The runtime refused or is gone.</exception>
    internal async Task ForgetExecAsync(string containerId, string execId, CancellationToken ct)
    {
        try
        {
            await channel.UnaryAsync(DeleteProcess, new() { ContainerId = containerId, ExecId = execId }, Timeout, Namespace, ct);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            // containerd was done with it by itself.
        }
    }
}
