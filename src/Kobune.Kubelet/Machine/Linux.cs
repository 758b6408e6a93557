using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Kobune.Kubelet.Machine;

/// <summary>The system calls that .NET has no words for.</summary>
internal static partial class Linux
{
    internal const ulong NoSuid = 2;
    internal const ulong NoDev = 4;
    internal const ulong Bind = 4096;
    internal const ulong Remount = 32;
    internal const ulong ReadOnly = 1;
    private const int Detach = 2;
    private const int NotMounted = 22;
    private const int NotFound = 2;

    /// <summary>mount(2).</summary>
    /// <exception cref="Win32Exception">The kernel refused.</exception>
    internal static void Mount(string source, string target, string type, ulong flags, string data)
    {
        if (NativeMount(source, target, type, flags, data) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"mount {source} on {target}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>umount2(2) with MNT_DETACH; what is not mounted is fine.</summary>
    internal static void Unmount(string target)
    {
        if (NativeUnmount(target, Detach) != 0 && Marshal.GetLastPInvokeError() is not (NotMounted or NotFound))
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"unmount {target}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>lchown(2); -1 keeps the owner or the group.</summary>
    internal static void ChangeOwner(string path, long user, long group)
    {
        if (NativeChown(path, (uint)user, (uint)group) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"chown {path}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>rename(2), which moves a link to a folder where File.Move looks for a file.</summary>
    internal static void Rename(string from, string to)
    {
        if (NativeRename(from, to) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"rename {from} to {to}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>Whether a file system is mounted exactly here.</summary>
    internal static bool IsMountPoint(string path)
    {
        var wanted = path.TrimEnd('/');
        return MountPoints().Any(p => p == wanted);
    }

    /// <summary>All mount points of this mount namespace, in the order of mounting.</summary>
    internal static IEnumerable<string> MountPoints()
    {
        foreach (var line in File.ReadLines("/proc/self/mountinfo"))
        {
            var fields = line.Split(' ');
            if (fields.Length > 4)
            {
                yield return Unescape(fields[4]);
            }
        }
    }

    /// <summary>Unmounts everything at and below a path, the newest first.</summary>
    internal static void UnmountBelow(string path)
    {
        var prefix = path.TrimEnd('/');
        foreach (var point in MountPoints().Where(p => p == prefix || p.StartsWith(prefix + "/", StringComparison.Ordinal)).Reverse().ToList())
        {
            Unmount(point);
        }
    }

    private static string Unescape(string text) =>
        !text.Contains('\\', StringComparison.Ordinal) ? text
        : text.Replace("\\040", " ", StringComparison.Ordinal).Replace("\\011", "\t", StringComparison.Ordinal).Replace("\\012", "\n", StringComparison.Ordinal).Replace("\\134", "\\", StringComparison.Ordinal);

    [LibraryImport("libc", EntryPoint = "mount", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int NativeMount(string source, string target, string type, ulong flags, string data);

    [LibraryImport("libc", EntryPoint = "umount2", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int NativeUnmount(string target, int flags);

    [LibraryImport("libc", EntryPoint = "lchown", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int NativeChown(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "rename", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int NativeRename(string from, string to);
}
