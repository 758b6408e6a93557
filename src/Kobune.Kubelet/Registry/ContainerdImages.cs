using Kobune.Grpc;
using Kobune.Kubelet.Containerd;

namespace Kobune.Kubelet.Registry;

/// <summary>containerd's image service, in the namespace k8s.io.</summary>
internal sealed class ContainerdImages(string socket, LoadedNames loaded) : ILocalImages, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly GrpcMethod<ListImagesRequest, ListImagesResponse> List = new("containerd.services.images.v1.Images/List", ListImagesRequest.Parser, ListImagesResponse.Parser);
    private readonly GrpcChannel _channel = GrpcChannel.ForUnixSocket(socket, new() { Headers = new Dictionary<string, string> { ["containerd-namespace"] = "k8s.io" } });

    public async Task<IReadOnlyList<LocalImage>> ListAsync(CancellationToken ct)
    {
        var answer = await _channel.UnaryAsync(List, new(), Limit, ct);
        var marks = loaded.Read();
        return [.. answer.Images.Select(i => new LocalImage(i.Name, i.Target.Digest, i.Target.MediaType, marks.GetValueOrDefault(i.Name, "")))];
    }

    public void Dispose() => _channel.Dispose();
}
