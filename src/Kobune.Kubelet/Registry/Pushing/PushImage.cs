namespace Kobune.Kubelet.Registry.Pushing;

/// <summary>What of an image is pushed, in an order in which every part finds its own parts there already. Pure over the content.</summary>
/// <param name="Manifests">Manifests and indexes, the one that gets the tag last.</param>
/// <param name="Blobs">Layers and configurations.</param>
internal sealed record PushImage(IReadOnlyList<Part> Manifests, IReadOnlyList<Part> Blobs)
{
    /// <exception cref="PushException">A part is not on this node.</exception>
    public static PushImage Of(ContentStore content, Part root)
    {
        var here = OneOfIndex(content, root);
        var parts = content.Closure(here).Values.Where(p => !IsForeign(p.MediaType)).ToList();
        if (parts.Find(p => content.FileOf(p.Digest) is null) is { } missing)
        {
            throw new PushException($"{missing.Digest} ({missing.MediaType}) is not on this node");
        }

        // The closure goes from parents to children.
        return new([.. parts.Where(p => ContentStore.IsManifest(p.MediaType)).Reverse()], [.. parts.Where(p => !ContentStore.IsManifest(p.MediaType))]);
    }

    // Of an index that was pulled for this machine's platform alone, the one image is pushed.
    private static Part OneOfIndex(ContentStore content, Part root)
    {
        if (!root.MediaType.Contains("index", StringComparison.Ordinal) && !root.MediaType.Contains("manifest.list", StringComparison.Ordinal))
        {
            return root;
        }

        var children = content.PartsOf(root.Digest);
        var complete = children.Where(c => content.Closure(c).Keys.All(d => content.FileOf(d) is not null)).ToList();
        return complete.Count == 1 && children.Count > 1 ? complete[0] : root;
    }

    // Layers that only their maker hands out.
    private static bool IsForeign(string mediaType) => mediaType.Contains("foreign", StringComparison.Ordinal) || mediaType.Contains("nondistributable", StringComparison.Ordinal);
}
