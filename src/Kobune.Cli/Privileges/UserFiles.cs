using System.Globalization;
using Kobune.Cli.Clusters;
using Kobune.Machine.Host;
using Kobune.Machine.State;

namespace Kobune.Cli.Privileges;

/// <summary>
/// What root has written in a user's Kobune home goes to that user: settings, profiles, what a machine is made of, and the administrator's keys. The disks of
/// machines and the builder's storage stay root's: their owners are those of the files in nodes and images.
/// </summary>
internal static class UserFiles
{
    private static readonly string[] Roots = ["build", "disk", "program"];

    /// <summary>Gives everything in the home to the user who called by sudo; does nothing for root itself.</summary>
    public static void GiveBack(MachineHome home, Func<string, string?> variable)
    {
        if (Owner(variable) is not { } owner || !Directory.Exists(home.Root))
        {
            return;
        }

        Give(new DirectoryInfo(home.Root), owner);
        if (Directory.Exists(home.Machines))
        {
            foreach (var machine in Directory.EnumerateDirectories(home.Machines))
            {
                GiveKeys(Path.Combine(ClusterKeys.DataFolderOf(home, Path.GetFileName(machine)), "certs"), owner);
            }
        }
    }

    /// <summary>The administrator's keys of a cluster: every command that speaks to its API reads them.</summary>
    public static void GiveKeys(string folder, Func<string, string?> variable)
    {
        if (Owner(variable) is { } owner)
        {
            GiveKeys(folder, owner);
        }
    }

    /// <summary>One file or folder; a link itself, not what it leads to.</summary>
    public static void Give(string path, Func<string, string?> variable)
    {
        if (Owner(variable) is { } owner)
        {
            Programs.ChangeOwner(path, owner.User, owner.Group);
        }
    }

    private static (uint User, uint Group)? Owner(Func<string, string?> variable) =>
        Programs.IsRoot && uint.TryParse(variable("SUDO_UID"), CultureInfo.InvariantCulture, out var user) && uint.TryParse(variable("SUDO_GID"), CultureInfo.InvariantCulture, out var group) && user != 0
            ? (user, group)
            : null;

    private static void GiveKeys(string folder, (uint User, uint Group) owner)
    {
        foreach (var name in new[] { "admin.crt", "admin.key" })
        {
            Programs.ChangeOwner(Path.Combine(folder, name), owner.User, owner.Group);
        }
    }

    private static void Give(DirectoryInfo folder, (uint User, uint Group) owner)
    {
        Programs.ChangeOwner(folder.FullName, owner.User, owner.Group);
        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo { LinkTarget: null } inner)
            {
                if (!Roots.Contains(inner.Name))
                {
                    Give(inner, owner);
                }
            }
            else
            {
                Programs.ChangeOwner(entry.FullName, owner.User, owner.Group);
            }
        }
    }
}
