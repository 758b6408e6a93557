using System.Globalization;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Kobune.Cli.Kubeconfig;

/// <summary>
/// Edits the text of a kubeconfig: only the lines of the entries concerned change, so that comments, order and foreign entries stay as their
/// owner wrote them. A file in flow style (JSON) is written anew as a whole.
/// </summary>
internal sealed class KubeconfigText
{
    private static readonly string[] Lists = ["clusters", "contexts", "users"];
    private readonly List<string> _lines;

    private KubeconfigText(List<string> lines) => _lines = lines;

    /// <summary>Reads a kubeconfig; an empty text is one without entries.</summary>
    /// <exception cref="FormatException">It is no kubeconfig; the message says where.</exception>
    public static KubeconfigText Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return new(["apiVersion: v1", "clusters: []", "contexts: []", "current-context: \"\"", "kind: Config", "preferences: {}", "users: []"]);
        }

        var root = RootOf(text);
        var isFlow = root.Style == MappingStyle.Flow || Lists.Any(l => ListOf(root, l) is { Style: SequenceStyle.Flow, Children.Count: > 0 });
        return new([.. (isFlow ? Rewrite(text) : text).ReplaceLineEndings("\n").TrimEnd('\n').Split('\n')]);
    }

    /// <summary>The context that kubectl uses when none is named; empty when there is none.</summary>
    public string CurrentContext => (RootOf(ToString()).Children.TryGetValue("current-context", out var node) ? (node as YamlScalarNode)?.Value : null) ?? "";

    /// <summary>The server of a cluster entry, or null when there is no such entry.</summary>
    public string? ServerOf(string cluster)
    {
        var entry = ListOf(RootOf(ToString()), "clusters")?.OfType<YamlMappingNode>().FirstOrDefault(e => NameOf(e) == cluster);
        return entry is not null && entry.Children.TryGetValue("cluster", out var node) && node is YamlMappingNode body && body.Children.TryGetValue("server", out var server)
            ? (server as YamlScalarNode)?.Value
            : null;
    }

    /// <summary>Whether a context of this name exists.</summary>
    public bool HasContext(string name) => ListOf(RootOf(ToString()), "contexts")?.OfType<YamlMappingNode>().Any(e => NameOf(e) == name) ?? false;

    /// <summary>Adds or replaces the three entries.</summary>
    public void Put(KubeconfigEntry entry, string contextNamespace)
    {
        var stamp = entry.WrittenAt.ToString("R", CultureInfo.InvariantCulture);
        string[] Extension(string name) => ["    extensions:", "    - extension:", $"        last-update: {stamp}", "        provider: kobune.sigs.k8s.io", $"        version: {Versions.Program}", $"      name: {name}"];
        Replace("clusters", entry.Name, ["- cluster:", $"    certificate-authority-data: {Base64(entry.Authority)}", .. Extension("cluster_info"), $"    server: {entry.Server}", $"  name: {entry.Name}"]);
        Replace("contexts", entry.Name, ["- context:", $"    cluster: {entry.Name}", .. Extension("context_info"), $"    namespace: {contextNamespace}", $"    user: {entry.Name}", $"  name: {entry.Name}"]);
        Replace("users", entry.Name, [$"- name: {entry.Name}", "  user:", $"    client-certificate-data: {Base64(entry.Certificate)}", $"    client-key-data: {Base64(entry.Key)}"]);
    }

    /// <summary>Removes the three entries, and the current context when it is this one.</summary>
    /// <returns>Whether there was anything to remove.</returns>
    public bool Remove(string name)
    {
        var before = ToString();
        foreach (var list in Lists)
        {
            Replace(list, name, []);
        }

        if (CurrentContext == name)
        {
            SetCurrentContext("");
        }

        return ToString() != before;
    }

    /// <summary>Makes a context the current one.</summary>
    public void SetCurrentContext(string name)
    {
        var line = "current-context: " + (name.Length == 0 ? "\"\"" : name);
        var at = LineOfKey("current-context");
        if (at < 0)
        {
            _lines.Add(line);
        }
        else
        {
            _lines[at] = line;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join('\n', _lines) + "\n";

    // Replaces the entry of this name in a list, or adds it at the end; an empty replacement removes it.
    private void Replace(string list, string name, IReadOnlyList<string> entry)
    {
        var root = RootOf(ToString());
        var items = ListOf(root, list);
        if (items is null || items.Children.Count == 0)
        {
            if (entry.Count > 0)
            {
                ReplaceEmpty(list, entry);
            }

            return;
        }

        var found = items.OfType<YamlMappingNode>().FirstOrDefault(e => NameOf(e) == name);
        var dash = DashOf(items.Children[0]);
        var lines = entry.Select(l => new string(' ', dash) + l).ToList();
        if (found is null)
        {
            _lines.InsertRange(LastLineOf(items.Children[^1]) + 1, lines);
            return;
        }

        var (first, last) = ((int)found.Start.Line - 1, LastLineOf(found));
        _lines.RemoveRange(first, last - first + 1);
        _lines.InsertRange(first, lines);
        if (entry.Count == 0 && items.Children.Count == 1)
        {
            var key = LineOfKey(list);
            _lines[key] = list + ": []";
        }
    }

    private void ReplaceEmpty(string list, IReadOnlyList<string> entry)
    {
        var key = LineOfKey(list);
        if (key < 0)
        {
            _lines.Add(list + ":");
            _lines.AddRange(entry);
        }
        else
        {
            _lines[key] = list + ":";
            _lines.InsertRange(key + 1, entry);
        }
    }

    private int LineOfKey(string key)
    {
        var node = RootOf(ToString()).Children.Keys.OfType<YamlScalarNode>().FirstOrDefault(k => k.Value == key);
        return node is null ? -1 : (int)node.Start.Line - 1;
    }

    // The column of the dash before an item: a list may be indented below its key or not.
    private int DashOf(YamlNode item) => _lines[(int)item.Start.Line - 1].IndexOf('-', StringComparison.Ordinal);

    // A block mapping's own end is where the next thing begins, so the end of its last scalar counts.
    private static int LastLineOf(YamlNode node) => node switch
    {
        YamlMappingNode { Children.Count: > 0 } mapping => mapping.Children.Select(c => Math.Max(LastLineOf(c.Key), LastLineOf(c.Value))).Max(),
        YamlSequenceNode { Children.Count: > 0 } sequence => sequence.Children.Select(LastLineOf).Max(),
        _ => (int)(node.End.Column == 1 && node.End.Line > node.Start.Line ? node.End.Line - 1 : node.End.Line) - 1,
    };

    private static YamlMappingNode RootOf(string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count == 0)
            {
                return new YamlMappingNode();
            }

            var root = stream.Documents[0].RootNode as YamlMappingNode ?? throw new FormatException("it is not a mapping");
            foreach (var list in Lists)
            {
                if (root.Children.TryGetValue(list, out var node) && node is not YamlSequenceNode && !IsNull(node))
                {
                    throw new FormatException($"\"{list}\" is not a list");
                }
            }

            return root;
        }
        catch (YamlException e)
        {
            throw new FormatException($"line {e.Start.Line}: {e.InnerException?.Message ?? e.Message}", e);
        }
    }

    private static YamlSequenceNode? ListOf(YamlMappingNode root, string key) => root.Children.TryGetValue(key, out var node) ? node as YamlSequenceNode : null;

    private static string? NameOf(YamlMappingNode entry) => entry.Children.TryGetValue("name", out var node) ? (node as YamlScalarNode)?.Value : null;

    private static bool IsNull(YamlNode node) => node is YamlScalarNode { Value: null or "" or "null" or "~" };

    private static string Rewrite(string text)
    {
        var root = RootOf(text);
        Unflow(root);
        var writer = new StringWriter();
        new YamlStream(new YamlDocument(root)).Save(writer, assignAnchors: false);
        return writer.ToString().Replace("\n...\n", "\n", StringComparison.Ordinal);
    }

    private static void Unflow(YamlNode node)
    {
        if (node is YamlMappingNode mapping)
        {
            mapping.Style = mapping.Children.Count == 0 ? MappingStyle.Flow : MappingStyle.Block;
            foreach (var child in mapping.Children.Values)
            {
                Unflow(child);
            }
        }
        else if (node is YamlSequenceNode sequence)
        {
            sequence.Style = sequence.Children.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block;
            foreach (var child in sequence.Children)
            {
                Unflow(child);
            }
        }
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
