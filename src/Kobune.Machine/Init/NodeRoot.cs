using Kobune.Machine.Cgroups;
using Kobune.Machine.Mounts;
using Kobune.Machine.Native;
using static Kobune.Machine.Host.Syscalls;

namespace Kobune.Machine.Init;

/// <summary>
/// Builds the node's root file system and enters it: an overlay of the host's / (read-only) and a fresh tmpfs, with own /proc, /sys, /dev, /run, /tmp and
/// the persistent folders from the machine's disk. Runs in the machine's own mount namespace, so nothing of it is seen on the host.
/// </summary>
internal sealed class NodeRoot(MachineSpec spec)
{
    /// <summary>Folders that outlive the node's restart: the documented ones, and those that hold checkpoints and logs of pods.</summary>
    private static readonly string[] Persistent =
    [
        "/data", "/var/lib/kobune", "/var/lib/containerd", "/var/lib/docker", "/var/lib/buildkit", "/var/lib/containers", "/tmp/hostpath_pv", "/tmp/hostpath-provisioner",
        "/var/lib/kubelet", "/var/log/pods", "/var/log/containers",
    ];

    /// <summary>What the host has there is none of the node's business.</summary>
    private static readonly string[] Hidden = ["/etc/cni/net.d", "/var/lib/cni", "/var/log", "/var/cache", "/etc/kubernetes", "/mnt", "/media"];

