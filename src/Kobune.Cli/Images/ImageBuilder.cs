using System.Diagnostics;
using Kobune.Cli.Commands;
using Kobune.Cli.Output;
using Kobune.Cli.Packages;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Machine.Host;

namespace Kobune.Cli.Images;

/// <summary>What `image build` was asked for.</summary>
internal sealed record BuildRequest(string Context, string? Dockerfile, string? Tag, IReadOnlyList<string> Options, IReadOnlyList<string> Contexts, bool Install);

/// <summary>
/// Builds with buildah on this computer, in a storage of the profile's own (driver vfs: it mounts nothing), and imports the result into every node.
/// </summary>
internal sealed class ImageBuilder(CommandContext context, ProfileConfig profile)
{
    private const string Policy = """{"default":[{"type":"insecureAcceptAnything"}]}""";

    private string Folder => Path.Combine(context.Home.Profile(profile.Name), "build");

    public async Task RunAsync(BuildRequest request, CancellationToken ct)
    {
        if (!Directory.Exists(request.Context))
        {
            throw new CliException(Reason.PathMissing, Message.PathMissing, request.Context);
        }

        var dockerfile = Find(request);
        var reporter = context.Reporter();
        await PackageInstaller.Create(reporter).EnsureAsync([Package.Buildah], request.Install, ct);
        var scratch = Path.Combine(Folder, "scratch");
        Directory.CreateDirectory(scratch);
        try
        {
            await File.WriteAllTextAsync(Path.Combine(Folder, "policy.json"), Policy, ct);
            var contexts = new BuildContexts(reporter, scratch, request.Install);
            var named = new List<string>();
            foreach (var text in BuildContexts.InDockerfile(await File.ReadAllLinesAsync(dockerfile, ct)).Concat(request.Contexts))
            {
                named.Add("--build-context=" + await contexts.PrepareAsync(text, ct));
            }

            await BuildAsync(request, dockerfile, named, scratch, ct);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private static string Find(BuildRequest request)
    {
        string[] candidates = request.Dockerfile is { } file ? [Path.Combine(request.Context, file), file] : [Path.Combine(request.Context, "Dockerfile"), Path.Combine(request.Context, "Containerfile")];
        return candidates.FirstOrDefault(File.Exists) ?? throw new CliException(Reason.PathMissing, Message.DockerfileMissing, candidates[0]);
    }

    private async Task BuildAsync(BuildRequest request, string dockerfile, List<string> named, string scratch, CancellationToken ct)
    {
        var name = request.Tag is null ? "localhost/kobune-build:latest" : ImageReference.Complete(request.Tag);
        string[] build =
        [
            "bud", "--isolation=chroot", "--layers", "--signature-policy=" + Path.Combine(Folder, "policy.json"), .. named,
            .. request.Options.Select(o => "--" + o), "-f", dockerfile, "-t", name, request.Context,
        ];
        Require(await Foreground.RunAsync(Buildah(build), ct));
        var archive = Path.Combine(scratch, "image.tar");
        string[] push = ["push", "--quiet", "--signature-policy=" + Path.Combine(Folder, "policy.json"), name, $"docker-archive:{archive}:{name}"];
        Require(await Foreground.RunAsync(Buildah(push), ct));
        if (request.Tag is not null)
        {
            await new NodeImages(context, profile).LoadAsync(() => File.OpenRead(archive), ct);
        }
    }

    private static void Require(int code)
    {
        if (code != 0)
        {
            throw new CliException(Reason.ImageBuild, Message.BuildFailed, code);
        }
    }

    private ProcessStartInfo Buildah(string[] arguments)
    {
        var start = new ProcessStartInfo(
            Programs.Find("buildah")!,
            ["--root", Path.Combine(Folder, "storage"), "--runroot", Path.Combine(Folder, "run"), "--storage-driver", "vfs", .. arguments]);
        start.Environment["TMPDIR"] = Path.Combine(Folder, "scratch");
        start.Environment["BUILDAH_ISOLATION"] = "chroot";
        return start;
    }
}
