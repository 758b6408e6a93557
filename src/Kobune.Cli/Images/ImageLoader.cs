using System.Diagnostics;
using System.Formats.Tar;
using System.Text.Json;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;
using Kobune.Machine.Host;

namespace Kobune.Cli.Images;

/// <summary>How `image load` was asked for.</summary>
/// <param name="FromDaemon">Look only at this computer's Docker or Podman.</param>
/// <param name="FromRegistry">Let the nodes pull.</param>
/// <param name="Overwrite">Replace an image of the same name.</param>
internal sealed record LoadRequest(bool FromDaemon, bool FromRegistry, bool Overwrite);

/// <summary>
/// `image load`: "-" is standard input, a path is an archive or an OCI folder, anything else is a name that this computer's Docker or Podman may have, and
/// that the nodes pull otherwise.
/// </summary>
internal sealed class ImageLoader(CommandContext context, NodeImages target, LoadRequest request)
{
    public async Task RunAsync(string image, CancellationToken ct)
    {
        if (image == "-")
        {
            using var spool = await SpoolAsync(Console.OpenStandardInput(), ct);
            await LoadArchiveAsync(spool.Path, "image", ct);
        }
        else if (!request.FromDaemon && !request.FromRegistry && Directory.Exists(image) && File.Exists(Path.Combine(image, "index.json")))
        {
            await LoadFolderAsync(image, ct);
        }
        else if (!request.FromDaemon && !request.FromRegistry && (File.Exists(image) || image[0] is '/' or '.'))
        {
            await LoadArchiveAsync(File.Exists(image) ? image : throw new CliException(Reason.PathMissing, Message.PathMissing, image), image, ct);
        }
        else
        {
            await LoadNameAsync(image, ct);
        }
    }

    private async Task LoadArchiveAsync(string path, string called, CancellationToken ct)
    {
        ArchiveNames names;
        try
        {
            await using var file = File.OpenRead(path);
            names = ArchiveNames.OfArchive(file);
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or JsonException or InvalidOperationException or EndOfStreamException)
        {
            names = new([], [], false); // compressed in another way, or no archive: containerd's importer says
        }

        await LoadAsync(() => File.OpenRead(path), names, called, ct);
    }

    private async Task LoadFolderAsync(string folder, CancellationToken ct)
    {
        var names = ArchiveNames.OfIndex(await File.ReadAllBytesAsync(Path.Combine(folder, "index.json"), ct));
        using var spool = NewFile();
        await TarFile.CreateFromDirectoryAsync(folder, spool.Path, includeBaseDirectory: false, ct);
        await LoadAsync(() => File.OpenRead(spool.Path), names, folder, ct);
    }

    private async Task LoadAsync(Func<Stream> open, ArchiveNames names, string called, CancellationToken ct)
    {
        var naming = names.NamingFor(called);
        if (!request.Overwrite && names.Full.Count > 0 && await HasAllAsync(names.Full, ct))
        {
            return;
        }

        var loaded = await target.LoadAsync(open, naming, ct);
        if (naming.Count > 0 && loaded.Count > 0)
        {
            context.Reporter().Info(Icon.Tip, Message.ImageNamed, string.Join(", ", loaded));
        }
    }

    private async Task<bool> HasAllAsync(IReadOnlyList<string> names, CancellationToken ct)
    {
        var present = (await target.ListAsync(ct)).SelectMany(i => i.RepoTags).ToHashSet(StringComparer.Ordinal);
        return names.Select(ImageReference.Complete).All(present.Contains);
    }

    private async Task LoadNameAsync(string image, CancellationToken ct)
    {
        if (!request.FromRegistry && await DaemonAsync(image, ct) is { } save)
        {
            using var process = Process.Start(save)!;
            using var file = await SpoolAsync(process.StandardOutput.BaseStream, ct);
            await process.WaitForExitAsync(ct);
            await LoadArchiveAsync(file.Path, image, ct);
            return;
        }

        if (request.FromDaemon)
        {
            throw new CliException(Reason.ImageLoad, Message.ImageNotInDaemon, image);
        }

        try
        {
            if (request.Overwrite || !await HasAllAsync([image], ct))
            {
                await target.PullAsync(image, ct);
            }
        }
        catch (CliException e) when (e.Reason == Reason.ImagePull && !request.FromRegistry)
        {
            throw new CliException(Reason.ImageLoad, Message.ImageNotFound, image, e.Arguments[^1]);
        }
    }

    // The command that writes an image of this computer's Docker or Podman; null when neither has it.
    private static async Task<ProcessStartInfo?> DaemonAsync(string image, CancellationToken ct)
    {
        foreach (var (program, format) in new (string, string[])[] { ("docker", []), ("podman", ["--format", "docker-archive"]) })
        {
            if (Programs.Find(program) is { } path && (await Programs.TryRunAsync(program, ["image", "inspect", image], null, ct)).ExitCode == 0)
            {
                return new(path, ["save", .. format, image]) { RedirectStandardOutput = true };
            }
        }

        return null;
    }

    // Several nodes read the same archive, so a stream is kept in a file for as long as they do.
    private async Task<TemporaryFile> SpoolAsync(Stream stream, CancellationToken ct)
    {
        var file = NewFile();
        await using var target = File.Create(file.Path);
        await stream.CopyToAsync(target, ct);
        return file;
    }

    private TemporaryFile NewFile()
    {
        Directory.CreateDirectory(context.Home.Root);
        return new(Path.Combine(context.Home.Root, "." + Path.GetRandomFileName()));
    }
}

/// <summary>A file that goes with its owner.</summary>
internal sealed class TemporaryFile(string path) : IDisposable
{
    public string Path => path;

    public void Dispose() => File.Delete(path);
}
