using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Kobune.Machine.Cgroups;
using Kobune.Machine.Files;
using Kobune.Machine.Host;
using Kobune.Machine.Images;
using Kobune.Machine.State;
using static Kobune.Machine.Host.Syscalls;

namespace Kobune.Machine.Init;

/// <summary>
/// `kobune init`: PID 1 of a new machine. It builds the machine around itself, says "ok" on its standard output and becomes catatonit with the
/// supervisor as its child. Its standard input tells when the host has connected the network.
/// <code>
/// start (host)              init (machine)
///   unshare, init  -------> enter cgroup, build the root
///   connect eth0   --go---> addresses, files
///   wait           &lt;--ok--- exec catatonit -- supervisor.sh
/// </code>
/// </summary>
public static class NodeInit
{
    private const string RunFolder = "/run/kobune";
    private const string DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>Runs until the exec. Returns only on failure, with the exit code; the reason went to standard output.</summary>
    /// <param name="specFile">machine.json.</param>
    public static int Run(string specFile)
    {
        try
        {
            var spec = JsonSerializer.Deserialize(File.ReadAllBytes(specFile), StateJson.Default.MachineSpec)!;
            Build(spec);
            Become(spec);
            return 1;
        }
        catch (Exception e)
        {
            Console.Out.WriteLine("error " + e.Message.ReplaceLineEndings(" "));
            return 1;
        }
    }

    private static void Build(MachineSpec spec)
    {
        _ = SetSession();
        var layout = CgroupLayout.Current();
        var names = new HostNames(new MachineHome(spec.Home).IdOf(spec.Profile));
        new MachineCgroup(layout, names.Cgroup(spec.Index)).Enter();
        Check(Unshare(CloneNewcgroup), "unshare the cgroup namespace");
        var resolvConf = HostResolver.ResolvConf(spec.Gateway);
        var snapshotter = SnapshotterOf(spec);
        new NodeRoot(spec).Enter(layout);
        MachineCgroup.MoveToLeaf(layout.IsUnified ? layout : new([.. layout.Hierarchies.Where(h => !h.IsVersion2)]));
        Check(SetHostName(spec.Name, (nuint)Encoding.UTF8.GetByteCount(spec.Name)), "sethostname");
        WriteFiles(spec, resolvConf, snapshotter);
        if (Console.In.ReadLine() != "go")
        {
            throw new MachineException(MachineFault.Provision, "the host went away before the network was connected");
        }

        if (spec.IPv6 is not null)
        {
            SetSysctl("net/ipv6/conf/all/disable_ipv6", "0"); // a host may have it off for new links
        }

        RunTool("ip", ["-batch", "-"], NodeFiles.Links(spec));
        RunTool("nft", ["-f", "-"], NodeFiles.Masquerade(spec));
        SetSysctls();
        _ = Unmount(Path.GetDirectoryName(spec.Program)!, MntDetach);
    }

    private static void WriteFiles(MachineSpec spec, string resolvConf, string snapshotter)
    {
        Directory.CreateDirectory(RunFolder);
        Directory.CreateDirectory("/etc/cni/net.d");
        File.WriteAllText("/etc/hostname", spec.Name + "\n");
        File.WriteAllText("/etc/hosts", NodeFiles.Hosts(spec));
        File.WriteAllText("/etc/machine-id", NodeFiles.MachineId(spec));
        File.Delete("/etc/resolv.conf"); // perhaps a link into the host's /run
        File.WriteAllText("/etc/resolv.conf", resolvConf);
        File.WriteAllText("/etc/cni/net.d/1-kobune.conflist", NodeFiles.CniConfiguration(spec));
        File.WriteAllText(RunFolder + "/containerd.toml", NodeFiles.ContainerdConfiguration(snapshotter, !HasResourceCapability()));
        using (var supervisor = File.Create(RunFolder + "/supervisor.sh"))
        {
            typeof(NodeInit).Assembly.GetManifestResourceStream("supervisor.sh")!.CopyTo(supervisor);
        }

        if (spec.NodeCommand.Count > 0)
        {
            File.WriteAllText(RunFolder + "/run-node", "exec " + string.Join(' ', spec.NodeCommand.Select(Quote)) + "\n");
        }

        using (var pause = File.Create(RunFolder + "/pause.tar"))
        {
            PauseImage.WriteArchive(pause, RuntimeInformation.OSArchitecture);
        }

        var command = "/usr/local/bin/kobune";
        Directory.CreateDirectory(Path.GetDirectoryName(command)!);
        File.Delete(command);
        File.CreateSymbolicLink(command, "/usr/lib/kobune/" + Path.GetFileName(spec.Program));
        CopyUserFiles();
    }

