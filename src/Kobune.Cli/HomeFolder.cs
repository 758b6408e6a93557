using System.Globalization;

namespace Kobune.Cli;

/// <summary>Whose state it is: with sudo the home folder is that of the user who called it, and what is written there goes to that user.</summary>
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
            var entry = File.ReadLines("/etc/passwd").Select(l => l.Split(':')).FirstOrDefault(f => f.Length > 5 && f[0] == user);
            if (entry is not null)
            {
                return entry[5];
            }
        }

        return variable("HOME") ?? "/root";
    }

    /// <summary>Gives a file that root wrote for a user to that user.</summary>
    public static void GiveToUser(string path, Func<string, string?> variable)
    {
        if (Environment.UserName == "root" && uint.TryParse(variable("SUDO_UID"), CultureInfo.InvariantCulture, out var user) && uint.TryParse(variable("SUDO_GID"), CultureInfo.InvariantCulture, out var group))
        {
            Machine.Host.Programs.ChangeOwner(path, user, group);
        }
    }
}
