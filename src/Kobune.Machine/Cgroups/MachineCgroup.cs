using System.Globalization;
using Kobune.Machine.Host;

namespace Kobune.Machine.Cgroups;

/// <summary>The cgroup of one machine, one folder in each hierarchy: <c>/kobune/NAME</c>. The machine sees it as the root.</summary>
/// <param name="layout">What is mounted.</param>
/// <param name="name">The last part of the path.</param>
public sealed class MachineCgroup(CgroupLayout layout, string name)
{
    private const string Parent = "kobune";

    /// <summary>The folders, one in each hierarchy.</summary>
    public IEnumerable<string> Folders => layout.Hierarchies.Select(FolderIn);

    /// <summary>Makes the folders, ready to take processes.</summary>
    public void Create(int? cpus, long? memoryBytes)
    {
        foreach (var hierarchy in layout.Hierarchies)
        {
            var parent = Path.Combine(hierarchy.MountPoint, Parent);
            if (hierarchy.IsVersion2)
            {
                EnableControllers(hierarchy.MountPoint);
            }

            Prepare(hierarchy.MountPoint, parent, hierarchy);
            Prepare(parent, FolderIn(hierarchy), hierarchy, enable: false); // the machine does it itself, once its processes sit in a leaf
            Limit(hierarchy, cpus, memoryBytes);
        }
    }

    /// <summary>Changes the limits of a machine that runs; null lifts them.</summary>
    public void SetLimits(int? cpus, long? memoryBytes)
    {
        foreach (var hierarchy in layout.Hierarchies.Where(h => Directory.Exists(FolderIn(h))))
        {
            var folder = FolderIn(hierarchy);
            var bytes = memoryBytes?.ToString(CultureInfo.InvariantCulture);
            WriteIfThere(Path.Combine(folder, "memory.limit_in_bytes"), bytes ?? "-1");
            WriteIfThere(Path.Combine(folder, "memory.max"), bytes ?? "max");
            WriteIfThere(Path.Combine(folder, "cpu.cfs_quota_us"), cpus is { } v1 ? (v1 * 100_000).ToString(CultureInfo.InvariantCulture) : "-1");
            WriteIfThere(Path.Combine(folder, "cpu.max"), cpus is { } v2 ? $"{v2 * 100_000} 100000" : "max 100000");
        }
    }

    /// <summary>Puts the calling process into the machine's cgroup, in all hierarchies.</summary>
    public void Enter()
    {
        foreach (var folder in Folders)
        {
            File.WriteAllText(Path.Combine(folder, "cgroup.procs"), "0");
        }
    }

    /// <summary>
    /// Inside the machine, whose cgroup namespace shows the machine's cgroup as the root: moves the calling process to a leaf beside kubepods, because
    /// version 2 gives controllers only to the children of a cgroup that holds no process itself.
    /// </summary>
    public static void MoveToLeaf(CgroupLayout inside)
    {
        foreach (var hierarchy in inside.Hierarchies)
        {
            Prepare(hierarchy.MountPoint, Path.Combine(hierarchy.MountPoint, Parent), hierarchy, enable: false);
            File.WriteAllText(Path.Combine(hierarchy.MountPoint, Parent, "cgroup.procs"), "0");
            if (hierarchy.IsVersion2)
            {
                EnableControllers(hierarchy.MountPoint);
            }
        }
    }

    /// <summary>Kills what is left in a cgroup folder and removes it, with the folders below it, and the common parent when that is empty.</summary>
    /// <returns>Whether it is gone.</returns>
    public static async Task<bool> RemoveAsync(string folder, TimeProvider time, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        while (Directory.Exists(folder))
        {
            foreach (var child in Below(folder).Append(folder))
            {
                KillMembers(child);
                TryRemove(child);
            }

            if (!Directory.Exists(folder))
            {
                break;
            }

            if (time.GetElapsedTime(start) > TimeSpan.FromSeconds(10))
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), time, ct);
        }

        var parent = Path.GetDirectoryName(folder)!;
        if (Path.GetFileName(parent) == Parent && Directory.Exists(parent) && Below(parent).Count == 0)
        {
            TryRemove(parent);
        }

        return true;
    }

    private string FolderIn(CgroupHierarchy hierarchy) => Path.Combine(hierarchy.MountPoint, Parent, name);

    private static void Prepare(string parent, string folder, CgroupHierarchy hierarchy, bool enable = true)
    {
        Directory.CreateDirectory(folder);
        if (hierarchy.IsVersion2)
        {
            if (enable)
            {
                EnableControllers(folder);
            }

            return;
        }

        // Version 1's cpuset starts empty, and an empty one takes no process.
        foreach (var file in new[] { "cpuset.cpus", "cpuset.mems" })
        {
            var (from, to) = (Path.Combine(parent, file), Path.Combine(folder, file));
            if (File.Exists(to) && string.IsNullOrWhiteSpace(File.ReadAllText(to)))
            {
                File.WriteAllText(to, File.ReadAllText(from).Trim());
            }
        }
    }

    // One at a time: a controller that this kernel or this level does not give must not keep the others away.
    private static void EnableControllers(string folder)
    {
        var (offered, control) = (Path.Combine(folder, "cgroup.controllers"), Path.Combine(folder, "cgroup.subtree_control"));
        if (!File.Exists(offered))
        {
            return;
        }

        foreach (var controller in File.ReadAllText(offered).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            TryWrite(control, "+" + controller);
        }
    }

    private void Limit(CgroupHierarchy hierarchy, int? cpus, long? memoryBytes)
    {
        var folder = FolderIn(hierarchy);
        if (memoryBytes is { } bytes)
        {
            var text = bytes.ToString(CultureInfo.InvariantCulture);
            WriteIfThere(Path.Combine(folder, "memory.limit_in_bytes"), text);
            WriteIfThere(Path.Combine(folder, "memory.max"), text);
        }

        if (cpus is { } count)
        {
            WriteIfThere(Path.Combine(folder, "cpu.cfs_quota_us"), (count * 100_000).ToString(CultureInfo.InvariantCulture));
            WriteIfThere(Path.Combine(folder, "cpu.max"), $"{count * 100_000} 100000");
        }
    }

    private static void WriteIfThere(string file, string text)
    {
        if (File.Exists(file))
        {
            File.WriteAllText(file, text);
        }
    }

    private static void TryWrite(string file, string text)
    {
        try
        {
            File.WriteAllText(file, text);
        }
        catch (IOException)
        {
            // Not available here; the kubelet reports what it can limit.
        }
    }

    // Children before parents: only an empty cgroup can be removed.
    private static List<string> Below(string folder)
    {
        try
        {
            return Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories).OrderByDescending(p => p.Length).ToList();
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static void KillMembers(string folder)
    {
        try
        {
            foreach (var line in File.ReadLines(Path.Combine(folder, "cgroup.procs")))
            {
                if (int.TryParse(line, CultureInfo.InvariantCulture, out var pid) && pid > 0)
                {
                    _ = Syscalls.Kill(pid, Syscalls.SigKill);
                }
            }
        }
        catch (IOException)
        {
            // The folder is gone, and with it its members.
        }
    }

    private static void TryRemove(string folder)
    {
        try
        {
            // A cgroup's files cannot be deleted; rmdir of the folder alone is what removes it.
            Directory.Delete(folder, recursive: false);
        }
        catch (IOException)
        {
            // Still holds dying processes; the caller comes again.
        }
    }
}
