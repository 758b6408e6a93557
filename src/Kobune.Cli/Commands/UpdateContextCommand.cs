using System.CommandLine;
using Kobune.Cli.Clusters;
using Kobune.Cli.Kubeconfig;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>kobune update-context</summary>
internal static class UpdateContextCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("update-context", context.Texts.Text(Message.UpdateContextSummary));
        command.SetAction(async (parsed, ct) =>
        {
            var profile = context.Profiles.Get(Options.ProfileOf(parsed, context));
            await new ClusterStatus(context).RequireRunningAsync(profile, healthy: false, ct);
            var changed = false;
            await new KubeconfigFile(context).ChangeAsync(
                text =>
                {
                    changed = text.ServerOf(profile.Name) != profile.ServerUrl || !text.HasContext(profile.Name);
                    if (changed && ClusterKeys.Load(context.Home, profile, context.Time) is { } entry)
                    {
                        text.Put(entry, profile.KubernetesConfig.Namespace);
                    }

                    var wasCurrent = text.CurrentContext == profile.Name;
                    text.SetCurrentContext(profile.Name);
                    return changed || !wasCurrent;
                },
                ct);
            if (changed)
            {
                context.Reporter().Info(Icon.Celebrate, Message.ContextUpdated, profile.Name, $"{profile.Primary.IP}:{profile.ApiServerPort}");
            }
            else
            {
                context.Reporter().Info(Icon.Running, Message.ContextUnchanged, profile.Name);
            }

            return 0;
        });
        return command;
    }
}
