using System.CommandLine;
using Kobune.Cli.Clusters;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>kobune ip, kobune node list</summary>
internal static class NodeCommands
{
    public static Command CreateIp(CommandContext context)
    {
        var node = Options.Of<string?>(context, Message.NodeOption, "--node", "-n");
        var command = new Command("ip", context.Texts.Text(Message.IpSummary)) { node };
        command.SetAction(async (parsed, ct) =>
        {
            var profile = context.Profiles.Get(Options.ProfileOf(parsed, context));
            await new ClusterStatus(context).RequireRunningAsync(profile, healthy: false, ct);
            await context.Out.WriteLineAsync(Find(profile, parsed.GetValue(node)).IP.AsMemory(), ct);
            return 0;
        });
        return command;
    }

    public static Command CreateNode(CommandContext context)
    {
        var list = new Command("list", context.Texts.Text(Message.NodeListSummary));
        list.Aliases.Add("ls");
        list.SetAction((parsed, ct) =>
        {
            var profile = context.Profiles.Get(Options.ProfileOf(parsed, context));
            return PrintAsync(context, profile, ct);
        });
        return new Command("node", context.Texts.Text(Message.NodeSummary))
        {
            NodeChangeCommands.CreateAdd(context),
            NodeChangeCommands.CreateStart(context),
            NodeChangeCommands.CreateStop(context),
            NodeChangeCommands.CreateDelete(context),
            list,
        };
    }

    /// <summary>A node by its name, or by its short one ("m02"); the first one when none is named.</summary>
    public static ProfileNode Find(ProfileConfig profile, string? name) =>
        name is null
            ? profile.Primary
            : profile.Nodes.FirstOrDefault(n => n.Name == name || n.Name == profile.Name + "-" + name) ?? throw new CliException(Reason.NodeRetrieve, Message.NodeNotFound, name);

    private static async Task<int> PrintAsync(CommandContext context, ProfileConfig profile, CancellationToken ct)
    {
        foreach (var node in profile.Nodes)
        {
            await context.Out.WriteLineAsync($"{node.Name}\t{node.IP}".AsMemory(), ct);
        }

        return 0;
    }
}
