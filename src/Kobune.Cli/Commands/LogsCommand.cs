using System.CommandLine;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Kobune.Cli.Clusters;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Machine.Host;

namespace Kobune.Cli.Commands;

/// <summary>kobune logs: what the cluster's own processes said, or what was done to it (--audit). Works on a stopped cluster too.</summary>
internal static partial class LogsCommand
{
    private const string StartMark = "supervisor: machine starts";

    private sealed record Selection(int Length, bool Problems, bool LastStart);

    public static Command Create(CommandContext context)
    {
        var follow = Options.Of<bool>(context, Message.FollowOption, "--follow", "-f");
        var length = Options.Of<int>(context, Message.LengthOption, "--length", "-n");
        length.DefaultValueFactory = _ => 60;
        var node = Options.Of<string?>(context, Message.NodeOption, "--node");
        var file = Options.Of<string?>(context, Message.FileOption, "--file");
        var problems = Options.Of<bool>(context, Message.ProblemsOption, "--problems");
        var audit = Options.Of<bool>(context, Message.AuditOption, "--audit");
        var last = Options.Of<bool>(context, Message.LastStartOption, "--last-start-only");
        var command = new Command("logs", context.Texts.Text(Message.LogsSummary)) { follow, length, node, file, problems, audit, last };
        command.SetAction(async (parsed, ct) =>
        {
            var profile = context.Profiles.Get(Options.ProfileOf(parsed, context));
            await using var target = parsed.GetValue(file) is { } path ? new StreamWriter(path) : null;
            if (parsed.GetValue(audit))
            {
                await (target ?? context.Out).WriteAsync(new AuditLog(context.Home, profile.Name).Table(parsed.GetValue(length)).AsMemory(), ct);
                return 0;
            }

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

            var selection = new Selection(parsed.GetValue(length), parsed.GetValue(problems), parsed.GetValue(last));
            foreach (var (owner, log) in logs)
            {
                await PrintAsync(target ?? context.Out, owner, log, selection, ct);
            }

            return 0;
        });
        return command;
    }

    /// <summary>The lines that are wanted of a log: the last ones, perhaps only those that tell of trouble, perhaps only since the last start.</summary>
    internal static IReadOnlyCollection<string> Choose(IEnumerable<string> lines, int length, bool problems, bool lastStart)
    {
        var chosen = new Queue<string>();
        foreach (var line in lines)
        {
            if (lastStart && line.StartsWith(StartMark, StringComparison.Ordinal))
            {
                chosen.Clear();
            }

            if (!problems || Problem().IsMatch(line))
            {
                chosen.Enqueue(line);
            }

            if (chosen.Count > length)
            {
                chosen.Dequeue();
            }
        }

        return chosen;
    }

    private static string FolderOf(CommandContext context, string machine) => Path.Combine(ClusterKeys.DataFolderOf(context.Home, machine), "logs");

    private static async Task PrintAsync(TextWriter output, string node, string log, Selection selection, CancellationToken ct)
    {
        var lines = Choose(File.ReadLines(log), selection.Length, selection.Problems, selection.LastStart);
        if (selection.Problems && lines.Count == 0)
        {
            return;
        }

        await output.WriteLineAsync($"==> {Path.GetFileNameWithoutExtension(log)} [{node}] <==".AsMemory(), ct);
        foreach (var line in lines)
        {
            await output.WriteLineAsync(line.AsMemory(), ct);
        }

        await output.WriteLineAsync();
    }

    // Our own log has levels; containerd writes level=...; the rest says it in words.
    [GeneratedRegex(@"\b(fail|warn|crit):|level=(error|fatal|panic)|^supervisor: \w+ ended|\b(error|panic|fatal|unhandled exception|no space left|permission denied|out of memory|cannot)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Problem();
}
