using System.CommandLine;
using Kobune.Cli.Images;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>kobune image ls, rm, tag, pull, push; build, load and save have files of their own.</summary>
internal static class ImageCommand
{
    public static Command Create(CommandContext context) => new("image", context.Texts.Text(Message.ImageSummary))
    {
        ImageBuildCommand.Create(context), ImageTransferCommands.CreateLoad(context), ImageTransferCommands.CreateSave(context), List(context), Remove(context),
        Each(context, "pull", Message.ImagePullSummary, (images, name, ct) => images.PullAsync(name, ct)),
        Each(context, "push", Message.ImagePushSummary, (images, name, ct) => images.PushAsync(name, ct)),
        Tag(context),
    };

    /// <summary>The profile's images; a profile that there is not is wrong usage, and without a running node there is nothing to do but to say so.</summary>
    public static NodeImages Open(CommandContext context, ParseResult parsed, IReadOnlyList<string>? nodes = null)
    {
        var profile = Get(context, parsed);
        var images = new NodeImages(context, profile, nodes);
        if (images.Running.Count == 0)
        {
            context.Reporter().Warn(Message.ImageNoNode, profile.Name);
        }

        return images;
    }

    /// <summary>The profile.</summary>
    public static ProfileConfig Get(CommandContext context, ParseResult parsed)
    {
        var name = Options.ProfileOf(parsed, context);
        return context.Profiles.Find(name) ?? throw new CliException(Reason.Usage, Message.ProfileNotFound, name) { Advice = (Message.ToStart, [ProfileStore.StartCommandFor(name)]) };
    }

    private static Command List(CommandContext context)
    {
        var format = Options.Of<string>(context, Message.OutputOption, "--format");
        format.DefaultValueFactory = _ => "short";
        format.AcceptOnlyFromAmong("short", "table", "json", "yaml");
        var command = new Command("ls", context.Texts.Text(Message.ImageListSummary)) { format };
        command.Aliases.Add("list");
        command.SetAction(async (parsed, ct) =>
        {
            var images = await new NodeImages(context, Get(context, parsed)).ListAsync(ct);
            await context.Out.WriteAsync(ImageInfo.Format(images, parsed.GetValue(format)!).AsMemory(), ct);
            return 0;
        });
        return command;
    }

    private static Command Remove(CommandContext context)
    {
        var command = Each(context, "rm", Message.ImageRemoveSummary, (images, name, ct) => images.RemoveAsync(name, ct));
        command.Aliases.Add("remove");
        command.Aliases.Add("unload");
        return command;
    }

    private static Command Each(CommandContext context, string verb, Message summary, Func<NodeImages, string, CancellationToken, Task> act)
    {
        var names = new Argument<string[]>("image") { Arity = ArgumentArity.OneOrMore };
        var command = new Command(verb, context.Texts.Text(summary)) { names };
        command.SetAction(async (parsed, ct) =>
        {
            var images = Open(context, parsed);
            foreach (var name in images.Running.Count == 0 ? [] : parsed.GetValue(names)!)
            {
                await act(images, name, ct);
            }

            return 0;
        });
        return command;
    }

    private static Command Tag(CommandContext context)
    {
        var source = new Argument<string>("source");
        var target = new Argument<string>("target");
        var command = new Command("tag", context.Texts.Text(Message.ImageTagSummary)) { source, target };
        command.SetAction(async (parsed, ct) =>
        {
            await Open(context, parsed).TagAsync(parsed.GetValue(source)!, parsed.GetValue(target)!, ct);
            return 0;
        });
        return command;
    }
}
