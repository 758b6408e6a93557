using Kobune.Cli.Privileges;

namespace Kobune.Cli;

/// <summary>Whose state it is: with sudo the home folder is that of the user who called it (see <see cref="UserFiles"/>).</summary>
internal static class HomeFolder
{
    /// <summary>KOBUNE_HOME, or .kobune in MINIKUBE_HOME or in the home folder.</summary>
    public static string Locate(Func<string, string?> variable) =>
        Path.GetFullPath(variable("KOBUNE_HOME") ?? Path.Combine(variable("MINIKUBE_HOME") ?? UserFolder(variable), ".kobune"));

    /// <summary>The user's home folder.</summary>
    public static string UserFolder(Func<string, string?> variable)
    {
        if (variable("SUDO_USER") is { } user && user != "root" && File.Exists("/etc/passwd"))
        {
            if (variable(AsRoot.HomeVariable) is { Length: > 0 } told)
            {
                return told;
            }

            var entry = File.ReadLines("/etc/passwd").Select(l => l.Split(':')).FirstOrDefault(f => f.Length > 5 && f[0] == user);
            if (entry is not null)
            {
                return entry[5];
            }
        }

        return variable("HOME") ?? "/root";
    }
}