    private static readonly (string Name, uint Major, uint Minor)[] Devices =
    [
        ("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0), ("kmsg", 1, 11), ("fuse", 10, 229),
    ];

    /// <summary>Folders of Kobune's home that are copied into the node; they are seen here until they are.</summary>
    internal const string SyncFolder = "/run/kobune/sync/";

    internal static readonly string[] Synced = ["files", "certs"];

    private string Stage => Path.Combine(spec.Folder, "stage");

    private string Root => Path.Combine(Stage, "root");

    /// <summary>Builds and enters; afterwards / is the node's.</summary>
    public void Enter(CgroupLayout cgroups)
    {
        MountOverlay();
        BindSystemMounts();
        Bind(ProgramFolder.Of(spec), "/usr/lib/kobune", readOnly: true);
        HideHostState();
        Bind(Path.GetDirectoryName(spec.Program)!, Path.GetDirectoryName(spec.Program)!, readOnly: true); // init itself still loads parts of the program from there
        MountKernelFileSystems(cgroups);
        MakeDevices();
        foreach (var folder in Persistent)
        {
            Directory.CreateDirectory(spec.Disk(folder));
            Bind(spec.Disk(folder), folder, readOnly: false);
        }

        foreach (var mount in spec.Mounts)
        {
            MountHostFolder(mount);
        }

        foreach (var name in Synced.Where(n => Directory.Exists(Path.Combine(spec.Home, n))))
        {
            Bind(Path.Combine(spec.Home, name), SyncFolder + name, readOnly: true);
        }

        Check(ChangeFolder(Root), "chdir");
        Check(PivotRoot(".", "."), "pivot_root");
        Check(Unmount(".", MntDetach), "umount the host's root");
        Check(ChangeFolder("/"), "chdir /");
        Check(Mount(null, "/", null, MsRec | MsShared, null), "make / shared");
    }

    private void MountOverlay()
    {
        Directory.CreateDirectory(Stage);
        Check(Mount("tmpfs", Stage, "tmpfs", 0, "mode=755,size=50%"), "mount a tmpfs");
        foreach (var name in new[] { "upper", "work", "root" })
        {
            Directory.CreateDirectory(Path.Combine(Stage, name));
        }

        Check(Mount("overlay", Root, "overlay", 0, $"lowerdir=/,upperdir={Stage}/upper,workdir={Stage}/work"), "mount the overlay");
    }

    // The overlay shows the host's root file system alone; programs may live on mounts of their own.
    private void BindSystemMounts()
    {
        foreach (var line in File.ReadLines("/proc/self/mountinfo"))
        {
            var target = line.Split(' ')[4];
            if (target is "/usr" or "/opt" or "/etc" or "/nix" || target.StartsWith("/usr/", StringComparison.Ordinal) || target.StartsWith("/lib", StringComparison.Ordinal))
            {
                Bind(target, target, readOnly: true);
            }
        }
    }

    private void HideHostState()
    {
        // Everything of Kobune's home is the host's: other machines' disks, the authority's keys.
        foreach (var folder in Hidden.Append(spec.Home))
        {
            if (Directory.Exists(folder) || folder == "/var/log")
            {
                MountTmpfs(folder, "mode=755");
            }
        }

        MountTmpfs("/run", "mode=755");
        MountTmpfs("/tmp", "mode=1777");
    }

    private void MountKernelFileSystems(CgroupLayout cgroups)
    {
        MountAt("proc", "/proc", "proc", MsNosuid | MsNodev | MsNoexec, null);
        MountAt("sysfs", "/sys", "sysfs", MsNosuid | MsNodev | MsNoexec, null);
        if (cgroups.IsUnified)
        {
            MountAt("cgroup2", "/sys/fs/cgroup", "cgroup2", MsNosuid | MsNodev | MsNoexec, null);
        }
        else
        {
            MountVersion1(cgroups);
        }

        // Optional: kernels without BPF or message queues still run pods.
        _ = Mount("bpf", Root + "/sys/fs/bpf", "bpf", MsNosuid | MsNodev | MsNoexec, null);
    }

    // The hybrid's version 2 tree stays out: it limits nothing there, and crun refuses a mixture.
    private void MountVersion1(CgroupLayout cgroups)
    {
        MountAt("tmpfs", "/sys/fs/cgroup", "tmpfs", MsNosuid | MsNodev | MsNoexec, "mode=755");
        foreach (var hierarchy in cgroups.Hierarchies.Where(h => !h.IsVersion2))
        {
            MountAt("cgroup", hierarchy.MountPoint, "cgroup", MsNosuid | MsNodev | MsNoexec, hierarchy.Options);
        }
    }

    private void MakeDevices()
    {
        MountAt("tmpfs", "/dev", "tmpfs", MsNosuid, "mode=755");
        _ = SetCreationMask(0);
        foreach (var (name, major, minor) in Devices)
        {
            if (File.Exists("/dev/" + name))
            {
                Check(MakeNode($"{Root}/dev/{name}", CharacterDevice | 0x1B6, (major << 8) | minor), $"mknod {name}");
            }
        }

        if (File.Exists("/dev/net/tun"))
        {
            Directory.CreateDirectory(Root + "/dev/net");
            Check(MakeNode(Root + "/dev/net/tun", CharacterDevice | 0x1B6, (10 << 8) | 200), "mknod tun");
        }

        _ = SetCreationMask(0x12);
        MountAt("devpts", "/dev/pts", "devpts", MsNosuid | MsNoexec, "newinstance,ptmxmode=0666,mode=620,gid=5");
        MountAt("tmpfs", "/dev/shm", "tmpfs", MsNosuid | MsNodev, "mode=1777");
        Directory.CreateDirectory(Root + "/dev/mqueue");
        _ = Mount("mqueue", Root + "/dev/mqueue", "mqueue", MsNosuid | MsNodev | MsNoexec, null);
        File.CreateSymbolicLink(Root + "/dev/ptmx", "pts/ptmx");
        File.CreateSymbolicLink(Root + "/dev/fd", "/proc/self/fd");
        File.CreateSymbolicLink(Root + "/dev/stdin", "/proc/self/fd/0");
        File.CreateSymbolicLink(Root + "/dev/stdout", "/proc/self/fd/1");
        File.CreateSymbolicLink(Root + "/dev/stderr", "/proc/self/fd/2");
    }

    private void MountTmpfs(string target, string options) => MountAt("tmpfs", target, "tmpfs", MsNosuid | MsNodev, options);

    private void MountAt(string source, string target, string type, ulong flags, string? options)
    {
        Directory.CreateDirectory(Root + target);
        Check(Mount(source, Root + target, type, flags, options), $"mount {type} on {target}");
    }

    private void MountHostFolder(HostMount mount)
    {
        if (!Directory.Exists(Root + mount.Target))
        {
            Directory.CreateDirectory(Root + mount.Target);
            File.SetUnixFileMode(Root + mount.Target, (UnixFileMode)mount.Mode);
        }

        using (var tree = DetachedMount.Open(mount))
        {
            tree.Attach(Root + mount.Target);
        }

        // Whatever is shown of the host: the keys of its clusters are not.
        var source = mount.Source.TrimEnd('/') + "/";
        if (spec.Home.StartsWith(source, StringComparison.Ordinal))
        {
            MountTmpfs(Path.Combine(mount.Target, spec.Home[source.Length..]), "mode=700");
        }
    }

    private void Bind(string source, string target, bool readOnly)
    {
        if (File.Exists(source))
        {
            if (!File.Exists(Root + target))
            {
                File.WriteAllText(Root + target, "");
            }
        }
        else
        {
            Directory.CreateDirectory(Root + target);
        }

        Check(Mount(source, Root + target, null, MsBind, null), $"bind {target}");
        if (readOnly)
        {
            Check(Mount(null, Root + target, null, MsBind | MsRemount | MsRdonly, null), $"make {target} read-only");
        }
    }
}
