using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Machine;
using Kobune.Machine.Host;
using Kobune.Machine.Mounts;

namespace Kobune.Cli.Mounts;

/// <summary>A mount that lives as long as this process: in the nodes, in the record, and away again.</summary>
internal sealed class MountHolder(CommandContext context, Reporter reporter)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    public async Task RunAsync(ProfileConfig profile, HostMount mount, CancellationToken ct)
    {
        var machines = profile.Nodes.Select(n => n.Name).ToList();
        var live = new LiveMounts(context.Driver);
        var records = new MountRecords(context.Home, context.Driver, context.Time);
        var record = new MountRecord(HostProcess.Of(Environment.ProcessId)!, machines, mount.Target);
        reporter.Step(Icon.Folder, "Mounting", Message.Mounting, mount.Source, mount.Target);
        await records.AddAsync(profile.Name, record, ct);
        try
        {
            foreach (var machine in machines)
            {
                await live.AttachAsync(machine, mount, ct);
            }

            Describe(mount);
            while (context.Driver.StateOf(machines[0]) == MachineState.Running)
            {
                await Task.Delay(Look, context.Time, ct);
            }
        }
        finally
        {
            reporter.Info(Icon.Folder, Message.Unmounting, mount.Target);
            foreach (var machine in machines)
            {
                await live.DetachAsync(machine, mount.Target, CancellationToken.None);
            }

            await records.RemoveAsync(profile.Name, record, CancellationToken.None);
        }
    }

    private void Describe(HostMount mount)
    {
        reporter.Info(Icon.Option, Message.MountType, "bind");
        if (mount.User is { } user)
        {
            reporter.Info(Icon.Option, Message.MountUser, user);
        }

        if (mount.Group is { } group)
        {
            reporter.Info(Icon.Option, Message.MountGroup, group);
        }

        reporter.Info(Icon.Option, Message.MountOptions, string.Join(',', mount.Options.Prepend(mount.ReadOnly ? "ro" : "rw")));
        reporter.Info(Icon.Done, Message.Mounted, mount.Source, mount.Target);
        reporter.Info(Icon.Tip, Message.MountStaysAlive);
    }
}