    // Last of all files, so that the user's word holds.
    private static void CopyUserFiles()
    {
        var certificates = NodeRoot.SyncFolder + "certs";
        if (Directory.Exists(certificates))
        {
            CertificateSync.Install(certificates, "/", Console.Error.WriteLine);
        }

        if (Directory.Exists(NodeRoot.SyncFolder + "files"))
        {
            FileSync.Copy(NodeRoot.SyncFolder + "files", "/");
        }

        foreach (var name in NodeRoot.Synced)
        {
            _ = Unmount(NodeRoot.SyncFolder + name, MntDetach);
        }
    }

    private static void SetSysctls()
    {
        foreach (var (file, value) in new[]
        {
            ("net/ipv4/ip_forward", "1"),
            ("net/ipv4/conf/all/rp_filter", "0"),
            ("net/ipv4/conf/default/rp_filter", "0"),
            ("net/ipv4/conf/all/route_localnet", "1"),
            ("net/ipv6/conf/all/forwarding", "1"),
            ("net/bridge/bridge-nf-call-iptables", "1"),
            ("net/bridge/bridge-nf-call-ip6tables", "1"),
            ("net/netfilter/nf_conntrack_tcp_be_liberal", "1"),
        })
        {
            SetSysctl(file, value);
        }
    }

    private static void SetSysctl(string file, string value)
    {
        var path = "/proc/sys/" + file;
        if (File.Exists(path))
        {
            try
            {
                File.WriteAllText(path, value);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"sysctl {file}: {e.Message}"); // read-only in some containers; pods still run
            }
        }
    }

    // The new program must not inherit the runtime's ignored signals, nor the pipe that says "ok": the host waits for its end.
    private static void Become(MachineSpec spec)
    {
        var log = Path.Combine("/var/lib/kobune", "logs");
        Directory.CreateDirectory(log);
        using var output = File.OpenHandle(Path.Combine(log, "supervisor.log"), FileMode.Append, FileAccess.Write);
        using var nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Read);
        const int SetDescriptorFlags = 2;
        var report = Duplicate(1);
        _ = Control(report, SetDescriptorFlags, 1);
        _ = Duplicate(nothing.DangerousGetHandle().ToInt32(), 0);
        _ = Duplicate(output.DangerousGetHandle().ToInt32(), 1);
        _ = Duplicate(output.DangerousGetHandle().ToInt32(), 2);
        _ = SetSignal(SigPipe, 0);
        Console.Out.Flush();
        _ = Write(report, "ok\n"u8, 3);
        string?[] environment =
        [
            DefaultPath, "HOME=/root", "LANG=C.UTF-8", "container=kobune", "PAUSE_IMAGE=" + PauseImage.Name, .. spec.Environment.Concat(RuntimeSettings.OfNode).Select(e => $"{e.Key}={e.Value}"), null,
        ];
        string?[] arguments = ["catatonit", "--", "/bin/sh", RunFolder + "/supervisor.sh", null];
        _ = Execute(Programs.Find("catatonit") ?? "/usr/bin/catatonit", arguments, environment);
        var problem = Encoding.UTF8.GetBytes("error cannot run catatonit: " + Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()) + "\n");
        _ = Write(report, problem, (nuint)problem.Length);
    }

    private static string Quote(string word) => "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    // The kernel refuses an overlay whose upper layer is itself on an overlay (a machine in a container, its disk not on a volume).
    private static string SnapshotterOf(MachineSpec spec)
    {
        var folder = Path.GetFullPath(spec.Folder);
        var mount = File.ReadLines("/proc/self/mountinfo")
            .Select(l => l.Split(' '))
            .Where(f => folder == f[4] || folder.StartsWith(f[4].TrimEnd('/') + "/", StringComparison.Ordinal))
            .OrderBy(f => f[4].Length)
            .LastOrDefault();
        return mount is not null && mount[Array.IndexOf(mount, "-") + 1] == "overlay" ? "native" : "overlayfs";
    }

    private static bool HasResourceCapability()
    {
        const int SysResource = 24;
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("CapBnd:", StringComparison.Ordinal));
        return (ulong.Parse(line["CapBnd:".Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & (1UL << SysResource)) != 0;
    }

    private static void RunTool(string name, string[] arguments, string input)
    {
        using var process = Process.Start(new ProcessStartInfo(Programs.Find(name) ?? name, arguments) { RedirectStandardInput = true, RedirectStandardError = true })!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new MachineException(MachineFault.Provision, $"{name} in the machine: {error.Trim()}");
        }
    }
}
