namespace Kobune.Kubelet.Registry;

/// <summary>What the view hands out.</summary>
/// <param name="File">The blob's file.</param>
/// <param name="Digest">Its digest.</param>
/// <param name="MediaType">Its type.</param>
internal sealed record RegistryAnswer(string File, string Digest, string MediaType);

/// <summary>
/// Answers for a read-only registry from what is in containerd: an image that was built, loaded or tagged on this node is found under its name, every other
/// name is unknown here, so that its own registry is asked.
/// </summary>
internal sealed class RegistryView(ILocalImages images, ContentStore content)
{
    /// <summary>The answer; null when nothing of this name is here.</summary>
    public async Task<RegistryAnswer?> FindAsync(RegistryRequest request, CancellationToken ct)
    {
        foreach (var image in (await images.ListAsync(ct)).Where(i => i.IsLoaded && i.Repository == request.Repository))
        {
            if (PartOf(image, request) is { } part && content.FileOf(part.Digest) is { } file)
            {
                return new(file, part.Digest, part.MediaType);
            }
        }

        return null;
    }

    private Part? PartOf(LocalImage image, RegistryRequest request)
    {
        var root = new Part(image.Digest, image.MediaType);
        if (!request.IsDigest)
        {
            return request.Resource == RegistryResource.Manifest && image.Name == $"{request.Repository}:{request.Reference}" ? root : null;
        }

        return content.Closure(root).TryGetValue(request.Reference, out var part) && (request.Resource == RegistryResource.Blob || ContentStore.IsManifest(part.MediaType)) ? part : null;
    }
}
