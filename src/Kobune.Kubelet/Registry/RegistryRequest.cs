namespace Kobune.Kubelet.Registry;

/// <summary>What a client of a registry asks for.</summary>
internal enum RegistryResource
{
    /// <summary>Whether this is a registry: /v2/.</summary>
    Base,

    /// <summary>A manifest or an index, by tag or digest.</summary>
    Manifest,

    /// <summary>Any part of an image, by digest.</summary>
    Blob,
}

/// <summary>A path of the distribution specification, /v2/NAME/manifests/REFERENCE or /v2/NAME/blobs/DIGEST.</summary>
/// <param name="Resource">What is asked for.</param>
/// <param name="Repository">The full name, with the registry that the client would have asked: "docker.io/library/web".</param>
/// <param name="Reference">Tag or digest.</param>
internal sealed record RegistryRequest(RegistryResource Resource, string Repository, string Reference)
{
    /// <summary>Whether the reference is a digest.</summary>
    public bool IsDigest => Reference.Contains(':', StringComparison.Ordinal);

    /// <summary>Reads a request; null for a path that is none.</summary>
    /// <param name="path">Decoded.</param>
    /// <param name="ns">The query parameter ns, by which containerd tells a mirror whose image it wants; without it the name has to carry the registry, or means docker.io.</param>
    public static RegistryRequest? Parse(string path, string? ns)
    {
        if (path is "/v2/" or "/v2")
        {
            return new(RegistryResource.Base, "", "");
        }

        if (!path.StartsWith("/v2/", StringComparison.Ordinal))
        {
            return null;
        }

        var parts = path["/v2/".Length..].Split('/');
        if (parts.Length < 3 || parts.Any(p => p.Length == 0 || p is "." or ".."))
        {
            return null;
        }

        RegistryResource? resource = parts[^2] switch { "manifests" => RegistryResource.Manifest, "blobs" => RegistryResource.Blob, _ => null };
        var name = string.Join('/', parts[..^2]);
        return resource is { } known && (known == RegistryResource.Manifest || parts[^1].Contains(':', StringComparison.Ordinal)) ? new(known, FullName(name, ns), parts[^1]) : null;
    }

    private static string FullName(string name, string? ns)
    {
        if (!string.IsNullOrEmpty(ns))
        {
            return ns + "/" + name;
        }

        var first = name.Split('/')[0];
        return first == "localhost" || (name.Contains('/', StringComparison.Ordinal) && first.AsSpan().ContainsAny('.', ':')) ? name : "docker.io/" + name;
    }
}
