namespace Kobune.Kubelet.Volumes;

/// <summary>A folder or file inside a volume. Links are followed here, and never out of the volume.</summary>
internal static class SubPath
{
    /// <summary>The real path of the sub path; missing folders are made.</summary>
    /// <exception cref="VolumeException">The path leaves the volume.</exception>
    internal static string Resolve(string volume, string subPath, bool readOnlyVolume)
    {
        if (Path.IsPathRooted(subPath) || subPath.Split('/').Contains(".."))
        {
            throw new VolumeException($"failed to prepare subPath for volumeMount: must not contain '..' or be absolute: {subPath}");
        }

        var root = Real(volume);
        var at = root;
        foreach (var segment in subPath.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(s => s != "."))
        {
            at = Path.Combine(at, segment);
            if (!Path.Exists(at) && new FileInfo(at).LinkTarget is null)
            {
                if (readOnlyVolume)
                {
                    throw new VolumeException($"failed to prepare subPath for volumeMount: {at} does not exist");
                }

                Directory.CreateDirectory(at, (UnixFileMode)0b111_101_000);
                File.SetUnixFileMode(at, File.GetUnixFileMode(root)); // a new sub path has its volume's mode
            }

            at = Real(at);
            if (at != root && !at.StartsWith(root + "/", StringComparison.Ordinal))
            {
                throw new VolumeException($"failed to prepare subPath for volumeMount: {subPath} leads out of the volume");
            }
        }

        return at;
    }

    /// <summary>The path of something in a volume, as a process sees it for which the volume is all there is: absolute links and ".." end at its root.</summary>
    /// <exception cref="VolumeException">Its links go round in a circle.</exception>
    internal static string Within(string volume, string path) => Real(path, volume.TrimEnd('/'));

    /// <summary>realpath(3), below a root.</summary>
    private static string Real(string path, string root = "/")
    {
        var done = root;
        var todo = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(s => s != ".").Reverse());
        for (var hops = 0; todo.Count > 0;)
        {
            var segment = todo.Pop();
            if (segment == "..")
            {
                done = done == root ? root : Path.GetDirectoryName(done)!;
                continue;
            }

            var next = Path.Combine(done, segment);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                done = next;
                continue;
            }

            if (++hops > 40)
            {
                throw new VolumeException($"too many levels of symbolic links: {path}");
            }

            done = target.StartsWith('/') ? root : done;
            foreach (var part in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                if (part != ".")
                {
                    todo.Push(part);
                }
            }
        }

        return done;
    }
}
