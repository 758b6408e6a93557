using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using Kobune.Cli.Commands;
using Kobune.Cli.Output;
using Kobune.Cli.Packages;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Kubelet.Registry;
using Kobune.Machine.Host;

namespace Kobune.Cli.Images;

/// <summary>What `image build` was asked for.</summary>
internal sealed record BuildRequest
{
    /// <summary>A folder, an address that buildah fetches, or "-" for standard input: a tar archive or a Dockerfile.</summary>
    public required string Context { get; init; }

    public string? Dockerfile { get; init; }

    public string? Tag { get; init; }

    /// <summary>Options of the builder, "no-cache" or "build-arg=NAME=value".</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>The builder's environment, "NAME=value".</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    public IReadOnlyList<string> Contexts { get; init; } = [];

    public bool Push { get; init; }

    public bool Install { get; init; } = true;
}

/// <summary>
/// Builds with buildah on this computer, in a storage of the profile's own (driver vfs: it mounts nothing), and imports the result into the nodes. Images
/// that the Dockerfile builds on are taken from the cluster where it has them.
/// </summary>
internal sealed class ImageBuilder(CommandContext context, ProfileConfig profile, NodeImages target)
{
    private const string Policy = """{"default":[{"type":"insecureAcceptAnything"}]}""";

    private string Folder => Path.Combine(context.Home.Profile(profile.Name), "build");

    private string Scratch => Path.Combine(Folder, "scratch");

    private string SignaturePolicy => "--signature-policy=" + Path.Combine(Folder, "policy.json");

    public async Task RunAsync(BuildRequest request, CancellationToken ct)
    {
        if (request.Context != "-" && !IsAddress(request.Context) && !Directory.Exists(request.Context))
        {
            throw new CliException(Reason.PathMissing, Message.PathMissing, request.Context);
        }

        var found = request.Context == "-" || IsAddress(request.Context) ? request.Dockerfile : Find(request, request.Context);
        var reporter = context.Reporter();
        await PackageInstaller.Create(reporter).EnsureAsync([Package.Buildah], request.Install, ct);
        Directory.CreateDirectory(Scratch);
        try
        {
            await File.WriteAllTextAsync(Path.Combine(Folder, "policy.json"), Policy, ct);
            if (request.Context == "-")
            {
                request = request with { Context = await UnpackInputAsync(Console.OpenStandardInput(), ct) };
                found = Find(request, request.Context);
            }

            var contexts = new BuildContexts(reporter, Scratch, request.Install);
            var named = new List<string>();
            string[] lines = found is not null && File.Exists(found) ? await File.ReadAllLinesAsync(found, ct) : [];
            foreach (var text in BuildContexts.InDockerfile(lines).Concat(request.Contexts))
            {
                named.Add(await contexts.PrepareAsync(text, ct));
            }

            var bases = BuildBases.Of(string.Join('\n', lines), Arguments(request), [.. named.Select(n => n.Split('=')[0])]);
            await WriteRegistriesAsync(bases, ct);
            await BringBasesAsync(bases, request, ct);
            await BuildAsync(request, found, named, ct);
        }
        finally
        {
            Directory.Delete(Scratch, recursive: true);
        }
    }

    private static bool IsAddress(string context) =>
        context.Contains("://", StringComparison.Ordinal) || context.StartsWith("git@", StringComparison.Ordinal) || context.StartsWith("github.com/", StringComparison.Ordinal);

    private static string Find(BuildRequest request, string folder)
    {
        string[] candidates = request.Dockerfile is { } file ? [Path.Combine(folder, file), file] : [Path.Combine(folder, "Dockerfile"), Path.Combine(folder, "Containerfile")];
        return candidates.FirstOrDefault(File.Exists) ?? throw new CliException(Reason.PathMissing, Message.DockerfileMissing, candidates[0]);
    }

    private static Dictionary<string, string> Arguments(BuildRequest request)
    {
        const string Prefix = "build-arg=";
        return request.Options.Where(o => o.StartsWith(Prefix, StringComparison.Ordinal)).Select(o => o[Prefix.Length..].Split('=', 2)).Where(p => p.Length == 2)
            .GroupBy(p => p[0]).ToDictionary(g => g.Key, g => g.Last()[1]);
    }

    // An archive is the whole context; anything else is a Dockerfile without one.
    private async Task<string> UnpackInputAsync(Stream input, CancellationToken ct)
    {
        using var spool = new TemporaryFile(Path.Combine(Scratch, "input"));
        await using (var file = File.Create(spool.Path))
        {
            await input.CopyToAsync(file, ct);
        }

        var folder = Directory.CreateDirectory(Path.Combine(Scratch, "context")).FullName;
        await using var content = File.OpenRead(spool.Path);
        var head = new byte[262];
        var length = await content.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, ct);
        content.Position = 0;
        if (length > 2 && head[0] == 0x1F && head[1] == 0x8B)
        {
            await using var plain = new GZipStream(content, CompressionMode.Decompress);
            await TarFile.ExtractToDirectoryAsync(plain, folder, overwriteFiles: true, ct);
        }
        else if (length == head.Length && head.AsSpan(257, 5).SequenceEqual("ustar"u8))
        {
            await TarFile.ExtractToDirectoryAsync(content, folder, overwriteFiles: true, ct);
        }
        else
        {
            await using var dockerfile = File.Create(Path.Combine(folder, "Dockerfile"));
            await content.CopyToAsync(dockerfile, ct);
        }

