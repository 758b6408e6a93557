using System.CommandLine;
using Kobune.Cli.Clusters;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>kobune versions (get-k8s-versions): the Kubernetes versions that `start --kubernetes-version` takes.</summary>
internal static class VersionsCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("versions", context.Texts.Text(Message.VersionsSummary));
        command.Aliases.Add("get-k8s-versions");
        command.SetAction(async (_, ct) =>
        {
            await context.Out.WriteLineAsync(context.Texts.Text(Message.VersionsHead).AsMemory(), ct);
            foreach (var version in KubernetesReleases.All)
            {
                await context.Out.WriteLineAsync($"\t- {version}".AsMemory(), ct);
            }

            return 0;
        });
        return command;
    }
}
