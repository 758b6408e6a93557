using Kobune.Kubelet.Machine;

namespace Kobune.Kubelet.Volumes;

/// <summary>
/// Files that change all at once (volume/util/atomic_writer.go): the content lies in a folder ..&lt;time&gt;, the link ..data points to it and is
/// renamed over, what the user sees are links into ..data. Readers see the old set or the new one, never a mixture.
/// </summary>
internal static class AtomicWriter
{
    private const string Data = "..data";

    /// <summary>Makes the folder hold exactly these files. False when it already did.</summary>
    /// <exception cref="VolumeException">A path leaves the folder.</exception>
    internal static bool Write(string folder, IReadOnlyDictionary<string, VolumeFile> files, long? group, TimeProvider time)
    {
        foreach (var path in files.Keys)
        {
            Validate(path);
        }

        var link = Path.Combine(folder, Data);
        var old = new FileInfo(link).LinkTarget;
        if (old is not null && Same(Path.Combine(folder, old), files))
        {
            LinkVisible(folder, files.Keys);
            return false;
        }

        var name = $"..{time.GetUtcNow():yyyy_MM_dd_HH_mm_ss}.{Random.Shared.NextInt64(1_000_000_000, 4_294_967_295)}";
        var fresh = Path.Combine(folder, name);
        Directory.CreateDirectory(fresh);
        SetAccess(fresh, 0b111_101_101, null, group);
        foreach (var (path, file) in files)
        {
            WriteFile(fresh, path, file, group);
        }

        var temporary = link + "_tmp";
        File.Delete(temporary);
        File.CreateSymbolicLink(temporary, name);
        Linux.Rename(temporary, link);
        LinkVisible(folder, files.Keys);
        if (old is not null)
        {
            Directory.Delete(Path.Combine(folder, old), recursive: true);
        }

        return true;
    }

    /// <summary>Paths are relative, without "..", and not so named that they hide the writer's own entries.</summary>
    internal static void Validate(string path)
    {
        if (path.Length == 0 || path[0] == '/' || path.Length > 4096)
        {
            throw new VolumeException($"invalid path: must be relative path: {path}");
        }

        var segments = path.Split('/');
        if (segments.Any(s => s == "..") || segments[0].StartsWith("..", StringComparison.Ordinal))
        {
            throw new VolumeException($"invalid path: must not contain '..': {path}");
        }
    }

    private static bool Same(string folder, IReadOnlyDictionary<string, VolumeFile> files)
    {
        if (!Directory.Exists(folder))
        {
            return false;
        }

        var found = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f)).ToHashSet();
        return found.SetEquals(files.Keys.Select(k => Path.GetRelativePath(folder, Path.Combine(folder, k))))
            && files.All(f => File.ReadAllBytes(Path.Combine(folder, f.Key)).AsSpan().SequenceEqual(f.Value.Content.Span));
    }

    private static void WriteFile(string folder, string path, VolumeFile file, long? group)
    {
        var full = Path.Combine(folder, path);
        var parent = Path.GetDirectoryName(full)!;
        for (var at = parent; at.Length > folder.Length && !Directory.Exists(at); at = Path.GetDirectoryName(at)!)
        {
            Directory.CreateDirectory(at);
            SetAccess(at, 0b111_101_101, null, group);
        }

        using (var stream = new FileStream(full, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            stream.Write(file.Content.Span);
        }

        SetAccess(full, group is null ? file.Mode : file.Mode | 0b100_100_000, file.Owner, group);
    }

    private static void SetAccess(string path, int mode, long? owner, long? group)
    {
        File.SetUnixFileMode(path, (UnixFileMode)mode); // exactly, whatever the umask is
        if (owner is not null || group is not null)
        {
            Linux.ChangeOwner(path, owner ?? -1, group ?? -1);
        }
    }

    private static void LinkVisible(string folder, IEnumerable<string> paths)
    {
        var wanted = paths.Select(p => p.Split('/')[0]).ToHashSet();
        foreach (var name in wanted)
        {
            var link = Path.Combine(folder, name);
            if (new FileInfo(link).LinkTarget is null)
            {
                File.CreateSymbolicLink(link, $"{Data}/{name}");
            }
        }

        foreach (var entry in Directory.EnumerateFileSystemEntries(folder))
        {
            var name = Path.GetFileName(entry);
            if (!name.StartsWith("..", StringComparison.Ordinal) && !wanted.Contains(name))
            {
                File.Delete(entry);
            }
        }
    }
}
