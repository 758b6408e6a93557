using System.CommandLine;
using Kobune.Cli.Clusters;
using Kobune.Cli.Mounts;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;
using Kobune.Machine.Mounts;

namespace Kobune.Cli.Commands;

/// <summary>kobune mount HOST:NODE: a folder of this computer in all nodes, until Ctrl-C.</summary>
internal static class MountCommand
{
    public static Command Create(CommandContext context)
    {
        var words = new Argument<string[]>("host:node") { Arity = ArgumentArity.ZeroOrMore, Description = context.Texts.Text(Message.MountArgument) };
        var user = Options.Of<string?>(context, Message.MountUserOption, "--uid");
        var group = Options.Of<string?>(context, Message.MountGroupOption, "--gid");
        var mode = Options.Of<string?>(context, Message.MountModeOption, "--mode");
        var options = Options.Of<string[]>(context, Message.MountOptionsOption, "--options");
        var kill = Options.Of<bool>(context, Message.MountKillOption, "--kill");
        var command = new Command("mount", context.Texts.Text(Message.MountSummary)) { words, user, group, mode, options, kill };
        MountTransport.AddIgnored(context, command);
        command.SetAction(async (parsed, ct) =>
        {
            var profile = context.Profiles.Get(Options.ProfileOf(parsed, context));
            if (parsed.GetValue(kill))
            {
                var ended = await new MountRecords(context.Home, context.Driver, context.Time).KillAsync(profile.Name, ct);
                context.Reporter().Info(Icon.Stopped, Message.MountsEnded, ended);
                return 0;
            }

            if (parsed.GetValue(words) is not [var text])
            {
                throw new CliException(Reason.Usage, Message.MountUsage);
            }

            var mount = MountText.Parse(text, parsed.GetValue(user), parsed.GetValue(group), parsed.GetValue(mode), parsed.GetValue(options) ?? []);
            await new ClusterStatus(context).RequireRunningAsync(profile, healthy: false, ct);
            try
            {
                await new MountHolder(context, context.Reporter()).RunAsync(profile, mount, ct);
                return 0;
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                throw new CliException(Reason.Interrupted, Message.MountInterrupted);
            }
        });
        return command;
    }
}
