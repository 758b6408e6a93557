using System.CommandLine;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>kobune version</summary>
internal static class VersionCommand
{
    public static Command Create(CommandContext context)
    {
        var isShort = Options.Of<bool>(context, Message.ShortOption, "--short");
        var output = Options.Of<string?>(context, Message.OutputOption, "--output", "-o");
        output.AcceptOnlyFromAmong("json", "yaml", "text");
        var command = new Command("version", context.Texts.Text(Message.VersionSummary)) { isShort, output };
        command.SetAction(async (parsed, ct) =>
        {
            var text = parsed.GetValue(output) switch
            {
                "json" => JsonText.Write(w =>
                {
                    w.WriteStartObject();
                    w.WriteString("kobuneVersion", Versions.Program);
                    w.WriteString("kubernetesVersion", Versions.Kubernetes);
                    w.WriteEndObject();
                }),
                "yaml" => $"kobuneVersion: {Versions.Program}\nkubernetesVersion: {Versions.Kubernetes}",
                _ => parsed.GetValue(isShort) ? Versions.Program : $"kobune version: {Versions.Program}\nkubernetes: {Versions.Kubernetes}",
            };
            await context.Out.WriteLineAsync(text.AsMemory(), ct);
            return 0;
        });
        return command;
    }
}
