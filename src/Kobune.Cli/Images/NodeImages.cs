using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Kubelet.Registry.Pushing;
using Kobune.Machine;

namespace Kobune.Cli.Images;

/// <summary>The images in the nodes' containerd, in the namespace that the kubelet sees. Nodes that do not run are skipped, as minikube does.</summary>
/// <param name="context">The world.</param>
/// <param name="profile">The cluster.</param>
/// <param name="only">Names of the nodes that are meant; null for all.</param>
internal sealed class NodeImages(CommandContext context, ProfileConfig profile, IReadOnlyList<string>? only = null)
{
    private readonly NodeProgram _program = new(context.Driver);

    /// <summary>The nodes that take part.</summary>
    public IReadOnlyList<ProfileNode> Running { get; } =
        [.. profile.Nodes.Where(n => (only is null || only.Contains(n.Name)) && context.Driver.StateOf(n.Name) == MachineState.Running)];

    /// <summary>The images of the first running node.</summary>
    public async Task<IReadOnlyList<ImageInfo>> ListAsync(CancellationToken ct) => Running.Count == 0 ? [] : await ListAsync(Running[0], ct);

    /// <summary>Imports an archive (docker or OCI) into every running node. A name that was there before stands for the new image from then on.</summary>
    /// <param name="open">Opens the archive, once for each node.</param>
    /// <param name="naming">How names are made that the archive does not have.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>The full names that were loaded.</returns>
    public async Task<IReadOnlyList<string>> LoadAsync(Func<Stream> open, IReadOnlyList<string> naming, CancellationToken ct)
    {
        IReadOnlyList<string> names = [];
        foreach (var node in Running)
        {
            await using var archive = open();
            names = await LoadAsync(node, archive, naming, ct);
            if (names.Count == 0)
            {
                throw new CliException(Reason.ImageLoad, Message.ImageWithoutName) { Advice = (Message.ImageWithoutNameAdvice, []) };
            }
        }

        return names;
    }

    /// <summary>Writes an image as an archive that docker, podman and this program read.</summary>
    public async Task SaveAsync(string name, Stream target, CancellationToken ct)
    {
        var node = await HolderAsync(name, Reason.ImageSave, ct);
        Require(await _program.CtrAsync(node.Name, ["images", "export", "-", ImageReference.Complete(name)], null, target, ct), Reason.ImageSave, Message.ImageSaveFailed, name);
    }

    /// <summary>Gives an image a further name on every running node that has it.</summary>
    public async Task TagAsync(string source, string target, CancellationToken ct)
    {
        var found = false;
        foreach (var node in Running)
        {
            if ((await ListAsync(node, ct)).FirstOrDefault(i => i.IsCalled(source)) is not { } image)
            {
                continue;
            }

            found = true;
            var from = image.RepoTags.FirstOrDefault(t => t == ImageReference.Complete(source)) ?? image.Id;
            var name = ImageReference.Complete(target);
            Require(await _program.CtrAsync(node.Name, ["images", "tag", "--force", from, name], null, null, ct), Reason.ImageTag, Message.ImageTagFailed, source);
            await SettleAsync(node, [name], ct);
        }

        RequireFound(found, Reason.ImageTag, source);
    }

    /// <summary>Removes a name from every running node; the image goes with its last one.</summary>
    public async Task RemoveAsync(string name, CancellationToken ct)
    {
        var found = false;
        foreach (var node in Running)
        {
            if ((await ListAsync(node, ct)).FirstOrDefault(i => i.IsCalled(name)) is not { } image)
            {
                continue;
            }

            found = true;
            var full = ImageReference.Complete(name);
            string[] names = image.RepoTags.Count > 1 && image.RepoTags.Contains(full) ? [full] : [.. image.RepoTags, .. image.RepoDigests, image.Id];
            Require(await _program.RuntimeAsync(node.Name, ["forget", .. names], null, ct), Reason.ImageRemove, Message.ImageRemoveFailed, name);
            Require(await _program.CtrAsync(node.Name, ["images", "rm", "--sync", .. names], null, null, ct), Reason.ImageRemove, Message.ImageRemoveFailed, name);
        }

        RequireFound(found, Reason.ImageRemove, name);
    }

