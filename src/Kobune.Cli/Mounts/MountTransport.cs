using System.CommandLine;
using Kobune.Cli.Commands;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Mounts;

/// <summary>Options of a file server between host and node. A folder in a native node is the host's own, so there is none: they are understood and have nothing to change.</summary>
internal static class MountTransport
{
    public static void AddIgnored(CommandContext context, Command command, string prefix = "")
    {
        foreach (var name in new[] { "9p-version", "ip", "port", "msize", "type" })
        {
            command.Options.Add(Options.Of<string?>(context, Message.MountTransportOption, "--" + prefix + name));
        }
    }
}
