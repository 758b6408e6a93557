using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Files;

/// <summary>One side of `cp`: a path on this computer, or one in a node.</summary>
/// <param name="Node">The node's name as it was written; null for this computer.</param>
/// <param name="Path">The path.</param>
internal sealed record CopyPath(string? Node, string Path)
{
    /// <summary>"node:/path" or "path": a node is named only by what stands before a colon that a slash follows.</summary>
    public static CopyPath Parse(string text)
    {
        var colon = text.IndexOf(":/", StringComparison.Ordinal);
        return colon > 0 && !text[..colon].Contains('/', StringComparison.Ordinal) ? new(text[..colon], text[(colon + 1)..]) : new(null, text);
    }

    /// <summary>Both sides; when neither names a node the target is in the first one.</summary>
    public static (CopyPath Source, CopyPath Target) ParseBoth(string source, string target, string primary)
    {
        var (from, to) = (Parse(source), Parse(target));
        if (from.Node is null && to.Node is null)
        {
            to = to with { Node = primary };
        }

        if (to.Node is not null && !to.Path.StartsWith('/'))
        {
            throw new CliException(Reason.Usage, Message.TargetNotAbsolute, to.Path);
        }

        if (from.Path.Length == 0 || to.Path.Length == 0)
        {
            throw new CliException(Reason.Usage, Message.BadValue, "\"\"", "cp");
        }

        return (from, to);
    }

    /// <summary>The path of the copy: a target that ends with a slash keeps the source's name.</summary>
    public string NameFor(CopyPath source) => Path.EndsWith('/') ? Path + System.IO.Path.GetFileName(source.Path.TrimEnd('/')) : Path;
}
