using System.CommandLine;
using Kobune.Cli.Clusters;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;
using Kobune.Machine.Host;

namespace Kobune.Cli.Commands;

/// <summary>kobune version; --components asks the programs in the running node for theirs.</summary>
internal static class VersionCommand
{
    private static readonly (string Name, string[] Ask)[] Components =
        [("containerd", ["containerd", "--version"]), ("ctr", ["ctr", "--version"]), ("runc", ["runc", "--version"]), ("crun", ["crun", "--version"]), ("nft", ["nft", "--version"]), ("buildah", ["buildah", "--version"])];

    public static Command Create(CommandContext context)
    {
        var isShort = Options.Of<bool>(context, Message.ShortOption, "--short");
        var components = Options.Of<bool>(context, Message.ComponentsOption, "--components");
        var output = Options.Of<string?>(context, Message.OutputOption, "--output", "-o");
        output.AcceptOnlyFromAmong("json", "yaml", "text");
        var command = new Command("version", context.Texts.Text(Message.VersionSummary)) { isShort, components, output };
        command.SetAction(async (parsed, ct) =>
        {
            var program = ProgramName.Current == "minikube" ? "minikube" : "kobune";
            var facts = new List<KeyValuePair<string, string>> { new(program + "Version", Versions.Program) };
            if (program == "minikube")
            {
                facts.Add(new("commit", Versions.Commit));
            }
            else
            {
                facts.Add(new("kubernetesVersion", Versions.Kubernetes));
            }

            var parts = parsed.GetValue(components) ? await ComponentsAsync(context, Options.ProfileOf(parsed, context), ct) : [];
            var text = parsed.GetValue(output) switch
            {
                "json" => Json([.. facts, .. parts]),
                "yaml" => string.Join('\n', facts.Concat(parts).Select(f => $"{f.Key}: {f.Value}")),
                _ when parsed.GetValue(isShort) => Versions.Program,
                _ => $"{program} version: {Versions.Program}\n{(program == "minikube" ? "commit: " + Versions.Commit : "kubernetes: " + Versions.Kubernetes)}" + string.Concat(parts.Select(p => $"\n\n{p.Key}:\n{p.Value}")),
            };
            await context.Out.WriteLineAsync(text.AsMemory(), ct);
            return 0;
        });
        return command;
    }

    private static async Task<IReadOnlyList<KeyValuePair<string, string>>> ComponentsAsync(CommandContext context, string name, CancellationToken ct)
    {
        var profile = context.Profiles.Get(name);
        await new ClusterStatus(context).RequireRunningAsync(profile, healthy: false, ct);
        var found = new List<KeyValuePair<string, string>>();
        foreach (var (component, ask) in Components.Where(c => Programs.Find(c.Name) is not null))
        {
            var start = context.Driver.CommandIn(profile.Primary.Name, ask);
            var result = await Programs.TryRunAsync(start.FileName, [.. start.ArgumentList], null, ct);
            found.Add(new(component, result.ExitCode == 0 ? result.Output.Split('\n')[0].Trim() : "error"));
        }

        return found;
    }

    private static string Json(IReadOnlyList<KeyValuePair<string, string>> facts) => JsonText.Write(w =>
    {
        w.WriteStartObject();
        foreach (var (name, value) in facts.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            w.WriteString(name, value);
        }

        w.WriteEndObject();
    });
}
