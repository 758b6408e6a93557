using System.Globalization;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.CustomResources;

/// <summary>The JSON paths of printer columns: .spec.a, ['a.b'], [0], [*], [-1] and [?(@.type=="Ready")]. Source: k8s.io/client-go, util/jsonpath.</summary>
internal sealed class CellPath
{
    private readonly List<Func<JsonNode?, IEnumerable<JsonNode?>>> _steps = [];

    private CellPath()
    {
    }

    /// <summary>The path, or null for what is none.</summary>
    public static CellPath? Parse(string text)
    {
        var path = new CellPath();
        text = text.TrimStart('{').TrimEnd('}');
        var at = text.StartsWith('$') ? 1 : 0;
        while (at < text.Length)
        {
            var end = text[at] switch
            {
                '.' => path.Name(text, at + 1),
                '[' => path.Bracket(text, at + 1),
                _ => -1,
            };
            if (end < 0)
            {
                return null;
            }

            at = end;
        }

        return path;
    }

    /// <summary>The first value at the path; false when there is none.</summary>
    public bool TryFind(JsonNode root, out JsonNode? value)
    {
        IEnumerable<JsonNode?> nodes = [root];
        foreach (var step in _steps)
        {
            nodes = nodes.SelectMany(step);
        }

        foreach (var node in nodes)
        {
            value = node;
            return true;
        }

        value = null;
        return false;
    }

    private int Name(string text, int at)
    {
        var end = at;
        while (end < text.Length && text[end] is not ('.' or '['))
        {
            end += text[end] == '\\' && end + 1 < text.Length ? 2 : 1;
        }

        var name = text[at..end].Replace("\\", "", StringComparison.Ordinal);
        if (name == "*")
        {
            _steps.Add(All);
        }
        else if (name.Length > 0)
        {
            _steps.Add(node => Field(node, name));
        }

        return name.Length > 0 || end < text.Length ? end : -1;
    }

    private int Bracket(string text, int at)
    {
        var end = text.IndexOf(text.AsSpan(at).StartsWith("?(") ? ")]" : "]", at, StringComparison.Ordinal);
        if (end < 0)
        {
            return -1;
        }

        var inner = text[at..end];
        if (inner == "*")
        {
            _steps.Add(All);
        }
        else if (inner is ['\'', .., '\''] or ['"', .., '"'])
        {
            _steps.Add(node => Field(node, inner[1..^1]));
        }
        else if (int.TryParse(inner, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index))
        {
            _steps.Add(node => node is JsonArray list && (index < 0 ? list.Count + index : index) is var i && i >= 0 && i < list.Count ? [list[i]] : []);
        }
        else if (!inner.StartsWith("?(", StringComparison.Ordinal) || !Filter(inner[2..]))
        {
            return -1;
        }

        return end + (inner.StartsWith("?(", StringComparison.Ordinal) ? 2 : 1);
    }

    /// <summary>@.type=="Ready": equality and its opposite, with text or numbers.</summary>
    private bool Filter(string text)
    {
        var isEqual = text.IndexOf("==", StringComparison.Ordinal);
        var at = isEqual >= 0 ? isEqual : text.IndexOf("!=", StringComparison.Ordinal);
        if (at < 0 || !text.TrimStart().StartsWith('@') || Parse(text[..at].Trim()[1..]) is not { } left)
        {
            return false;
        }

        var right = text[(at + 2)..].Trim().Trim('"', '\'');
        _steps.Add(node => (node as JsonArray)?.Where(item => item is not null && left.TryFind(item, out var value) && value?.ToString() == right == isEqual >= 0) ?? []);
        return true;
    }

    private static IEnumerable<JsonNode?> Field(JsonNode? node, string name) => node is JsonObject map && map.TryGetPropertyValue(name, out var value) ? [value] : [];

    private static IEnumerable<JsonNode?> All(JsonNode? node) => node switch
    {
        JsonArray list => list,
        JsonObject map => map.Select(p => p.Value),
        _ => [],
    };
}
