using Kobune.Grpc;
using Kobune.Kubelet.Containerd;

namespace Kobune.Kubelet.Runtime;

/// <summary>How an image's layers are mounted.</summary>
internal interface ISnapshots
{
    /// <summary>Calls the action with the mounts that show a chain of layers, for reading.</summary>
    /// <param name="chain">The chain ID of the topmost layer.</param>
    /// <param name="key">A name that nobody else uses.</param>
    /// <param name="use">Mounts them.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="RpcException">The image is not unpacked, or the runtime is gone.</exception>
    Task ViewAsync(string chain, string key, Action<IReadOnlyList<SnapshotMount>> use, CancellationToken ct);
}

/// <summary>containerd's snapshot service in the namespace k8s.io.</summary>
internal sealed class ContainerdSnapshots(GrpcChannel channel) : ISnapshots
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Those that a node's containerd may have its images in.</summary>
    private static readonly string[] Snapshotters = ["overlayfs", "native"];

    private static readonly Dictionary<string, string> Namespace = new() { ["containerd-namespace"] = "k8s.io" };

    private static readonly GrpcMethod<ViewSnapshotRequest, ViewSnapshotResponse> View =
        new("containerd.services.snapshots.v1.Snapshots/View", ViewSnapshotRequest.Parser, ViewSnapshotResponse.Parser);

    private static readonly GrpcMethod<RemoveSnapshotRequest, RemoveSnapshotResponse> Remove =
        new("containerd.services.snapshots.v1.Snapshots/Remove", RemoveSnapshotRequest.Parser, RemoveSnapshotResponse.Parser);

    public async Task ViewAsync(string chain, string key, Action<IReadOnlyList<SnapshotMount>> use, CancellationToken ct)
    {
        for (var i = 0; i < Snapshotters.Length; i++)
        {
            try
            {
                var view = await channel.UnaryAsync(View, new() { Snapshotter = Snapshotters[i], Key = key, Parent = chain }, Limit, Namespace, ct);
                try
                {
                    use(view.Mounts);
                }
                finally
                {
                    // What is mounted are the image's own layers: the view is nothing but their list.
                    await channel.UnaryAsync(Remove, new() { Snapshotter = Snapshotters[i], Key = key }, Limit, Namespace, CancellationToken.None);
                }

                return;
            }
            catch (RpcException) when (i + 1 < Snapshotters.Length)
            {
                // The image may lie in the other one.
            }
        }
    }
}
