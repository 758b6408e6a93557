using Kobune.Cli.Output;
using Kobune.Cli.Texts;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Kobune.Cli.Paths;

/// <summary>Finds in a manifest the object to walk to: its first Ingress, else its first Service, else its first Pod.</summary>
internal static class ManifestFile
{
    public static ManifestObject Read(string file, string ns)
    {
        if (file != "-" && !File.Exists(file))
        {
            throw new CliException(Reason.PathMissing, Message.PathMissing, file);
        }

        try
        {
            var text = file == "-" ? Console.In.ReadToEnd() : File.ReadAllText(file);
            return Parse(text, ns) ?? throw new CliException(Reason.Usage, Message.PathManifestEmpty, file);
        }
        catch (YamlException e)
        {
            throw new CliException(Reason.Usage, Message.PathManifestBroken, file, e.Message);
        }
    }

    /// <summary>The object to walk to; null when the text has none of these kinds.</summary>
    internal static ManifestObject? Parse(string text, string ns) =>
        ("\n" + text.ReplaceLineEndings("\n")).Split("\n---")
            .Select(d => Object(d.TrimStart('-'), ns))
            .OfType<ManifestObject>()
            .OrderBy(o => o.Kind switch { TargetKind.Ingress => 0, TargetKind.Service => 1, _ => 2 })
            .FirstOrDefault();

    private static ManifestObject? Object(string document, string ns)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(document));
        if (yaml.Documents.Count == 0 || yaml.Documents[0].RootNode is not YamlMappingNode root || Scalar(root, "kind") is not { } kind
            || !root.Children.TryGetValue("metadata", out var node) || node is not YamlMappingNode metadata || Scalar(metadata, "name") is not { } name)
        {
            return null;
        }

        TargetKind? known = kind switch { "Ingress" => TargetKind.Ingress, "Service" => TargetKind.Service, "Pod" => TargetKind.Pod, _ => null };
        return known is { } target ? new(target, Scalar(metadata, "namespace") ?? ns, name, document) : null;
    }

    private static string? Scalar(YamlMappingNode node, string key) => node.Children.TryGetValue(key, out var value) ? (value as YamlScalarNode)?.Value : null;
}
