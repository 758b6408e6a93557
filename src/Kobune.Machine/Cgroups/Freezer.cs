using System.Globalization;

namespace Kobune.Machine.Cgroups;

/// <summary>
/// Freezes parts of a machine: its node process, which is moved into a cgroup of its own for that, and pods. Frozen processes keep their memory and
/// connections and use no CPU.
/// </summary>
/// <param name="layout">What the host mounts.</param>
/// <param name="name">The last part of the machine's cgroup path.</param>
public sealed class Freezer(CgroupLayout layout, string name)
{
    private const string Leaf = "kobune";
    private const string Paused = "paused";

    private CgroupHierarchy Hierarchy => layout.Hierarchies.FirstOrDefault(h => h.Options.Split(',').Contains("freezer")) ?? layout.Hierarchies.First(h => h.IsVersion2);

    private string Machine => Path.Combine(Hierarchy.MountPoint, Leaf, name);

    private string NodeFolder => Path.Combine(Machine, Leaf, Paused);

    /// <summary>Whether the node process is frozen.</summary>
    public bool IsFrozen => StateOf(NodeFolder);

    /// <summary>Freezes the node process and these pods.</summary>
    /// <returns>How many pods' cgroups were frozen.</returns>
    public int Freeze(IReadOnlySet<string> podUids)
    {
        var pods = PodFolders().Where(p => podUids.Contains(Path.GetFileName(p)[3..])).ToList();
        pods.ForEach(p => Set(p, frozen: true));
        Directory.CreateDirectory(NodeFolder);
        Move(NodeProcesses(Path.Combine(Machine, Leaf)), NodeFolder);
        Set(NodeFolder, frozen: true);
        return pods.Count;
    }

    /// <summary>Thaws everything that is frozen in the machine.</summary>
    /// <returns>How many pods' cgroups were thawed.</returns>
    public int Thaw()
    {
        var pods = PodFolders().Where(StateOf).ToList();
        pods.ForEach(p => Set(p, frozen: false));
        if (Directory.Exists(NodeFolder))
        {
            Set(NodeFolder, frozen: false);
            Move(MembersOf(NodeFolder), Path.Combine(Machine, Leaf));
        }

        return pods.Count;
    }

    /// <summary>Thaws all below a cgroup folder: frozen processes cannot even be killed in version 1.</summary>
    public static void ThawAll(string folder)
    {
        if (Directory.Exists(folder))
        {
            foreach (var child in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories).Where(StateOf))
            {
                Set(child, frozen: false);
            }
        }
    }

    private IEnumerable<string> PodFolders()
    {
        var root = Path.Combine(Machine, "kubepods");
        return Directory.Exists(root)
            ? Directory.EnumerateDirectories(root, "pod*", SearchOption.AllDirectories).Where(p => Path.GetFileName(p).Length > 3)
            : [];
    }

    private static void Set(string folder, bool frozen)
    {
        var (first, second) = (Path.Combine(folder, "freezer.state"), Path.Combine(folder, "cgroup.freeze"));
        if (File.Exists(first))
        {
            File.WriteAllText(first, frozen ? "FROZEN" : "THAWED");
        }
        else
        {
            File.WriteAllText(second, frozen ? "1" : "0");
        }
    }

    private static bool StateOf(string folder)
    {
        var (first, second) = (Path.Combine(folder, "freezer.self_freezing"), Path.Combine(folder, "cgroup.freeze"));
        return (File.Exists(first) && File.ReadAllText(first).Trim() == "1") || (File.Exists(second) && File.ReadAllText(second).Trim() == "1");
    }

    private static List<int> MembersOf(string folder) =>
        [.. File.ReadLines(Path.Combine(folder, "cgroup.procs")).Select(l => int.Parse(l, CultureInfo.InvariantCulture))];

    // The node process by its words: beside it in the leaf are the supervisor and containerd, which go on.
    private static IEnumerable<int> NodeProcesses(string leaf) => MembersOf(leaf).Where(IsNodeProcess);

    private static bool IsNodeProcess(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Contains("\0node\0--config\0", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // ended meanwhile
        }
    }

    private static void Move(IEnumerable<int> pids, string folder)
    {
        foreach (var pid in pids)
        {
            try
            {
                File.WriteAllText(Path.Combine(folder, "cgroup.procs"), pid.ToString(CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                // ended meanwhile
            }
        }
    }
}
