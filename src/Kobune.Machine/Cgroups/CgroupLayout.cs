namespace Kobune.Machine.Cgroups;

/// <summary>One mounted cgroup hierarchy.</summary>
/// <param name="MountPoint">"/sys/fs/cgroup/memory", or "/sys/fs/cgroup" for version 2.</param>
/// <param name="Options">What mounts it again: the controllers ("cpu,cpuacct") or "name=systemd"; empty for version 2.</param>
/// <param name="IsVersion2">One unified hierarchy.</param>
public sealed record CgroupHierarchy(string MountPoint, string Options, bool IsVersion2);

/// <summary>How this host mounts cgroups: version 2 alone, version 1, or the hybrid of both.</summary>
/// <param name="Hierarchies">All that are mounted below /sys/fs/cgroup.</param>
public sealed record CgroupLayout(IReadOnlyList<CgroupHierarchy> Hierarchies)
{
    private const string Root = "/sys/fs/cgroup";

    /// <summary>Whether version 2 is mounted at /sys/fs/cgroup itself.</summary>
    public bool IsUnified => Hierarchies.Any(h => h.IsVersion2 && h.MountPoint == Root);

    /// <summary>Reads the mounts of this process.</summary>
    public static CgroupLayout Current() => Parse(File.ReadLines("/proc/self/mountinfo"));

    /// <summary>Reads lines of mountinfo.</summary>
    public static CgroupLayout Parse(IEnumerable<string> mountInfo)
    {
        var found = new List<CgroupHierarchy>();
        foreach (var line in mountInfo)
        {
            var fields = line.Split(' ');
            var dash = Array.IndexOf(fields, "-");
            if (dash < 0 || !fields[4].StartsWith(Root, StringComparison.Ordinal) || found.Any(h => h.MountPoint == fields[4]))
            {
                continue;
            }

            if (fields[dash + 1] == "cgroup2")
            {
                found.Add(new(fields[4], "", true));
            }
            else if (fields[dash + 1] == "cgroup")
            {
                found.Add(new(fields[4], ControllersOf(fields[dash + 3]), false));
            }
        }

        return new(found);
    }

    // Super options mix flags of the mount with the controllers: "rw,xattr,name=systemd", "rw,cpu,cpuacct".
    private static string ControllersOf(string superOptions) =>
        string.Join(',', superOptions.Split(',').Where(o => o is not ("rw" or "ro" or "xattr" or "clone_children" or "noprefix") && !o.StartsWith("release_agent=", StringComparison.Ordinal)));
}
