namespace Kobune.Cli.Images;

/// <summary>Image names as Kubernetes completes them: "hello" is docker.io/library/hello:latest.</summary>
internal static class ImageReference
{
    /// <summary>The full name. Source: distribution/reference, ParseDockerRef.</summary>
    public static string Complete(string name)
    {
        var at = name.IndexOf('@', StringComparison.Ordinal);
        var (path, digest) = at < 0 ? (name, "") : (name[..at], name[at..]);
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? "" : path[..slash];
        var hasDomain = first.Contains('.') || first.Contains(':') || first == "localhost";
        var full = hasDomain ? path : "docker.io/" + (slash < 0 ? "library/" : "") + path;
        return digest.Length > 0 ? full + digest : full.LastIndexOf(':') > full.LastIndexOf('/') ? full : full + ":latest";
    }

    /// <summary>The registry of a full name: "registry.test:5000".</summary>
    public static string HostOf(string name) => name[..name.IndexOf('/', StringComparison.Ordinal)];

    /// <summary>Repository and tag of a full name.</summary>
    public static (string Repository, string Tag) Split(string name)
    {
        var colon = name.LastIndexOf(':');
        return colon > name.LastIndexOf('/') ? (name[..colon], name[(colon + 1)..]) : (name, "");
    }
}
