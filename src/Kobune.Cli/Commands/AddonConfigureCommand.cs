using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Addons.Catalog;
using Kobune.Addons.Switching;
using Kobune.Cli.Addons;
using Kobune.Cli.Clusters;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>kobune addons configure NAME: settings by questions on a terminal, from --set, or from minikube's JSON file (-f).</summary>
internal static class AddonConfigureCommand
{
    public static Command Create(CommandContext context)
    {
        var name = AddonsCommand.NameArgument();
        var file = Options.Of<string?>(context, Message.AddonsFileOption, "--config-file", "-f");
        var set = Options.Of<string?>(context, Message.AddonsSetOption, "--set");
        var command = new Command("configure", context.Texts.Text(Message.AddonsConfigureSummary)) { name, file, set };
        command.SetAction(async (parsed, ct) =>
        {
            var addon = AddonsCommand.Find(parsed.GetValue(name)!);
            var profile = context.Profiles.Get(Options.ProfileOf(parsed, context));
            if (AddonSettings.For(addon.Name) is not { } settings)
            {
                context.Reporter().Info(Icon.Tip, Message.AddonNothingToConfigure, addon.Name);
                return 0;
            }

            var text = parsed.GetValue(set) ?? (parsed.GetValue(file) is { } path ? await FromFileAsync(path, addon, settings, ct) : Ask(context, settings));
            settings.Check(text);
            await SaveAsync(context, profile.Name, addon, text, ct);
            context.Reporter().Info(Icon.Celebrate, Message.AddonConfigured, addon.Name);
            return 0;
        });
        return command;
    }

    private static async Task SaveAsync(CommandContext context, string profileName, Addon addon, string text, CancellationToken ct)
    {
        using var gate = await ProfileGate.ForStartAsync(context, profileName, ct);
        var profile = context.Profiles.Get(profileName);
        var before = profile.AddonStates().GetValueOrDefault(addon.Name, new AddonState(false, ""));
        await new ClusterAddons(context, context.Reporter()).SetAsync(profile, addon.Name, before with { Settings = text }, ct);
    }

    private static string Ask(CommandContext context, AddonSettings settings)
    {
        var answers = new List<string>();
        foreach (var question in settings.Questions)
        {
            context.Out.Write("-- " + context.Texts.Text(question) + ": ");
            context.Out.Flush();
            answers.Add(Console.In.ReadLine() ?? throw new CliException(Reason.Usage, Message.AddonNoAnswer));
        }

        return settings.Join(answers);
    }

    // {"addons": {"NAME": {"settings": "..."}}}, or minikube's keys of the questions.
    private static async Task<string> FromFileAsync(string path, Addon addon, AddonSettings settings, CancellationToken ct)
    {
        if (!File.Exists(path))
        {
            throw new CliException(Reason.PathMissing, Message.PathMissing, path);
        }

        try
        {
            var node = JsonNode.Parse(await File.ReadAllTextAsync(path, ct))?["addons"]?[addon.Name];
            return node?["settings"]?.ToString() ?? settings.Join([.. settings.Keys.Select(k => node?[k]?.ToString() ?? throw new CliException(Reason.Usage, Message.AddonFileLacks, path, k))]);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CliException(Reason.Usage, Message.BadValue, $"{path}: {e.Message}", "--config-file");
        }
    }
}
