using System.Diagnostics;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Machine;

namespace Kobune.Cli.Images;

/// <summary>The images in the nodes' containerd, in the namespace that the kubelet sees. Nodes that do not run are skipped, as minikube does.</summary>
internal sealed class NodeImages(CommandContext context, ProfileConfig profile)
{
    private IEnumerable<ProfileNode> Running => profile.Nodes.Where(n => context.Driver.StateOf(n.Name) == MachineState.Running);

    /// <summary>The images of the first running node.</summary>
    public async Task<IReadOnlyList<ImageInfo>> ListAsync(CancellationToken ct)
    {
        if (Running.FirstOrDefault() is not { } node)
        {
            return [];
        }

        var (code, output, error) = await CtrAsync(node, ["images", "ls"], null, ct);
        return code == 0 ? ImageInfo.Parse(output) : throw new CliException(Reason.ImageList, Message.ImageListFailed, error.Trim());
    }

    /// <summary>Imports an archive (docker or OCI) into every running node.</summary>
    public async Task LoadAsync(Func<Stream> open, CancellationToken ct)
    {
        foreach (var node in Running)
        {
            await using var archive = open();
            var (code, _, error) = await CtrAsync(node, ["images", "import", "-"], archive, ct);
            if (code != 0)
            {
                throw new CliException(Reason.ImageLoad, Message.ImageLoadFailed, node.Name, error.Trim());
            }
        }
    }

    /// <summary>Removes an image from every running node, under all its names.</summary>
    public async Task RemoveAsync(string name, CancellationToken ct)
    {
        foreach (var node in Running)
        {
            var (_, listed, _) = await CtrAsync(node, ["images", "ls"], null, ct);
            var image = ImageInfo.Parse(listed).FirstOrDefault(i => i.RepoTags.Contains(ImageReference.Complete(name)) || i.Id.StartsWith("sha256:" + name, StringComparison.Ordinal));
            string[] names = image is null ? [ImageReference.Complete(name)] : [.. image.RepoTags.Count > 1 && image.RepoTags.Contains(ImageReference.Complete(name)) ? [ImageReference.Complete(name)] : image.RepoTags.Concat(image.RepoDigests).Append(image.Id)];
            var (code, _, error) = await CtrAsync(node, ["images", "rm", "--sync", .. names], null, ct);
            if (code != 0 || image is null)
            {
                throw new CliException(Reason.ImageRemove, Message.ImageRemoveFailed, name, error.Trim());
            }
        }
    }

    private async Task<(int Code, string Output, string Error)> CtrAsync(ProfileNode node, string[] arguments, Stream? input, CancellationToken ct)
    {
        var start = context.Driver.CommandIn(node.Name, ["ctr", "-n", "k8s.io", .. arguments]);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(ct);
        var error = process.StandardError.ReadToEndAsync(ct);
        try
        {
            if (input is not null)
            {
                await input.CopyToAsync(process.StandardInput.BaseStream, ct);
            }

            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It stopped reading; its words say why.
        }

        await process.WaitForExitAsync(ct);
        return (process.ExitCode, await output, await error);
    }
}