    /// <summary>Lets every running node pull an image from its registry, with the user that this computer's Docker or Podman knows there.</summary>
    public async Task PullAsync(string name, CancellationToken ct)
    {
        var full = ImageReference.Complete(name);
        var user = await RegistryLogin.FindAsync(context.Variable, ImageReference.HostOf(full), ct);
        foreach (var node in Running)
        {
            using var input = InputOf(user);
            Require(await _program.RuntimeAsync(node.Name, ["pull", full], input, ct), Reason.ImagePull, Message.ImagePullFailed, name);
        }
    }

    /// <summary>Pushes an image from the first running node that has it. A registry that was named insecure may have a bad certificate, or none.</summary>
    public async Task PushAsync(string name, CancellationToken ct)
    {
        var full = ImageReference.Complete(name);
        var node = await HolderAsync(name, Reason.ImagePush, ct);
        using var input = InputOf(await RegistryLogin.FindAsync(context.Variable, ImageReference.HostOf(full), ct));
        Require(await _program.RuntimeAsync(node.Name, ["push", full], input, ct), Reason.ImagePush, Message.ImagePushFailed, name);
    }

    private static MemoryStream InputOf(RegistryUser? user) => user is null ? new() : new(JsonSerializer.SerializeToUtf8Bytes(user, InsideNodeJson.Default.RegistryUser));

    private async Task<IReadOnlyList<ImageInfo>> ListAsync(ProfileNode node, CancellationToken ct)
    {
        var result = await _program.RuntimeAsync(node.Name, ["images"], null, ct);
        return result.IsOk
            ? ImageInfo.Of(JsonSerializer.Deserialize(result.Text, InsideNodeJson.Default.IReadOnlyListRuntimeImage) ?? [])
            : throw new CliException(Reason.ImageList, Message.ImageListFailed, result.Error);
    }

    /// <summary>The program that settles the names starts while containerd imports.</summary>
    private async Task<IReadOnlyList<string>> LoadAsync(ProfileNode node, Stream archive, IReadOnlyList<string> naming, CancellationToken ct)
    {
        var told = new Pipe();
        var settling = _program.RuntimeAsync(node.Name, ["loaded"], told.Reader.AsStream(), ct);
        try
        {
            var (result, names) = await ArchiveImport.RunAsync(_program, node.Name, archive, naming, ct);
            Require(result, Reason.ImageLoad, Message.ImageLoadFailed, node.Name);
            await told.Writer.WriteAsync(Encoding.UTF8.GetBytes(string.Join('\n', names)), ct);
            await told.Writer.CompleteAsync();
            Require(await settling, Reason.ImageLoad, Message.ImageLoadFailed, node.Name);
            return names;
        }
        finally
        {
            await told.Writer.CompleteAsync();
            await Task.WhenAny(settling);
        }
    }

    private async Task SettleAsync(ProfileNode node, IReadOnlyList<string> names, CancellationToken ct) =>
        Require(await _program.RuntimeAsync(node.Name, ["loaded", .. names], null, ct), Reason.ImageLoad, Message.ImageLoadFailed, node.Name);

    private async Task<ProfileNode> HolderAsync(string name, Reason reason, CancellationToken ct)
    {
        foreach (var node in Running)
        {
            if ((await ListAsync(node, ct)).Any(i => i.RepoTags.Contains(ImageReference.Complete(name))))
            {
                return node;
            }
        }

        throw new CliException(reason, Message.ImageNotInCluster, name) { Advice = (Message.ImageSeeList, []) };
    }

    private void RequireFound(bool found, Reason reason, string name)
    {
        if (!found && Running.Count > 0)
        {
            throw new CliException(reason, Message.ImageNotInCluster, name) { Advice = (Message.ImageSeeList, []) };
        }
    }

    private static void Require(ProgramOutput result, Reason reason, Message message, string name)
    {
        if (!result.IsOk)
        {
            throw new CliException(reason, message, name, result.Error.Length > 0 ? result.Error : result.Text.Trim());
        }
    }
}
