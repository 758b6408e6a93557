using Kobune.Grpc;
using Kobune.Kubelet.Images;
using Kobune.Kubelet.Registry.Pushing;
using Kobune.Kubelet.Runtime;

namespace Kobune.Kubelet.Registry;

/// <summary>An image as the runtime tells of it.</summary>
/// <param name="Id">"sha256:...".</param>
/// <param name="RepoTags">Its names.</param>
/// <param name="RepoDigests">Its names by content.</param>
/// <param name="Size">Bytes of its content.</param>
public sealed record RuntimeImage(string Id, IReadOnlyList<string> RepoTags, IReadOnlyList<string> RepoDigests, long Size);

/// <summary>A node's images, for the commands of its owner; runs inside the node.</summary>
/// <param name="options">The runtime's socket and content.</param>
/// <param name="time">The clock.</param>
public sealed class NodeImageStore(KubeletOptions options, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly LoadedNames _loaded = new(options.LoadedImagesFile, time);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(10);

    /// <summary>All images that the kubelet can see.</summary>
    public async Task<IReadOnlyList<RuntimeImage>> ListAsync(CancellationToken ct)
    {
        using var channel = GrpcChannel.ForUnixSocket(options.RuntimeSocket, new() { TimeProvider = time });
        var images = await new CriClient(channel).ListImagesAsync(ct);
        return [.. images.Select(i => new RuntimeImage(i.Id, [.. i.RepoTags], [.. i.RepoDigests], (long)i.Size))];
    }

    /// <summary>
    /// Marks names as loaded, and waits until the kubelet would start what they stand for now: the runtime hears of a change a moment after
    /// containerd made it, and a pod made in between would still get the former image of that name.
    /// </summary>
    /// <param name="names">Full names.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>The names that are not there, or whose runtime did not follow.</returns>
    public async Task<IReadOnlyList<string>> SettleAsync(IReadOnlyList<string> names, CancellationToken ct)
    {
        using var channel = GrpcChannel.ForUnixSocket(options.RuntimeSocket, new() { TimeProvider = time });
        using var images = new ContainerdImages(options.RuntimeSocket, _loaded);
        var runtime = new CriClient(channel);
        var content = new ContentStore(options.ContentDirectory);
        var present = (await images.ListAsync(ct)).ToDictionary(i => i.Name, StringComparer.Ordinal);
        var failed = new List<string>();
        foreach (var name in names)
        {
            if (!present.TryGetValue(name, out var image) || content.ConfigurationOf(new(image.Digest, image.MediaType)) is not { } id)
            {
                failed.Add(name);
                continue;
            }

            await _loaded.ChangeAsync(marks => marks[name] = image.Digest, ct);
            if (!await FollowsAsync(runtime, name, id, ct))
            {
                failed.Add(name);
            }
        }

        return failed;
    }

    /// <summary>Pulls an image from its registry, also when one of this name was built or loaded here: the registry's takes its place.</summary>
    /// <param name="name">Full name.</param>
    /// <param name="user">For the registry; null for none.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="RpcException">It could not be pulled; the image that was here is still here.</exception>
    public async Task PullAsync(string name, RegistryUser? user, CancellationToken ct)
    {
        await options.BeforePull(name, ct);
        using var channel = GrpcChannel.ForUnixSocket(options.RuntimeSocket, new() { TimeProvider = time });
        using var images = new ContainerdImages(options.RuntimeSocket, _loaded);
        var loaded = (await images.ListAsync(ct)).FirstOrDefault(i => i.Name == name && i.IsLoaded);
        if (loaded is not null)
        {
            await ForgetAsync([name], ct); // else the runtime would be given this very image
        }

        try
        {
            await new CriClient(channel).PullImageAsync(name, user is null ? null : new() { Username = user.Name, Password = user.Password, IdentityToken = user.IdentityToken }, null, ct);
        }
        catch (RpcException) when (loaded is not null)
        {
            await _loaded.ChangeAsync(marks => marks[name] = loaded.Digest, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Pushes an image to the registry that its name says.</summary>
    /// <param name="name">Full name.</param>
    /// <param name="user">For the registry; null for none.</param>
    /// <param name="hosts">containerd's folder, which may say that the registry is spoken to in another way.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="PushException">It could not be pushed.</exception>
    public async Task PushAsync(string name, RegistryUser? user, RegistryHostsFolder hosts, CancellationToken ct)
    {
        await options.BeforePull(name, ct);
        using var images = new ContainerdImages(options.RuntimeSocket, _loaded);
        var image = (await images.ListAsync(ct)).FirstOrDefault(i => i.Name == name) ?? throw new PushException($"{name} is not on this node");
        var host = ImageName.HostOf(name)!;
        var content = new ContentStore(options.ContentDirectory);
        var parts = PushImage.Of(content, new(image.Digest, image.MediaType));
        var servers = HostsFile.Servers(host, hosts.Read(host));
        for (var i = 0; i < servers.Count; i++)
        {
            using var push = new RegistryPush(servers[i], image.Repository[(host.Length + 1)..], user);
            try
            {
                await push.PingAsync(ct);
                await push.PushAsync(content, parts, name[(image.Repository.Length + 1)..], ct);
                return;
            }
            catch (HttpRequestException) when (i + 1 < servers.Count)
            {
                // Nobody speaks this protocol there; the next may be the one.
            }
            catch (HttpRequestException e)
            {
                throw new PushException($"{servers[i].Url}: {e.InnerException?.Message ?? e.Message}", e);
            }
        }
    }

    /// <summary>Names are no longer the user's own doing: said before they are removed.</summary>
    public Task ForgetAsync(IReadOnlyList<string> names, CancellationToken ct) => _loaded.ChangeAsync(
        marks =>
        {
            foreach (var name in names)
            {
                marks.Remove(name);
            }
        },
        ct);

    private async Task<bool> FollowsAsync(CriClient runtime, string name, string id, CancellationToken ct)
    {
        var until = time.GetUtcNow() + Patience;
        while ((await runtime.ImageStatusAsync(name, ct))?.Id != id)
        {
            if (time.GetUtcNow() >= until)
            {
                return false;
            }

            await Task.Delay(LookAgain, time, ct);
        }

        return true;
    }
}
