using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Kobune.Machine.Host;
using static Kobune.Machine.Host.Syscalls;

namespace Kobune.Machine.Mounts;

/// <summary>A copy of a host folder's mount with the attributes that were asked for, attached nowhere yet. It can be attached in any mount namespace.</summary>
internal sealed class DetachedMount : IDisposable
{
    private const uint Clone = 1;
    private const uint CloseOnExec = 0x80000;
    private const uint Recursive = 0x8000;
    private readonly int _tree;

    private DetachedMount(int tree) => _tree = tree;

    /// <exception cref="MachineException">The kernel refused; the message says what.</exception>
    public static DetachedMount Open(HostMount mount)
    {
        var tree = OpenTree(mount.Source, Clone | CloseOnExec | Recursive);
        Check(tree, $"open {mount.Source}");
        var detached = new DetachedMount(tree);
        try
        {
            detached.SetAttributes(mount);
            return detached;
        }
        catch
        {
            detached.Dispose();
            throw;
        }
    }

    /// <summary>Attaches it in the mount namespace of the calling thread.</summary>
    public void Attach(string target) => Check(MoveMount(_tree, target), $"mount {target}");

    public void Dispose() => _ = Close(_tree);

    private void SetAttributes(HostMount mount)
    {
        ulong set = mount.ReadOnly ? MountAttributes.ReadOnly : 0, clear = 0;
        foreach (var option in mount.Options)
        {
            set |= FlagOf(option);
            clear |= option == "noatime" ? MountAttributes.AtimeMask : 0;
        }

        // A slave: what the host mounts below it later shows up in the node, what the node mounts does not show up on the host.
        var attributes = new MountAttributes { Set = set, Clear = clear, Propagation = MsSlave };
        Check(SetMountAttributes(_tree, attributes), $"set the options of {mount.Source}");
        if (mount.User is not null || mount.Group is not null)
        {
            MapOwners(mount);
        }
    }

    private static ulong FlagOf(string option) => option switch
    {
        "nosuid" => MountAttributes.NoSuid,
        "nodev" => MountAttributes.NoDev,
        "noexec" => MountAttributes.NoExec,
        "noatime" => MountAttributes.NoAtime,
        _ => 0,
    };

    private void MapOwners(HostMount mount)
    {
        var (user, group) = OwnerOf(mount.Source);
        var users = IdMapping.Swap(user, mount.User ?? user);
        var groups = IdMapping.Swap(group, mount.Group ?? group);
        using var holder = Process.Start(new ProcessStartInfo(Programs.Find("unshare") ?? "unshare", ["--user", "cat"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        try
        {
            var folder = $"/proc/{holder.Id}";
            holder.StandardInput.WriteLine(); // echoed by cat, which runs only when its namespace is made
            _ = holder.StandardOutput.ReadLine();
            File.WriteAllText(folder + "/uid_map", users);
            File.WriteAllText(folder + "/gid_map", groups);
            using var names = File.OpenHandle(folder + "/ns/user");
            var attributes = new MountAttributes { Set = MountAttributes.IdMap, UserNamespace = (ulong)names.DangerousGetHandle() };
            if (SetMountAttributes(_tree, attributes) == -1)
            {
                throw new MachineException(MachineFault.Provision, $"the file system of {mount.Source} cannot show other owners: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
            }
        }
        finally
        {
            holder.Kill();
        }
    }

    private static (uint User, uint Group) OwnerOf(string path)
    {
        var words = Programs.RunAsync("stat", ["-L", "-c", "%u %g", path], CancellationToken.None).GetAwaiter().GetResult().Split(' ');
        return (uint.Parse(words[0], CultureInfo.InvariantCulture), uint.Parse(words[1], CultureInfo.InvariantCulture));
    }
}
