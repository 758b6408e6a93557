using Kobune.Grpc;
using Kobune.Kubelet.Containerd;

namespace Kobune.Kubelet.Registry;

/// <summary>containerd's image service, in the namespace k8s.io.</summary>
internal sealed class ContainerdImages(string socket) : ILocalImages, IDisposable
{
    private const string LoadedLabel = "io.kobune.loaded";
    private const string Service = "containerd.services.images.v1.Images/";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly GrpcMethod<ListImagesRequest, ListImagesResponse> List = new(Service + "List", ListImagesRequest.Parser, ListImagesResponse.Parser);
    private static readonly GrpcMethod<UpdateImageRequest, UpdateImageResponse> Update = new(Service + "Update", UpdateImageRequest.Parser, UpdateImageResponse.Parser);
    private readonly GrpcChannel _channel = GrpcChannel.ForUnixSocket(socket, new() { Headers = new Dictionary<string, string> { ["containerd-namespace"] = "k8s.io" } });

    public async Task<IReadOnlyList<LocalImage>> ListAsync(CancellationToken ct)
    {
        var answer = await _channel.UnaryAsync(List, new(), Limit, ct);
        return [.. answer.Images.Select(i => new LocalImage(i.Name, i.Target.Digest, i.Target.MediaType, i.Labels.TryGetValue(LoadedLabel, out var digest) ? digest : ""))];
    }

    /// <summary>Marks a name as loaded with what it stands for now, or takes the mark away.</summary>
    public Task MarkAsync(LocalImage image, bool loaded, CancellationToken ct)
    {
        var request = new UpdateImageRequest { Image = new() { Name = image.Name, Labels = { [LoadedLabel] = loaded ? image.Digest : "" } }, UpdateMask = new() };
        request.UpdateMask.Paths.Add("labels." + LoadedLabel);
        return _channel.UnaryAsync(Update, request, Limit, ct);
    }

    public void Dispose() => _channel.Dispose();
}
