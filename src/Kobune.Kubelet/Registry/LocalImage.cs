namespace Kobune.Kubelet.Registry;

/// <summary>A name in containerd and what it stands for.</summary>
/// <param name="Name">"docker.io/library/web:1".</param>
/// <param name="Digest">Of its manifest or index, "sha256:...".</param>
/// <param name="MediaType">Of that.</param>
/// <param name="LoadedDigest">The digest that was built, loaded or tagged under this name on this node; empty for an image that came from a registry alone.</param>
internal sealed record LocalImage(string Name, string Digest, string MediaType, string LoadedDigest)
{
    /// <summary>
    /// Whether the image is the user's own doing. An image that was pulled is never handed out again: only its registry knows who may have it, and which
    /// is the newest.
    /// </summary>
    public bool IsLoaded => LoadedDigest == Digest;

    /// <summary>Its name without tag and digest.</summary>
    public string Repository
    {
        get
        {
            var name = Name.Split('@')[0];
            var colon = name.LastIndexOf(':');
            return colon > name.LastIndexOf('/') ? name[..colon] : name;
        }
    }
}

/// <summary>Reads the names in containerd.</summary>
internal interface ILocalImages
{
    /// <summary>All names of the namespace k8s.io.</summary>
    Task<IReadOnlyList<LocalImage>> ListAsync(CancellationToken ct);
}
