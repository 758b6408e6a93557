using System.CommandLine;
using Kobune.Api.Core.V1;
using Kobune.Cli.Clusters;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>kobune pause, kobune unpause: the node processes and the pods of some namespaces stand still, and go on where they were.</summary>
internal static class PauseCommand
{
    private static readonly string[] DefaultNamespaces = ["kube-system", "kubernetes-dashboard", "istio-operator"];

    public static Command Create(CommandContext context)
    {
        var (namespaces, all, output) = CreateOptions(context);
        var command = new Command("pause", context.Texts.Text(Message.PauseSummary)) { namespaces, all, output };
        command.SetAction(async (parsed, ct) =>
        {
            var reporter = context.Reporter(parsed.GetValue(output) == "json");
            var profile = context.Profiles.Get(Options.ProfileOf(parsed, context));
            await new ClusterStatus(context).RequireRunningAsync(profile, healthy: false, ct);
            using var gate = await ProfileGate.ForChangeAsync(context, reporter, profile.Name, ct);
            List<string> names = parsed.GetValue(all) ? [] : NamesOf(parsed.GetValue(namespaces));
            var paused = new ClusterStatus(context).IsPaused(profile) ? 0 : await PauseAsync(context, reporter, profile, names, ct);
            if (names.Count == 0)
            {
                reporter.Step(Icon.Paused, "Done", Message.PausedAll, paused);
            }
            else
            {
                reporter.Step(Icon.Paused, "Done", Message.PausedSome, paused, string.Join(", ", names));
            }

            return 0;
        });
        return command;
    }

    public static Command CreateUnpause(CommandContext context)
    {
        var (namespaces, all, output) = CreateOptions(context);
        var command = new Command("unpause", context.Texts.Text(Message.UnpauseSummary)) { namespaces, all, output };
        command.Aliases.Add("resume");
        command.SetAction(async (parsed, ct) =>
        {
            var reporter = context.Reporter(parsed.GetValue(output) == "json");
            var profile = context.Profiles.Get(Options.ProfileOf(parsed, context));
            await new ClusterStatus(context).RequireRunningAsync(profile, healthy: false, ct);
            using var gate = await ProfileGate.ForChangeAsync(context, reporter, profile.Name, ct);
            List<string> names = parsed.GetValue(all) ? [] : NamesOf(parsed.GetValue(namespaces));
            var thawed = Unpause(context, reporter, profile);
            if (names.Count == 0)
            {
                reporter.Step(Icon.Unpaused, "Done", Message.UnpausedAll, thawed);
            }
            else
            {
                reporter.Step(Icon.Unpaused, "Done", Message.UnpausedSome, thawed, string.Join(", ", names));
            }

            return 0;
        });
        return command;
    }

    /// <summary>Thaws all nodes; returns how many pods there were.</summary>
    internal static int Unpause(CommandContext context, Reporter reporter, ProfileConfig profile)
    {
        var thawed = 0;
        foreach (var node in profile.Nodes)
        {
            reporter.Step(Icon.Unpaused, "Unpausing", Message.UnpausingNode, node.Name);
            thawed += context.Driver.Unpause(profile.Name, node.Name);
        }

        return thawed;
    }

    private static async Task<int> PauseAsync(CommandContext context, Reporter reporter, ProfileConfig profile, List<string> namespaces, CancellationToken ct)
    {
        using var api = context.Api(profile);
        var pods = await api.Client(context.Time).ListAsync<Pod>("", null, ct);
        var chosen = pods.Items.Where(p => namespaces.Count == 0 || namespaces.Contains(p.Metadata.Namespace)).Select(p => p.Metadata.Uid).ToHashSet();
        var paused = 0;
        foreach (var node in profile.Nodes.Reverse())
        {
            reporter.Step(Icon.Paused, "Pausing", Message.PausingNode, node.Name);
            paused += context.Driver.Pause(profile.Name, node.Name, chosen);
        }

        return paused;
    }

    private static List<string> NamesOf(string[]? words) =>
        words is { Length: > 0 } ? [.. words.SelectMany(w => w.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))] : [.. DefaultNamespaces];

    private static (Option<string[]> Namespaces, Option<bool> All, Option<string> Output) CreateOptions(CommandContext context) =>
        (Options.Of<string[]>(context, Message.PauseNamespacesOption, "--namespaces", "-n"), Options.Of<bool>(context, Message.PauseAllOption, "--all-namespaces", "-A"), Options.Output(context, "text", "json"));
}
