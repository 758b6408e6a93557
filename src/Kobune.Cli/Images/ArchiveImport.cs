using System.Text.RegularExpressions;

namespace Kobune.Cli.Images;

/// <summary>`ctr images import` inside a node; its words tell what the archive holds.</summary>
internal static partial class ArchiveImport
{
    /// <summary>Imports an archive (docker or OCI). A name that was there before stands for the new image from then on.</summary>
    /// <param name="program">Reaches the nodes.</param>
    /// <param name="node">The machine.</param>
    /// <param name="archive">What is imported.</param>
    /// <param name="flags">For names that the archive does not have.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>How it ended, and the complete names that were imported.</returns>
    public static async Task<(ProgramOutput Result, IReadOnlyList<string> Names)> RunAsync(NodeProgram program, string node, Stream archive, IReadOnlyList<string> flags, CancellationToken ct)
    {
        var result = await program.CtrAsync(node, ["images", "import", .. flags, "-"], archive, null, ct);
        string[] names = [.. Unpacked().Matches(result.Text).Select(m => m.Groups[1].Value)];
        foreach (var name in names.Where(n => ImageReference.Complete(n) != n)) // the kubelet asks for complete names; an archive may have short ones
        {
            result = result.IsOk ? await program.CtrAsync(node, ["images", "tag", "--force", name, ImageReference.Complete(name)], null, null, ct) : result;
            result = result.IsOk ? await program.CtrAsync(node, ["images", "rm", name], null, null, ct) : result;
        }

        return (result, [.. names.Select(ImageReference.Complete)]);
    }

    [GeneratedRegex(@"^unpacking (\S+) \(sha256:", RegexOptions.Multiline)]
    private static partial Regex Unpacked();
}
