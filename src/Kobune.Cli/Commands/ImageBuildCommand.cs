using System.CommandLine;
using Kobune.Cli.Images;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>kobune image build</summary>
internal static class ImageBuildCommand
{
    public static Command Create(CommandContext context)
    {
        var path = new Argument<string>("path");
        var tag = Options.Of<string?>(context, Message.TagOption, "--tag", "-t");
        var file = Options.Of<string?>(context, Message.DockerfileOption, "--file", "-f");
        var options = Options.Of<string[]>(context, Message.BuildOption, "--build-opt");
        var environment = Options.Of<string[]>(context, Message.BuildEnvOption, "--build-env");
        var contexts = Options.Of<string[]>(context, Message.BuildContextOption, "--build-context");
        var push = Options.Of<bool>(context, Message.BuildPushOption, "--push");
        var node = Options.Of<string?>(context, Message.BuildNodeOption, "--node", "-n");
        var all = Options.Of<bool>(context, Message.BuildAllOption, "--all");
        var noInstall = Options.Of<bool>(context, Message.NoInstallOption, "--no-install");
        var command = new Command("build", context.Texts.Text(Message.ImageBuildSummary)) { path, tag, file, options, environment, contexts, push, node, all, noInstall };
        command.SetAction(async (parsed, ct) =>
        {
            var profile = ImageCommand.Get(context, parsed);
            if (parsed.GetValue(push) && parsed.GetValue(tag) is null)
            {
                throw new CliException(Reason.Usage, Message.BuildPushWithoutTag);
            }

            var only = parsed.GetValue(node) is { } wanted && !parsed.GetValue(all) ? NodeOf(profile, wanted) : null;
            var target = ImageCommand.Open(context, parsed, only);
            if (target.Running.Count == 0)
            {
                return 0;
            }

            await new ImageBuilder(context, profile, target).RunAsync(
                new()
                {
                    Context = parsed.GetValue(path)!,
                    Dockerfile = parsed.GetValue(file),
                    Tag = parsed.GetValue(tag),
                    Options = parsed.GetValue(options) ?? [],
                    Environment = parsed.GetValue(environment) ?? [],
                    Contexts = parsed.GetValue(contexts) ?? [],
                    Push = parsed.GetValue(push),
                    Install = !parsed.GetValue(noInstall),
                },
                ct);
            return 0;
        });
        return command;
    }

    // A node may be called by its whole name or by the end of it: "m02".
    private static string[] NodeOf(Profiles.ProfileConfig profile, string wanted) =>
        profile.Nodes.FirstOrDefault(n => n.Name == wanted || n.Name == $"{profile.Name}-{wanted}") is { } node
            ? [node.Name]
            : throw new CliException(Reason.NodeRetrieve, Message.NodeNotFound, wanted);
}
