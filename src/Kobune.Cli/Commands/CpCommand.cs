using System.CommandLine;
using Kobune.Cli.Clusters;
using Kobune.Cli.Files;
using Kobune.Cli.Output;
using Kobune.Cli.Privileges;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>kobune cp: copies a file or a whole folder between this computer and nodes, or between two nodes.</summary>
internal static class CpCommand
{
    public static Command Create(CommandContext context)
    {
        var source = new Argument<string>("source") { Description = context.Texts.Text(Message.CpSource) };
        var target = new Argument<string>("target") { Description = context.Texts.Text(Message.CpTarget) };
        var command = new Command("cp", context.Texts.Text(Message.CpSummary)) { source, target };
        command.SetAction(async (parsed, ct) =>
        {
            var profile = context.Profiles.Get(Options.ProfileOf(parsed, context));
            var (from, to) = CopyPath.ParseBoth(parsed.GetValue(source)!, parsed.GetValue(target)!, profile.Primary.Name);
            if (from.Node is null && !Path.Exists(from.Path))
            {
                throw new CliException(Reason.PathMissing, Message.PathMissing, from.Path);
            }

            await new ClusterStatus(context).RequireRunningAsync(profile, healthy: false, ct);
            await RunAsync(context, profile, from, to, ct);
            return 0;
        });
        return command;
    }

    private static async Task RunAsync(CommandContext context, ProfileConfig profile, CopyPath from, CopyPath to, CancellationToken ct)
    {
        var (reader, writer) = (SideOf(context, profile, from), SideOf(context, profile, to));
        var folder = await reader.IsFolderAsync(from.Path, ct) ?? throw new CliException(Reason.General, Message.PathMissing, $"{from.Node}:{from.Path}");
        var name = to.NameFor(from);
        var problem = folder
            ? await Copier.RunAsync(reader.ReadFolder(from.Path), writer.WriteFolder(name), ct)
            : await Copier.RunAsync(reader.ReadFile(from.Path), writer.WriteFile(name), ct);
        if (problem is not null)
        {
            throw new CliException(Reason.General, Message.CopyFailed, from.Path, name, problem);
        }
    }

    private static CopySide SideOf(CommandContext context, ProfileConfig profile, CopyPath path) =>
        new(context.Driver, path.Node is null ? null : NodeCommands.Find(profile, path.Node).Name, AsRoot.UserPrefix(context.Variable));
}
