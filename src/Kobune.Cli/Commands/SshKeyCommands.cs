using System.CommandLine;
using Kobune.Cli.Clusters;
using Kobune.Cli.Profiles;
using Kobune.Cli.Ssh;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>kobune ssh-key, kobune ssh-host: for programs that come into a node by SSH.</summary>
internal static class SshKeyCommands
{
    public static Command CreateKey(CommandContext context)
    {
        var node = Options.Of<string?>(context, Message.NodeOption, "--node", "-n");
        var command = new Command("ssh-key", context.Texts.Text(Message.SshKeySummary)) { node };
        command.SetAction(async (parsed, ct) =>
        {
            var target = await FindAsync(context, parsed, node, ct);
            await context.Out.WriteLineAsync((await new NodeSsh(context).EnsureAsync(target, ct)).AsMemory(), ct);
            return 0;
        });
        return command;
    }

    public static Command CreateHost(CommandContext context)
    {
        var node = Options.Of<string?>(context, Message.NodeOption, "--node", "-n");
        var append = Options.Of<bool>(context, Message.AppendKnownOption, "--append-known");
        var command = new Command("ssh-host", context.Texts.Text(Message.SshHostSummary)) { node, append };
        command.SetAction(async (parsed, ct) =>
        {
            var target = await FindAsync(context, parsed, node, ct);
            var line = await new NodeSsh(context).HostLineAsync(target, ct);
            await context.Out.WriteLineAsync(line.AsMemory(), ct);
            if (parsed.GetValue(append))
            {
                await new KnownHosts(context).AppendAsync(line, ct);
            }

            return 0;
        });
        return command;
    }

    private static async Task<ProfileNode> FindAsync(CommandContext context, ParseResult parsed, Option<string?> node, CancellationToken ct)
    {
        var profile = context.Profiles.Get(Options.ProfileOf(parsed, context));
        await new ClusterStatus(context).RequireRunningAsync(profile, healthy: false, ct);
        return NodeCommands.Find(profile, parsed.GetValue(node));
    }
}
