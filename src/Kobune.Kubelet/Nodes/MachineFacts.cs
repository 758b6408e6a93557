using System.Globalization;
using System.Runtime.InteropServices;

namespace Kobune.Kubelet.Nodes;

/// <summary>What the kernel and the files of the machine say about it.</summary>
internal sealed record MachineFacts(int Cpus, long MemoryBytes, string MachineId, string SystemUuid, string BootId, string KernelVersion, string OSImage, string Architecture)
{
    internal static MachineFacts Read() => new(
        Math.Max(1, Lines("/proc/cpuinfo").Count(l => l.StartsWith("processor", StringComparison.Ordinal))),
        MemInfo("MemTotal"),
        Text("/etc/machine-id"),
        Text("/sys/class/dmi/id/product_uuid"),
        Text("/proc/sys/kernel/random/boot_id"),
        Text("/proc/sys/kernel/osrelease"),
        OSRelease("PRETTY_NAME"),
        RuntimeInformation.OSArchitecture switch { System.Runtime.InteropServices.Architecture.X64 => "amd64", System.Runtime.InteropServices.Architecture.Arm64 => "arm64", var other => other.ToString().ToLowerInvariant() });

    /// <summary>A field of /proc/meminfo, in bytes.</summary>
    internal static long MemInfo(string name)
    {
        foreach (var line in Lines("/proc/meminfo"))
        {
            if (line.StartsWith(name + ":", StringComparison.Ordinal))
            {
                return long.Parse(line[(name.Length + 1)..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) * 1024;
            }
        }

        return 0;
    }

    private static string OSRelease(string name)
    {
        foreach (var line in Lines("/etc/os-release"))
        {
            if (line.StartsWith(name + "=", StringComparison.Ordinal))
            {
                return line[(name.Length + 1)..].Trim('"');
            }
        }

        return "Linux";
    }

    private static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
