using System.CommandLine;
using System.Text.Json;
using Kobune.Cli.Clusters;
using Kobune.Cli.Configuration;
using Kobune.Cli.Kubeconfig;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>kobune profile, kobune profile list</summary>
internal static class ProfileCommand
{
    private static readonly string[] Header = ["Profile", "Driver", "Runtime", "IP", "Version", "Status", "Nodes", "Active Profile", "Active Kubecontext"];

    public static Command Create(CommandContext context)
    {
        var output = Options.Output(context, "table", "json");
        var light = Options.Of<bool>(context, Message.LightOption, "--light", "-l");
        var list = new Command("list", context.Texts.Text(Message.ProfileListSummary)) { output, light };
        list.SetAction((parsed, ct) => ListAsync(context, parsed.GetValue(output) == "json", parsed.GetValue(light), Options.ProfileOf(parsed, context), ct));
        var name = new Argument<string?>("MINIKUBE_PROFILE_NAME") { Arity = ArgumentArity.ZeroOrOne };
        name.CompletionSources.Add(_ => context.Profiles.Names.Select(n => new System.CommandLine.Completions.CompletionItem(n)));
        var command = new Command("profile", context.Texts.Text(Message.ProfileSummary)) { list, name };
        command.SetAction(async (parsed, ct) =>
        {
            if (parsed.GetValue(name) is { } wanted)
            {
                await SwitchAsync(context, wanted == "default" ? CommandContext.DefaultProfile : wanted, ct);
                return 0;
            }

            await context.Out.WriteLineAsync(Options.ProfileOf(parsed, context).AsMemory(), ct);
            return 0;
        });
        return command;
    }

    // An unknown name is told and changes nothing, as minikube does.
    private static async Task SwitchAsync(CommandContext context, string name, CancellationToken ct)
    {
        ProfileStore.CheckName(name);
        if (context.Profiles.Find(name) is not { } profile)
        {
            context.Reporter().Info(Icon.Tip, Message.ProfileNotFound, name);
            context.Reporter().Info(Icon.Tip, Message.ToStart, ProfileStore.StartCommandFor(name));
            return;
        }

        context.Config.Set(ConfigKey.Find("profile")!, name);
        if (!profile.KeepContext)
        {
            await new KubeconfigFile(context).ChangeAsync(
                text =>
                {
                    var changes = text.HasContext(name) && text.CurrentContext != name;
                    if (changes)
                    {
                        text.SetCurrentContext(name);
                    }

                    return changes;
                },
                ct);
        }

        context.Reporter().Info(Icon.Celebrate, Message.ProfileSet, name);
    }

    private static async Task<int> ListAsync(CommandContext context, bool json, bool light, string active, CancellationToken ct)
    {
        var valid = new List<(ProfileConfig Profile, string Status)>();
        var invalid = new List<string>();
        foreach (var name in context.Profiles.Names)
        {
            try
            {
                if (context.Profiles.Find(name) is { Nodes.Count: > 0 } profile)
                {
                    valid.Add((profile, light ? "Skipped" : await StatusAsync(context, profile, ct)));
                    continue;
                }
            }
            catch (CliException)
            {
                // Listed as invalid, with the way to remove it.
            }

            invalid.Add(name);
        }

        if (valid.Count == 0 && invalid.Count == 0 && !json)
        {
            throw new CliException(Reason.NoProfile, Message.NoProfiles) { Advice = (Message.ToStart, ["kobune start"]) };
        }

        var current = CurrentContext(context);
        var text = json
            ? Json(valid, invalid, active, current) + "\n"
            : BoxTable.Render(Header, valid.Select(v => Row(v.Profile, v.Status, active, current)));
        await context.Out.WriteAsync(text.AsMemory(), ct);
        foreach (var name in invalid.Where(_ => !json))
        {
            await context.Error.WriteLineAsync($"! {name}: kobune delete -p {name}".AsMemory(), ct);
        }

        return 0;
    }

    private static async Task<string> StatusAsync(CommandContext context, ProfileConfig profile, CancellationToken ct)
    {
        var primary = (await new ClusterStatus(context).ReadAsync(profile, ct))[0];
        return primary.Host != "Running" ? primary.Host : primary.APIServer == "Running" ? "OK" : primary.APIServer;
    }

    private static string[] Row(ProfileConfig p, string status, string active, string current) =>
        [p.Name, p.Driver, p.KubernetesConfig.ContainerRuntime, p.Primary.IP, p.KubernetesConfig.KubernetesVersion, status, $"{p.Nodes.Count}", p.Name == active ? "*" : "", p.Name == current ? "*" : ""];

    private static string Json(List<(ProfileConfig Profile, string Status)> valid, List<string> invalid, string active, string current) => JsonText.Write(w =>
    {
        w.WriteStartObject();
        w.WriteStartArray("invalid");
        foreach (var name in invalid)
        {
            w.WriteStartObject();
            w.WriteString("Name", name);
            w.WriteEndObject();
        }

        w.WriteEndArray();
        w.WriteStartArray("valid");
        foreach (var (profile, status) in valid)
        {
            w.WriteStartObject();
            w.WriteString("Name", profile.Name);
            w.WriteString("Status", status);
            w.WritePropertyName("Config");
            JsonSerializer.Serialize(w, profile, ProfileJson.Default.ProfileConfig);
            w.WriteBoolean("Active", profile.Name == active);
            w.WriteBoolean("ActiveKubeContext", profile.Name == current);
            w.WriteEndObject();
        }

        w.WriteEndArray();
        w.WriteEndObject();
    });

    private static string CurrentContext(CommandContext context)
    {
        try
        {
            return new KubeconfigFile(context).Read().CurrentContext;
        }
        catch (CliException)
        {
            return "";
        }
    }
}
