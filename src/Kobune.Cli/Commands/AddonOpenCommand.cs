using System.CommandLine;
using Kobune.Addons.Switching;
using Kobune.Cli.Clusters;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>kobune addons open NAME: the services that are marked as the addon's way in.</summary>
internal static class AddonOpenCommand
{
    private const string Label = "kubernetes.io/minikube-addons-endpoint";

    public static Command Create(CommandContext context)
    {
        var name = AddonsCommand.NameArgument();
        var url = Options.Of<bool>(context, Message.UrlOption, "--url");
        var https = Options.Of<bool>(context, Message.HttpsOption, "--https");
        var format = Options.Of<string>(context, Message.FormatOption, "--format");
        format.DefaultValueFactory = _ => "http://{{.IP}}:{{.Port}}";
        var command = new Command("open", context.Texts.Text(Message.AddonsOpenSummary)) { name, url, https, format };
        command.SetAction(async (parsed, ct) =>
        {
            var addon = AddonsCommand.Find(parsed.GetValue(name)!);
            var profile = context.Profiles.Get(Options.ProfileOf(parsed, context));
            await new ClusterStatus(context).RequireRunningAsync(profile, healthy: true, ct);
            if (!profile.AddonStates().GetValueOrDefault(addon.Name, new AddonState(false, "")).IsEnabled)
            {
                throw new CliException(Reason.AddonNotEnabled, Message.AddonNotEnabled, addon.Name) { Advice = (Message.AddonEnableFirst, [addon.Name]) };
            }

            using var api = context.Api(profile);
            var list = await api.GetAsync($"/api/v1/namespaces/kube-system/services?labelSelector={Uri.EscapeDataString($"{Label}={addon.Name}")}", ct);
            var urls = list!.Value.GetProperty("items").EnumerateArray().SelectMany(s => ServiceUrls.Of(s, profile.Primary.IP, parsed.GetValue(format)!, parsed.GetValue(https)).Urls).ToList();
            if (urls.Count == 0)
            {
                throw new CliException(Reason.ServiceNotFound, Message.AddonNoEndpoint, addon.Name);
            }

            foreach (var found in urls)
            {
                await context.Out.WriteLineAsync(found.AsMemory(), ct);
            }

            return 0;
        });
        return command;
    }
}
