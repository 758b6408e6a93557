using System.CommandLine;
using Kobune.Cli.Clusters;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Machine;

namespace Kobune.Cli.Commands;

/// <summary>kobune node add, delete, start, stop</summary>
internal static class NodeChangeCommands
{
    public static Command CreateAdd(CommandContext context)
    {
        var worker = Options.Of<bool>(context, Message.WorkerOption, "--worker");
        worker.DefaultValueFactory = _ => true;
        var controlPlane = Options.Of<bool>(context, Message.ControlPlaneOption, "--control-plane");
        var deleteOnFailure = Options.Of<bool>(context, Message.DeleteOnFailureOption, "--delete-on-failure");
        var command = new Command("add", context.Texts.Text(Message.NodeAddSummary)) { worker, controlPlane, deleteOnFailure };
        command.SetAction(async (parsed, ct) =>
        {
            var name = Options.ProfileOf(parsed, context);
            await new ClusterStatus(context).RequireRunningAsync(context.Profiles.Get(name), healthy: true, ct);
            if (parsed.GetValue(controlPlane))
            {
                throw new CliException(Reason.NodeAdd, Message.NoSecondControlPlane);
            }

            using var gate = await ProfileGate.ForStartAsync(context, name, ct);
            await new NodeChanges(context, context.Reporter()).AddAsync(context.Profiles.Get(name), ct);
            return 0;
        });
        return command;
    }

    public static Command CreateDelete(CommandContext context) => Change(context, "delete", Message.NodeDeleteSummary, async (changes, profile, node, ct) =>
    {
        await new ClusterStatus(context).RequireRunningAsync(profile, healthy: true, ct);
        await changes.DeleteAsync(profile, node, ct);
    });

    public static Command CreateStart(CommandContext context) => Change(context, "start", Message.NodeStartSummary, (changes, profile, node, ct) => changes.StartAsync(profile, node, ct));

    public static Command CreateStop(CommandContext context) => Change(context, "stop", Message.NodeStopSummary, (changes, profile, node, ct) => changes.StopAsync(profile, node, ct));

    private static Command Change(CommandContext context, string verb, Message summary, Func<NodeChanges, ProfileConfig, ProfileNode, CancellationToken, Task> change)
    {
        var name = new Argument<string>("NODE");
        var command = new Command(verb, context.Texts.Text(summary)) { name };
        command.SetAction(async (parsed, ct) =>
        {
            var profileName = Options.ProfileOf(parsed, context);
            _ = NodeCommands.Find(context.Profiles.Get(profileName), parsed.GetValue(name));
            using var gate = await ProfileGate.ForStartAsync(context, profileName, ct);
            var profile = context.Profiles.Get(profileName);
            await change(new(context, context.Reporter()), profile, NodeCommands.Find(profile, parsed.GetValue(name)), ct);
            return 0;
        });
        return command;
    }
}