        return folder;
    }

    // The builder knows hosts only, so those of the bases that lie in an insecure range are named.
    private async Task WriteRegistriesAsync(IReadOnlyList<string> bases, CancellationToken ct)
    {
        var ranges = InsecureRanges.Of(profile.InsecureRegistry, profile.KubernetesConfig.ServiceCidr);
        var insecure = new List<string>(profile.InsecureRegistry);
        foreach (var host in bases.Select(b => ImageReference.HostOf(ImageReference.Complete(b))).Where(h => h != "docker.io").Distinct())
        {
            if (await ranges.ContainsAsync(host, (name, end) => System.Net.Dns.GetHostAddressesAsync(name, end), context.Time, ct))
            {
                insecure.Add(host);
            }
        }

        await File.WriteAllTextAsync(Path.Combine(Folder, "registries.conf"), BuildRegistries.Text(profile.RegistryMirror, insecure), ct);
    }

    // buildah has a storage of its own, so what was loaded into the cluster is brought there first, unless it is there already.
    private async Task BringBasesAsync(IReadOnlyList<string> bases, BuildRequest request, CancellationToken ct)
    {
        if (bases.Count == 0)
        {
            return;
        }

        var images = await target.ListAsync(ct);
        foreach (var name in bases.Select(ImageReference.Complete))
        {
            if (images.FirstOrDefault(i => i.RepoTags.Contains(name)) is not { } image || await HasAsync(name, image.Id, request, ct))
            {
                continue;
            }

            using var archive = new TemporaryFile(Path.Combine(Scratch, "base.tar"));
            await using (var file = File.Create(archive.Path))
            {
                await target.SaveAsync(name, file, ct);
            }

            Require(await Foreground.RunAsync(Buildah(request, ["pull", "--quiet", SignaturePolicy, "docker-archive:" + archive.Path]), ct));
        }
    }

    private async Task<bool> HasAsync(string name, string id, BuildRequest request, CancellationToken ct)
    {
        var start = Buildah(request, ["inspect", "--type", "image", "--format", "{{.FromImageID}}", name]);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(ct);
        var found = (await process.StandardOutput.ReadToEndAsync(ct)).Trim();
        _ = await error;
        await process.WaitForExitAsync(ct);
        return process.ExitCode == 0 && found.Length > 0 && id.EndsWith(found, StringComparison.Ordinal);
    }

    // As docker does, a base that is here is not asked for in its registry (--build-opt pull does that).
    private async Task BuildAsync(BuildRequest request, string? dockerfile, List<string> named, CancellationToken ct)
    {
        var name = request.Tag is null ? "localhost/kobune-build:latest" : ImageReference.Complete(request.Tag);
        string[] file = dockerfile is null ? [] : ["-f", dockerfile];
        string[] build =
        [
            "bud", "--isolation=chroot", "--layers", "--pull=false", SignaturePolicy, .. named.Select(n => "--build-context=" + n),
            .. request.Options.Select(o => "--" + o), .. file, "-t", name, request.Context,
        ];
        Require(await Foreground.RunAsync(Buildah(request, build), ct));
        if (request.Tag is null)
        {
            return;
        }

        var archive = Path.Combine(Scratch, "image.tar");
        Require(await Foreground.RunAsync(Buildah(request, ["push", "--quiet", SignaturePolicy, name, $"docker-archive:{archive}:{name}"]), ct));
        await target.LoadAsync(() => File.OpenRead(archive), [], ct);
        if (request.Push)
        {
            await target.PushAsync(name, ct);
        }
    }

    private static void Require(int code)
    {
        if (code != 0)
        {
            throw new CliException(Reason.ImageBuild, Message.BuildFailed, code);
        }
    }

    private ProcessStartInfo Buildah(BuildRequest request, string[] arguments)
    {
        var start = new ProcessStartInfo(
            Programs.Find("buildah")!,
            ["--root", Path.Combine(Folder, "storage"), "--runroot", Path.Combine(Folder, "run"), "--storage-driver", "vfs", .. arguments]);
        start.Environment["TMPDIR"] = Scratch;
        start.Environment["BUILDAH_ISOLATION"] = "chroot";
        start.Environment["CONTAINERS_REGISTRIES_CONF"] = Path.Combine(Folder, "registries.conf");
        if (context.Variable("DOCKER_CONFIG") is { } docker && !File.Exists(Path.Combine(docker, "config.json")))
        {
            start.Environment.Remove("DOCKER_CONFIG"); // buildah would insist on the file
        }

        foreach (var pair in request.Environment.Select(e => e.Split('=', 2)))
        {
            start.Environment[pair[0]] = pair.Length > 1 ? pair[1] : "";
        }

        return start;
    }
}
