using System.CommandLine;
using System.Diagnostics;
using Kobune.Cli.Clusters;
using Kobune.Cli.Images;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Machine.Host;

namespace Kobune.Cli.Commands;

/// <summary>kobune image build, load, ls, rm</summary>
internal static class ImageCommand
{
    public static Command Create(CommandContext context) =>
        new("image", context.Texts.Text(Message.ImageSummary)) { Build(context), Load(context), List(context), Remove(context) };

    private static Command Build(CommandContext context)
    {
        var path = new Argument<string>("path");
        var tag = Options.Of<string?>(context, Message.TagOption, "--tag", "-t");
        var file = Options.Of<string?>(context, Message.DockerfileOption, "--file", "-f");
        var options = Options.Of<string[]>(context, Message.BuildOption, "--build-opt");
        var environment = Options.Of<string[]>(context, Message.BuildOption, "--build-env");
        var contexts = Options.Of<string[]>(context, Message.BuildContextOption, "--build-context");
        var noInstall = Options.Of<bool>(context, Message.NoInstallOption, "--no-install");
        var command = new Command("build", context.Texts.Text(Message.ImageBuildSummary)) { path, tag, file, options, environment, contexts, noInstall };
        command.SetAction(async (parsed, ct) =>
        {
            var profile = await RunningAsync(context, parsed, ct);
            string[] all = [.. parsed.GetValue(options) ?? [], .. (parsed.GetValue(environment) ?? []).Select(e => "env=" + e)];
            await new ImageBuilder(context, profile).RunAsync(new(parsed.GetValue(path)!, parsed.GetValue(file), parsed.GetValue(tag), all, parsed.GetValue(contexts) ?? [], !parsed.GetValue(noInstall)), ct);
            return 0;
        });
        return command;
    }

    private static Command Load(CommandContext context)
    {
        var images = new Argument<string[]>("image") { Arity = ArgumentArity.OneOrMore };
        var daemon = Options.Of<bool>(context, Message.ImageLoadSummary, "--daemon");
        var command = new Command("load", context.Texts.Text(Message.ImageLoadSummary)) { images, daemon };
        command.SetAction(async (parsed, ct) =>
        {
            var target = new NodeImages(context, Get(context, parsed));
            foreach (var image in parsed.GetValue(images)!)
            {
                await LoadAsync(context, target, image, ct);
            }

            return 0;
        });
        return command;
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
        var images = new Argument<string[]>("image") { Arity = ArgumentArity.OneOrMore };
        var command = new Command("rm", context.Texts.Text(Message.ImageRemoveSummary)) { images };
        command.Aliases.Add("remove");
        command.Aliases.Add("unload");
        command.SetAction(async (parsed, ct) =>
        {
            var target = new NodeImages(context, Get(context, parsed));
            foreach (var image in parsed.GetValue(images)!)
            {
                await target.RemoveAsync(image, ct);
            }

            return 0;
        });
        return command;
    }

    // A file by its path, standard input for "-", else an image of a local Docker.
    private static async Task LoadAsync(CommandContext context, NodeImages target, string image, CancellationToken ct)
    {
        if (image == "-" || File.Exists(image))
        {
            using var spool = image == "-" ? await SpoolAsync(context, Console.OpenStandardInput(), ct) : null;
            await target.LoadAsync(() => File.OpenRead(spool?.Path ?? image), ct);
            return;
        }

        if (image[0] is '/' or '.')
        {
            throw new CliException(Reason.PathMissing, Message.PathMissing, image);
        }

        if (Programs.Find("docker") is not { } docker || (await Programs.TryRunAsync("docker", ["image", "inspect", image], null, ct)).ExitCode != 0)
        {
            throw new CliException(Reason.ImageLoad, Message.ImageNotFound, image);
        }

        using var save = Process.Start(new ProcessStartInfo(docker, ["save", image]) { RedirectStandardOutput = true })!;
        using var file = await SpoolAsync(context, save.StandardOutput.BaseStream, ct);
        await save.WaitForExitAsync(ct);
        await target.LoadAsync(() => File.OpenRead(file.Path), ct);
    }

    // Several nodes read the same archive, so a stream is kept in a file for as long as they do.
    private static async Task<TemporaryFile> SpoolAsync(CommandContext context, Stream stream, CancellationToken ct)
    {
        var file = new TemporaryFile(Path.Combine(context.Home.Root, "." + Path.GetRandomFileName()));
        await using var target = File.Create(file.Path);
        await stream.CopyToAsync(target, ct);
        return file;
    }

    private static ProfileConfig Get(CommandContext context, ParseResult parsed) => context.Profiles.Get(Options.ProfileOf(parsed, context));

    private static async Task<ProfileConfig> RunningAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var profile = Get(context, parsed);
        await new ClusterStatus(context).RequireRunningAsync(profile, healthy: false, ct);
        return profile;
    }

    private sealed class TemporaryFile(string path) : IDisposable
    {
        public string Path => path;

        public void Dispose() => File.Delete(path);
    }
}
