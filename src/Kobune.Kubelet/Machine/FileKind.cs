using System.Runtime.InteropServices;

namespace Kobune.Kubelet.Machine;

/// <summary>What kind of file a path leads to, by statx(2): .NET tells files from folders only.</summary>
internal static partial class FileKind
{
    private const uint TypeMask = 1;
    private const uint GroupMask = 0x10;
    private const uint InodeMask = 0x100;
    private const int GroupOffset = 24;
    private const int ModeOffset = 28;
    private const int InodeOffset = 32;
    private const int DeviceOffset = 136;
    private const int AtFdCwd = -100;

    /// <summary>The letter of ls -l, links followed; a space when nothing is there.</summary>
    internal static unsafe char Of(string path)
    {
        var buffer = stackalloc byte[256];
        if (Statx(AtFdCwd, path, 0, TypeMask, buffer) != 0)
        {
            return ' ';
        }

        return (*(ushort*)(buffer + ModeOffset) & 0xF000) switch
        {
            0x4000 => 'd',
            0x8000 => '-',
            0xC000 => 's',
            0x2000 => 'c',
            0x6000 => 'b',
            0x1000 => 'p',
            _ => '?',
        };
    }

    /// <summary>Whether two paths lead to the same file.</summary>
    internal static bool IsSame(string a, string b) => Identity(a) is { } left && Identity(b) is { } right && left == right;

    /// <summary>The group of a file; null when nothing is there.</summary>
    internal static unsafe uint? GroupOf(string path)
    {
        var buffer = stackalloc byte[256];
        return Statx(AtFdCwd, path, 0, GroupMask, buffer) == 0 ? *(uint*)(buffer + GroupOffset) : null;
    }

    private static unsafe (ulong Inode, ulong Device)? Identity(string path)
    {
        var buffer = stackalloc byte[256];
        return Statx(AtFdCwd, path, 0, InodeMask, buffer) == 0 ? (*(ulong*)(buffer + InodeOffset), *(ulong*)(buffer + DeviceOffset)) : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int Statx(int folder, string path, int flags, uint mask, byte* result);
}
