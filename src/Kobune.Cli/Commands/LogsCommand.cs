using System.CommandLine;
using System.Diagnostics;
using Kobune.Cli.Clusters;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;
using Kobune.Machine.Host;

namespace Kobune.Cli.Commands;

/// <summary>kobune logs: what the cluster's own processes said. Works on a stopped cluster too.</summary>
internal static class LogsCommand
{
    public static Command Create(CommandContext context)
    {
        var follow = Options.Of<bool>(context, Message.FollowOption, "--follow", "-f");
        var length = Options.Of<int>(context, Message.LengthOption, "--length", "-n");
        length.DefaultValueFactory = _ => 60;
        var node = Options.Of<string?>(context, Message.NodeOption, "--node");
        var file = Options.Of<string?>(context, Message.FileOption, "--file");
        var command = new Command("logs", context.Texts.Text(Message.LogsSummary)) { follow, length, node, file };
        command.SetAction(async (parsed, ct) =>
        {
            var profile = context.Profiles.Get(Options.ProfileOf(parsed, context));
            var nodes = parsed.GetValue(node) is { } name ? [NodeCommands.Find(profile, name)] : profile.Nodes;
            var logs = nodes.SelectMany(n => Directory.Exists(FolderOf(context, n.Name)) ? Directory.EnumerateFiles(FolderOf(context, n.Name), "*.log").Order(StringComparer.Ordinal).Select(f => (Node: n.Name, File: f)) : []).ToList();
            if (logs.Count == 0)
            {
                throw new CliException(Reason.PathMissing, Message.NoLogs, profile.Name);
            }

            if (parsed.GetValue(follow))
            {
                return await Foreground.RunAsync(new ProcessStartInfo(Programs.Find("tail")!, ["-n", $"{parsed.GetValue(length)}", "-F", .. logs.Select(l => l.File)]), ct);
            }

            await using var target = parsed.GetValue(file) is { } path ? new StreamWriter(path) : null;
            foreach (var (owner, log) in logs)
            {
                await PrintAsync(target ?? context.Out, owner, log, parsed.GetValue(length), ct);
            }

            return 0;
        });
        return command;
    }

    private static string FolderOf(CommandContext context, string machine) => Path.Combine(ClusterKeys.DataFolderOf(context.Home, machine), "logs");

    private static async Task PrintAsync(TextWriter output, string node, string log, int length, CancellationToken ct)
    {
        await output.WriteLineAsync($"==> {Path.GetFileNameWithoutExtension(log)} [{node}] <==".AsMemory(), ct);
        var last = new Queue<string>();
        await foreach (var line in File.ReadLinesAsync(log, ct))
        {
            last.Enqueue(line);
            if (last.Count > length)
            {
                last.Dequeue();
            }
        }

        foreach (var line in last)
        {
            await output.WriteLineAsync(line.AsMemory(), ct);
        }

        await output.WriteLineAsync();
    }
}
