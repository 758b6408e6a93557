using System.Runtime.InteropServices;

namespace Kobune.Architecture.Tests;

/// <summary>What the rooms of Kobune.Testing must not have, for the scan to find here. Nobody calls it.</summary>
internal static partial class LinuxOnly
{
    public static void Everything()
    {
        _ = GetProcess();
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode("/proc/self", UnixFileMode.None);
        }
    }

    [DllImport("libc", EntryPoint = "getpid")]
    private static extern int GetProcess();
}
