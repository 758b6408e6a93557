using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Kobune.Cli.Images;

/// <summary>`ctr images import` inside a node, with this process' standard input and standard error; its words tell what the archive holds.</summary>
internal static partial class ArchiveImport
{
    private static readonly string[] Ctr = ["ctr", "-n", "k8s.io", "images"];

    /// <summary>Imports the archive on standard input (docker or OCI). A name that was there before stands for the new image from then on.</summary>
    /// <param name="flags">For names that the archive does not have.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>ctr's exit code, and the complete names that were imported.</returns>
    public static async Task<(int Code, IReadOnlyList<string> Names)> RunAsync(IReadOnlyList<string> flags, CancellationToken ct)
    {
        var (code, text) = await CtrAsync(["import", .. flags, "-"], ct);
        string[] names = [.. Unpacked().Matches(text).Select(m => m.Groups[1].Value)];
        foreach (var name in names.Where(n => ImageReference.Complete(n) != n)) // the kubelet asks for complete names; an archive may have short ones
        {
            code = code != 0 ? code : (await CtrAsync(["tag", "--force", name, ImageReference.Complete(name)], ct)).Code;
            code = code != 0 ? code : (await CtrAsync(["rm", name], ct)).Code;
        }

        return (code, [.. names.Select(ImageReference.Complete)]);
    }

    private static async Task<(int Code, string Text)> CtrAsync(string[] words, CancellationToken ct)
    {
        using var process = Process.Start(new ProcessStartInfo(Ctr[0], [.. Ctr[1..], .. words]) { RedirectStandardOutput = true })!;
        await using var end = ct.Register(() => process.Kill());
        var text = await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return (process.ExitCode, text);
    }

    [GeneratedRegex(@"^unpacking (\S+) \(sha256:", RegexOptions.Multiline)]
    private static partial Regex Unpacked();
}
