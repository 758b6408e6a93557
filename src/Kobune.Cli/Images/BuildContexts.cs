using System.Text.RegularExpressions;
using Kobune.Cli.Output;
using Kobune.Cli.Packages;
using Kobune.Cli.Texts;
using Kobune.Machine.Host;

namespace Kobune.Cli.Images;

/// <summary>
/// Named build contexts, the things that `COPY --from=NAME` copies from: a folder, or the files of a Debian package (NAME=deb:PACKAGE), which is
/// installed when it is missing. Given by --build-context, or written in the Dockerfile as <c># kobune:build-context NAME=deb:PACKAGE</c>.
/// </summary>
internal sealed partial class BuildContexts(Reporter reporter, string scratch, bool mayInstall)
{
    /// <summary>The contexts that a Dockerfile asks for in its comments.</summary>
    public static IEnumerable<string> InDockerfile(IEnumerable<string> lines) =>
        lines.Select(l => Directive().Match(l)).Where(m => m.Success).Select(m => m.Groups[1].Value);

    /// <summary>Makes a context ready: NAME=FOLDER for the builder.</summary>
    public async Task<string> PrepareAsync(string text, CancellationToken ct)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1 || equals == text.Length - 1)
        {
            throw new CliException(Reason.Usage, Message.BuildContextBad, text);
        }

        var (name, source) = (text[..equals], text[(equals + 1)..]);
        if (!source.StartsWith("deb:", StringComparison.Ordinal))
        {
            return Directory.Exists(source) ? $"{name}={Path.GetFullPath(source)}" : throw new CliException(Reason.PathMissing, Message.PathMissing, source);
        }

        return $"{name}={await UnpackAsync(source["deb:".Length..], ct)}";
    }

    private async Task<string> UnpackAsync(string package, CancellationToken ct)
    {
        if (!PackageName().IsMatch(package))
        {
            throw new CliException(Reason.Usage, Message.BuildContextBad, "deb:" + package);
        }

        if (!File.Exists($"/var/lib/dpkg/info/{package}.list"))
        {
            await PackageInstaller.Create(reporter).EnsureAsync([new(package, $"/var/lib/dpkg/info/{package}.list", Message.WhyBuildah)], mayInstall, ct);
        }

        var folder = Path.Combine(scratch, "deb-" + package);
        Directory.CreateDirectory(folder);
        var files = (await Programs.RunAsync("dpkg", ["-L", package], ct)).Split('\n').Where(File.Exists);
        foreach (var file in files)
        {
            var target = folder + file;
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true); // keeps the mode
        }

        return folder;
    }

    [GeneratedRegex(@"^#\s*kobune:build-context\s+(\S+)\s*$")]
    private static partial Regex Directive();

    [GeneratedRegex("^[a-z0-9][a-z0-9+.-]+$")]
    private static partial Regex PackageName();
}
