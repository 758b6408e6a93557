using System.CommandLine;
using Kobune.Cli.Clusters;
using Kobune.Cli.Kubeconfig;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;
using Kobune.Cli.Tunnels;
using Kobune.Machine;
using Kobune.Machine.Mounts;

namespace Kobune.Cli.Commands;

/// <summary>kobune stop</summary>
internal static class StopCommand
{
    public static Command Create(CommandContext context)
    {
        var all = Options.Of<bool>(context, Message.AllOption, "--all");
        var keep = Options.Of<bool>(context, Message.KeepContextOption, "--keep-context-active");
        var schedule = Options.Of<string?>(context, Message.ScheduleOption, "--schedule");
        var cancel = Options.Of<bool>(context, Message.CancelScheduledOption, "--cancel-scheduled");
        var output = Options.Output(context, "text", "json");
        var command = new Command("stop", context.Texts.Text(Message.StopSummary)) { all, keep, schedule, cancel, output };
        command.SetAction(async (parsed, ct) =>
        {
            var reporter = context.Reporter(parsed.GetValue(output) == "json");
            var stopped = 0;
            var delay = parsed.GetValue(schedule) is { } text ? StartCommand.Duration(text) : (TimeSpan?)null;
            foreach (var name in parsed.GetValue(all) ? context.Profiles.Names : [Options.ProfileOf(parsed, context)])
            {
                if (delay is not null || parsed.GetValue(cancel))
                {
                    await ScheduleAsync(context, reporter, name, delay, ct);
                    continue;
                }

                stopped += await RunAsync(context, reporter, name, parsed.GetValue(keep), ct);
            }

            if (delay is null && !parsed.GetValue(cancel))
            {
                reporter.Step(Icon.Stopped, "Done", Message.NodesStopped, stopped);
            }

            return 0;
        });
        return command;
    }

    private static async Task ScheduleAsync(CommandContext context, Reporter reporter, string name, TimeSpan? delay, CancellationToken ct)
    {
        var profile = context.Profiles.Get(name);
        var plan = new ScheduledStop(context, name);
        if (delay is { } time)
        {
            await new ClusterStatus(context).RequireRunningAsync(profile, healthy: false, ct);
            await plan.PlanAsync(time, ct);
            reporter.Step(Icon.Stopping, "Stopping", Message.StopScheduled, ScheduledStop.Text(time));
        }
        else if (await plan.CancelAsync(ct))
        {
            reporter.Step(Icon.Tip, "Done", Message.ScheduleCancelled);
        }
        else
        {
            reporter.Step(Icon.Tip, "Done", Message.NothingScheduled);
        }
    }

    private static async Task<int> RunAsync(CommandContext context, Reporter reporter, string name, bool keepContext, CancellationToken ct)
    {
        _ = context.Profiles.Get(name);
        using var gate = await ProfileGate.ForChangeAsync(context, reporter, name, ct);
        if (context.Profiles.Find(name) is not { } profile)
        {
            return 0; // its first start had not made anything yet, and took that back
        }

        await new ScheduledStop(context, name).CancelAsync(ct);
        profile = profile with { ScheduledStop = null };
        var running = profile.Nodes.Count(n => context.Driver.StateOf(n.Name) == MachineState.Running);
        foreach (var node in profile.Nodes.Reverse())
        {
            reporter.Step(Icon.Stopping, "Stopping", Message.StoppingNode, node.Name);
        }

        await new TunnelRegistry(context.Home, context.Time).StopAsync(profile.Primary.Name, ct);
        await new MountRecords(context.Home, context.Driver, context.Time).KillAsync(name, ct);
        await context.Driver.StopAsync(name, [.. profile.Nodes.Select(n => n.Name)], ct);
        if (!keepContext)
        {
            await new KubeconfigFile(context).ChangeAsync(text => text.Remove(name), ct);
        }

        return running;
    }
}
