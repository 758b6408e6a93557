using System.Runtime.InteropServices;

namespace Kobune.Cli.Clusters;

/// <summary>What this computer is called.</summary>
internal static class HostSystem
{
    /// <summary>"amd64" or "arm64".</summary>
    public static string Architecture => RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";

    /// <summary>"Debian GNU/Linux 12".</summary>
    public static string PrettyName()
    {
        const string File = "/etc/os-release";
        var line = System.IO.File.Exists(File) ? System.IO.File.ReadLines(File).FirstOrDefault(l => l.StartsWith("PRETTY_NAME=", StringComparison.Ordinal)) : null;
        return line is null ? "Linux" : line["PRETTY_NAME=".Length..].Trim('"');
    }
}
