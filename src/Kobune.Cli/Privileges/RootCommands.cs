using System.CommandLine;
using Kobune.Cli.Commands;

namespace Kobune.Cli.Privileges;

/// <summary>Which command lines change this computer, or go into a node, and so run as root. All others run as the user who called, and never ask for sudo.</summary>
internal static class RootCommands
{
    // `start` is not among them: it checks what was asked first, as the user, and asks for root itself.
    private static readonly string[] Names =
    [
        "stop", "delete", "pause", "unpause", "tunnel", "mount", "cp", "ssh", "ssh-key", "ssh-host", "path",
        "dns install", "dns uninstall", "node add", "node start", "node stop", "node delete", "addons enable", "addons disable", "addons configure",
        "image build", "image load", "image save", "image rm", "image pull", "image push", "image tag", "image ls",
    ];

    /// <summary>Whether a command line runs as root.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="exists">Whether there is a profile of a name: without one a command only says so.</param>
    /// <param name="profile">The profile that is meant.</param>
    public static bool Contain(ParseResult parsed, Func<string, bool> exists, string profile)
    {
        var command = CommandLine.PathOf(parsed).TrimEnd();
        return Names.Contains(command) && parsed.Action is not HelpWriter && (command == "delete" || MeansAll(parsed) || exists(profile));
    }

    private static bool MeansAll(ParseResult parsed) =>
        parsed.CommandResult.Command.Options.FirstOrDefault(o => o.Name == "--all") is Option<bool> all && parsed.GetValue(all);
}
