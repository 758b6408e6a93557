using System.CommandLine;
using System.Diagnostics;
using Kobune.Cli.Clusters;
using Kobune.Cli.Images;
using Kobune.Cli.Output;
using Kobune.Cli.Privileges;
using Kobune.Cli.Texts;
using Kobune.Machine.Host;

namespace Kobune.Cli.Commands;

/// <summary>kobune image load, save</summary>
internal static class ImageTransferCommands
{
    public static Command CreateLoad(CommandContext context)
    {
        var names = new Argument<string[]>("image") { Arity = ArgumentArity.OneOrMore };
        var daemon = Options.Of<bool>(context, Message.LoadDaemonOption, "--daemon");
        var remote = Options.Of<bool>(context, Message.LoadRemoteOption, "--remote", "--pull");
        var overwrite = Options.Of<bool>(context, Message.LoadOverwriteOption, "--overwrite");
        overwrite.DefaultValueFactory = _ => true;
        var command = new Command("load", context.Texts.Text(Message.ImageLoadSummary)) { names, daemon, remote, overwrite };
        command.SetAction(async (parsed, ct) =>
        {
            var images = ImageCommand.Open(context, parsed);
            var loader = new ImageLoader(context, images, new(parsed.GetValue(daemon), parsed.GetValue(remote), parsed.GetValue(overwrite)));
            foreach (var name in images.Running.Count == 0 ? [] : parsed.GetValue(names)!)
            {
                await loader.RunAsync(name, ct);
            }

            return 0;
        });
        return command;
    }

    public static Command CreateSave(CommandContext context)
    {
        var name = new Argument<string>("image");
        var file = new Argument<string?>("file") { Arity = ArgumentArity.ZeroOrOne };
        var daemon = Options.Of<bool>(context, Message.SaveDaemonOption, "--daemon");
        var remote = Options.Of<bool>(context, Message.SaveRemoteOption, "--remote");
        var command = new Command("save", context.Texts.Text(Message.ImageSaveSummary)) { name, file, daemon, remote };
        command.SetAction(async (parsed, ct) =>
        {
            var images = ImageCommand.Open(context, parsed);
            if (images.Running.Count > 0)
            {
                await SaveAsync(context, images, parsed.GetValue(name)!, parsed.GetValue(file), parsed.GetValue(daemon), parsed.GetValue(remote), ct);
            }

            return 0;
        });
        return command;
    }

    private static async Task SaveAsync(CommandContext context, NodeImages images, string name, string? file, bool daemon, bool remote, CancellationToken ct)
    {
        if (remote)
        {
            await images.PushAsync(name, ct);
        }

        if (daemon)
        {
            await ToDaemonAsync(images, name, ct);
        }

        if (file == "-")
        {
            await using var output = Console.OpenStandardOutput();
            await images.SaveAsync(name, output, ct);
        }
        else if (file is not null || (!remote && !daemon))
        {
            await ToFileAsync(context, images, name, file ?? CacheFile(context, name), ct);
        }
    }

    // Seen whole or not at all.
    private static async Task ToFileAsync(CommandContext context, NodeImages images, string name, string file, CancellationToken ct)
    {
        var draft = file + ".part";
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        try
        {
            await using (var target = File.Create(draft))
            {
                await images.SaveAsync(name, target, ct);
            }

            UserFiles.Give(draft, context.Variable);
            File.Move(draft, file, overwrite: true);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private static async Task ToDaemonAsync(NodeImages images, string name, CancellationToken ct)
    {
        var program = Programs.Find("docker") ?? Programs.Find("podman") ?? throw new CliException(Reason.ImageSave, Message.NoDaemon);
        using var process = Process.Start(new ProcessStartInfo(program, ["load"]) { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var error = process.StandardError.ReadToEndAsync(ct);
        var output = process.StandardOutput.ReadToEndAsync(ct);
        try
        {
            await images.SaveAsync(name, process.StandardInput.BaseStream, ct);
        }
        catch (IOException)
        {
            // it ended early; its words say why
        }

        process.StandardInput.Close();
        await process.WaitForExitAsync(ct);
        _ = await output;
        if (process.ExitCode != 0)
        {
            throw new CliException(Reason.ImageSave, Message.ImageSaveFailed, name, (await error).Trim());
        }
    }

    private static string CacheFile(CommandContext context, string name) =>
        Path.Combine(context.Home.Root, "cache", "images", HostSystem.Architecture, ImageReference.Complete(name).Replace(':', '_'));
}
