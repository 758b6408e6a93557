using System.Globalization;
using Kobune.Machine.Host;

namespace Kobune.Cli.Privileges;

/// <summary>
/// The other side of <see cref="SudoPrivileges"/>: `kobune as-root CALLER END BEGUN WORDS...` below sudo. It takes over the caller's settings (sudo has cleared
/// the environment), tells that it runs, and ends when the caller asks or is gone.
/// </summary>
internal static class AsRoot
{
    /// <summary>The hidden command.</summary>
    public const string Command = "as-root";

    /// <summary>The home folder of the user who called; only this way in sets it.</summary>
    public const string HomeVariable = "KOBUNE_CALLER_HOME";

    // Settings of this program, of the language and the terminal, and of the tools that it runs. Never PATH or what loads code.
    private static readonly string[] Prefixes = ["KOBUNE_", "MINIKUBE_", "LC_", "DOCKER_", "CONTAINER_"];
    private static readonly string[] Names =
    [
        "KUBECONFIG", "LANG", "LANGUAGE", "TZ", "TERM", "COLORTERM", "NO_COLOR", "WT_SESSION", "XDG_RUNTIME_DIR", "REGISTRY_AUTH_FILE",
        "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy",
    ];

    /// <summary>Makes this process the caller's helper; false when nobody called it by sudo.</summary>
    public static bool Enter(string caller, string end, string begun)
    {
        if (!Programs.IsRoot || !int.TryParse(caller, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) || !IsOf(pid, Environment.GetEnvironmentVariable("SUDO_UID")))
        {
            return false;
        }

        foreach (var (name, value) in Settings(File.ReadAllText($"/proc/{pid}/environ")))
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        using (var tell = new FileStream($"/proc/{pid}/fd/{Descriptor(begun)}", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
        {
            tell.WriteByte(1);
        }

        var listen = new FileStream($"/proc/{pid}/fd/{Descriptor(end)}", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        new Thread(() => Listen(listen)) { IsBackground = true, Name = "caller" }.Start();
        return true;
    }

    /// <summary>What is taken over of a caller's environment, as /proc shows it. HOME gets another name: programs that root runs keep root's.</summary>
    internal static IEnumerable<KeyValuePair<string, string>> Settings(string environment)
    {
        foreach (var entry in environment.Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = entry.IndexOf('=', StringComparison.Ordinal);
            var name = equals > 0 ? entry[..equals] : "";
            if (name == "HOME")
            {
                yield return new(HomeVariable, entry[(equals + 1)..]);
            }
            else if (Names.Contains(name) || Prefixes.Any(p => name.StartsWith(p, StringComparison.Ordinal)))
            {
                yield return new(name, entry[(equals + 1)..]);
            }
        }
    }

    /// <summary>Words before a program that opens files of the user's choice: below this helper it runs as that user, so that nobody reads or overwrites more than before.</summary>
    public static IReadOnlyList<string> UserPrefix(Func<string, string?> variable) =>
        variable(HomeVariable) is { Length: > 0 } && variable("SUDO_UID") is { } user && variable("SUDO_GID") is { } group
            ? ["setpriv", "--reuid", user, "--regid", group, "--init-groups", "--"]
            : [];

    private static int Descriptor(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static void Listen(FileStream caller)
    {
        _ = caller.ReadByte(); // a wish to end, or -1: the caller is gone
        HostProcess.Of(Environment.ProcessId)?.Signal(15);
    }

    private static bool IsOf(int pid, string? user)
    {
        try
        {
            var line = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(l => l.StartsWith("Uid:", StringComparison.Ordinal));
            return user is not null && line?.Split('\t') is [_, var real, ..] && real == user;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
