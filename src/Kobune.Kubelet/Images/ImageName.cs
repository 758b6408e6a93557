namespace Kobune.Kubelet.Images;

/// <summary>Image references (distribution/reference).</summary>
internal static class ImageName
{
    /// <summary>The reference with its tag: latest when there is neither tag nor digest.</summary>
    internal static string WithTag(string image)
    {
        if (image.Contains('@', StringComparison.Ordinal))
        {
            return image;
        }

        var slash = image.LastIndexOf('/');
        return image.IndexOf(':', slash + 1) < 0 ? image + ":latest" : image;
    }

    /// <summary>The registry that a reference names, "registry.test:5000"; null for Docker Hub's short names (distribution/reference, splitDockerDomain).</summary>
    internal static string? HostOf(string image)
    {
        var slash = image.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? "" : image[..slash];
        return first.Contains('.', StringComparison.Ordinal) || first.Contains(':', StringComparison.Ordinal) || first == "localhost" ? first : null;
    }

    /// <summary>Null when the reference is well formed, else upstream's complaint.</summary>
    internal static string? Complaint(string image)
    {
        var name = image.Split('@')[0];
        var slash = name.LastIndexOf('/');
        var colon = name.IndexOf(':', slash + 1);
        var path = colon < 0 ? name : name[..colon];
        if (path.Length == 0 || path.Any(c => c is ' ' or '\t' or '*' or '!' or '$' or '\\') || path.StartsWith('/') || path.EndsWith('/'))
        {
            return "invalid reference format";
        }

        var repository = HostOf(path) is { } head ? path[(head.Length + 1)..] : path;
        if (repository.Any(char.IsUpper))
        {
            return "invalid reference format: repository name (" + repository + ") must be lowercase";
        }

        return colon >= 0 && (colon + 1 == name.Length || name[(colon + 1)..].Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-'))) ? "invalid reference format" : null;
    }

    /// <summary>The pull policy of a container; the API sets it, a static pod may leave it out.</summary>
    internal static string Policy(string policy, string image) =>
        policy.Length > 0 ? policy : WithTag(image).EndsWith(":latest", StringComparison.Ordinal) ? "Always" : "IfNotPresent";
}
