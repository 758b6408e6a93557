using System.CommandLine;
using Kobune.Addons.Catalog;
using Kobune.Addons.Switching;
using Kobune.Cli.Addons;
using Kobune.Cli.Clusters;
using Kobune.Cli.Output;
using Kobune.Cli.Packages;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Machine.Host;

namespace Kobune.Cli.Commands;

/// <summary>kobune addons list, enable, disable, configure, images, open</summary>
internal static class AddonsCommand
{
    public static Command Create(CommandContext context) => new("addons", context.Texts.Text(Message.AddonsSummary))
    {
        List(context),
        Switch(context, "enable", Message.AddonsEnableSummary, enable: true),
        Switch(context, "disable", Message.AddonsDisableSummary, enable: false),
        AddonConfigureCommand.Create(context),
        Images(context),
        AddonOpenCommand.Create(context),
    };

    /// <summary>An argument that is the name of an addon.</summary>
    public static Argument<string> NameArgument()
    {
        var name = new Argument<string>("ADDON_NAME");
        name.CompletionSources.Add([.. AddonCatalog.All.Select(a => a.Name)]);
        return name;
    }

    /// <summary>The addon of a name, which must be one of the catalogue.</summary>
    public static Addon Find(string name) =>
        AddonCatalog.Find(name) ?? throw new CliException(Reason.AddonUnsupported, Message.AddonUnknown, name) { Advice = (Message.AddonSeeList, []) };

    private static Command List(CommandContext context)
    {
        var output = Options.Output(context, "list", "json");
        var docs = Options.Of<bool>(context, Message.AddonsDocsOption, "--docs", "-d");
        var command = new Command("list", context.Texts.Text(Message.AddonsListSummary)) { output, docs };
        command.SetAction(async (parsed, ct) =>
        {
            var profile = context.Profiles.Find(Options.ProfileOf(parsed, context));
            var text = parsed.GetValue(output) == "json" ? AddonLists.Json(profile) + "\n" : AddonLists.Table(profile, parsed.GetValue(docs));
            await context.Out.WriteAsync(text.AsMemory(), ct);
            return 0;
        });
        return command;
    }

    private static Command Switch(CommandContext context, string verb, Message summary, bool enable)
    {
        var name = NameArgument();
        var images = Options.Of<string?>(context, Message.AddonsImagesOption, "--images");
        var registries = Options.Of<string?>(context, Message.AddonsRegistriesOption, "--registries");
        var force = Options.Of<bool>(context, Message.ForceOption, "--force");
        var refresh = Options.Of<bool>(context, Message.AddonsRefreshOption, "--refresh");
        var command = new Command(verb, context.Texts.Text(summary)) { name };
        if (enable)
        {
            foreach (var option in new Option[] { images, registries, force, refresh })
            {
                command.Options.Add(option);
            }
        }

        command.SetAction(async (parsed, ct) =>
        {
            var addon = Find(parsed.GetValue(name)!);
            var profile = context.Profiles.Get(Options.ProfileOf(parsed, context));
            await SwitchAsync(context, profile.Name, addon, enable, ct);
            return 0;
        });
        return command;
    }

    /// <summary>Switches an addon of a profile, and says so.</summary>
    internal static async Task SwitchAsync(CommandContext context, string profileName, Addon addon, bool enable, CancellationToken ct)
    {
        var reporter = context.Reporter();
        if (enable && !addon.IsBuiltIn)
        {
            var images = addon.Images.Count == 0 ? "-" : string.Join(' ', addon.Images.Select(i => $"{i.Registry}/{i.Image}"));
            throw new CliException(Reason.AddonUnsupported, Message.AddonPulls, addon.Name, images) { Advice = (Message.AddonPullsAdvice, []) };
        }

        if (enable && Programs.IsRoot)
        {
            await PackageInstaller.Create(reporter).EnsureAsync(Package.OfAddon(addon.Name), true, ct);
        }

        using var gate = await ProfileGate.ForStartAsync(context, profileName, ct);
        var profile = context.Profiles.Get(profileName);
        if (new ClusterStatus(context).IsPaused(profile))
        {
            throw new CliException(enable ? Reason.AddonPaused : Reason.AddonDisablePaused, Message.AddonPaused, addon.Name) { Advice = (Message.ToUnpause, [profile.Name]) };
        }

        if (enable && addon.Kind != AddonKind.Default)
        {
            reporter.Info(Icon.Tip, Message.AddonMaintainer, addon.Name, addon.Maintainer);
        }

        var before = profile.AddonStates().GetValueOrDefault(addon.Name, new AddonState(false, ""));
        await new ClusterAddons(context, reporter).SetAsync(profile, addon.Name, before with { IsEnabled = enable }, ct);
        if (enable)
        {
            if (addon.Name == "registry")
            {
                reporter.Info(Icon.Tip, Message.RegistryReachable, $"http://{profile.Primary.IP}:5000", 5000);
                reporter.Info(Icon.Tip, Message.RegistryHint, $"{profile.Primary.IP}:5000");
            }

            reporter.Info(Icon.Addon, Message.AddonEnabled, addon.Name);
        }
        else
        {
            reporter.Info(Icon.AddonOff, Message.AddonDisabled, addon.Name);
        }
    }

    private static Command Images(CommandContext context)
    {
        var name = NameArgument();
        var output = Options.Output(context, "table", "json");
        var command = new Command("images", context.Texts.Text(Message.AddonsImagesSummary)) { name, output };
        command.SetAction(async (parsed, ct) =>
        {
            var addon = Find(parsed.GetValue(name)!);
            if (parsed.GetValue(output) == "json")
            {
                await context.Out.WriteLineAsync(AddonLists.ImagesJson(addon).AsMemory(), ct);
            }
            else if (addon.Images.Count == 0)
            {
                context.Reporter().Info(Icon.Tip, Message.AddonNoImages, addon.Name);
            }
            else
            {
                context.Reporter().Info(Icon.Tip, Message.AddonImages, addon.Name);
                await context.Out.WriteAsync(AddonLists.ImagesTable(addon).AsMemory(), ct);
            }

            return 0;
        });
        return command;
    }
}
