using System.CommandLine;
using Kobune.Cli.Output;
using Kobune.Cli.Paths;
using Kobune.Cli.Paths.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>kobune path TARGET: the way of a packet from this PC to an app, hop by hop, with the first broken one and its mend.</summary>
internal static class PathCommand
{
    public static Command Create(CommandContext context)
    {
        var target = new Argument<string?>("target") { Description = context.Texts.Text(Message.PathTargetArgument), Arity = ArgumentArity.ZeroOrOne };
        var ns = Options.Of<string?>(context, Message.NamespaceOption, "--namespace", "-n");
        var port = Options.Of<string?>(context, Message.PathPortOption, "--port");
        var manifest = Options.Of<string?>(context, Message.PathManifestOption, "--filename", "-f");
        var output = Options.Output(context, "text", "json", "svg");
        var command = new Command("path", context.Texts.Text(Message.PathSummary)) { target, ns, port, manifest, output };
        command.SetAction(async (parsed, ct) =>
        {
            var profile = context.Profiles.Get(Options.ProfileOf(parsed, context));
            var walker = new PathWalker(context, profile);
            var room = parsed.GetValue(ns) ?? profile.KubernetesConfig.Namespace;
            var report = parsed.GetValue(manifest) is { } file
                ? await walker.WalkManifestAsync(ManifestFile.Read(file, room), ct)
                : await walker.WalkAsync(Target(parsed.GetValue(target), room, parsed.GetValue(port)), ct);
            var text = parsed.GetValue(output) switch
            {
                "json" => PathJson.Render(report, context.Texts) + "\n",
                "svg" => PathSvg.Render(report, context.Texts),
                _ => PathText.Render(report, context.Texts, context.UsesIcons),
            };
            await context.Out.WriteAsync(text.AsMemory(), ct);
            return report.Broken is null ? 0 : Reason.ServiceUnreachable.ExitCode;
        });
        return command;
    }

    private static PathTarget Target(string? text, string ns, string? port) =>
        PathTarget.Parse(text ?? "", ns, port) ?? throw new CliException(Reason.Usage, Message.PathBadTarget, text ?? "");
}
