using System.CommandLine;
using Kobune.Cli.Clusters;
using Kobune.Cli.Kubeconfig;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Cli.Tunnels;
using Kobune.Machine.Mounts;

namespace Kobune.Cli.Commands;

/// <summary>kobune delete</summary>
internal static class DeleteCommand
{
    public static Command Create(CommandContext context)
    {
        var all = Options.Of<bool>(context, Message.AllOption, "--all");
        var purge = Options.Of<bool>(context, Message.PurgeOption, "--purge");
        var output = Options.Output(context, "text", "json");
        var command = new Command("delete", context.Texts.Text(Message.DeleteSummary)) { all, purge, output };
        command.SetAction(async (parsed, ct) =>
        {
            var reporter = context.Reporter(parsed.GetValue(output) == "json");
            var names = context.Profiles.Names;
            if (parsed.GetValue(purge) && names.Count > 1 && !parsed.GetValue(all))
            {
                throw new CliException(Reason.Usage, Message.PurgeNeedsAll);
            }

            foreach (var name in parsed.GetValue(all) ? names : [Options.ProfileOf(parsed, context)])
            {
                await RunAsync(context, reporter, name, ct);
            }

            if (parsed.GetValue(all))
            {
                reporter.Step(Icon.Deleted, "Done", Message.AllDeleted);
            }

            if (parsed.GetValue(purge) && Directory.Exists(context.Home.Root))
            {
                Directory.Delete(context.Home.Root, recursive: true);
                reporter.Step(Icon.Deleted, "Purging home dir", Message.Purged, context.Home.Root);
            }

            return 0;
        });
        return command;
    }

    private static async Task RunAsync(CommandContext context, Reporter reporter, string name, CancellationToken ct)
    {
        ProfileStore.CheckName(name);
        using var gate = await ProfileGate.ForChangeAsync(context, reporter, name, ct);
        await new ScheduledStop(context, name).CancelAsync(ct);
        var profile = FindOrNull(context, name);
        if (profile is null)
        {
            reporter.Warn(Message.ProfileNotFound, name);
        }
        else
        {
            reporter.Step(Icon.Delete, "Deleting", Message.DeletingCluster, name, profile.Driver);
        }

        // A profile whose file is gone or damaged may still have machines: they are called after it.
        string[] machines = [.. MachinesOf(context, name).Union(profile?.Nodes.Select(n => n.Name) ?? [])];
        await new TunnelRegistry(context.Home, context.Time).StopAsync(name, ct); // the first machine is called after the profile
        await new MountRecords(context.Home, context.Driver, context.Time).KillAsync(name, ct);
        await context.Driver.DeleteAsync(name, machines, ct);
        foreach (var machine in profile?.Nodes ?? [])
        {
            reporter.Info(Icon.Delete, Message.RemovedFolder, context.Home.Machine(machine.Name));
        }

        if (context.Config.Get("profile") == name)
        {
            context.Config.Unset("profile");
        }

        context.Profiles.Remove(name);
        await new KubeconfigFile(context).ChangeAsync(text => text.Remove(name), ct); // last: a broken file must not keep the machines alive
        if (profile is not null)
        {
            reporter.Step(Icon.Deleted, "Done", Message.RemovedTraces, name);
        }
    }

    private static ProfileConfig? FindOrNull(CommandContext context, string name)
    {
        try
        {
            return context.Profiles.Find(name);
        }
        catch (CliException)
        {
            return null; // damaged: deleting it is the mend
        }
    }

    private static IEnumerable<string> MachinesOf(CommandContext context, string profile) =>
        Directory.Exists(context.Home.Machines)
            ? Directory.EnumerateDirectories(context.Home.Machines).Select(p => Path.GetFileName(p)!).Where(m => m == profile || (IsWorkerOf(m, profile) && !context.Profiles.Names.Contains(m)))
            : [];

    private static bool IsWorkerOf(string machine, string profile) =>
        machine.StartsWith(profile + "-m", StringComparison.Ordinal) && machine.Length > profile.Length + 2 && machine[(profile.Length + 2)..].All(char.IsAsciiDigit);
}
