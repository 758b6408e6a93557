namespace Kobune.Node.Registries;

/// <summary>Lines that Kobune keeps in a text that is somebody else's, between two comments. Pure.</summary>
internal static class MarkedLines
{
    /// <summary>The text without them.</summary>
    public static string Remove(string text, string mark)
    {
        var lines = text.Split('\n').ToList();
        var begin = lines.FindIndex(l => l.Trim() == Begin(mark));
        var end = lines.FindIndex(Math.Max(begin, 0), l => l.Trim() == End(mark));
        if (begin >= 0 && end > begin)
        {
            lines.RemoveRange(begin, end - begin + 1);
        }

        return string.Join('\n', lines);
    }

    /// <summary>The lines with their two comments.</summary>
    public static IEnumerable<string> Block(string mark, IEnumerable<string> lines) => [Begin(mark), .. lines, End(mark)];

    /// <summary>A text with them at its end.</summary>
    public static string Append(string text, string mark, IReadOnlyList<string> lines)
    {
        var rest = Remove(text, mark);
        return lines.Count == 0 ? rest : rest + (rest.Length == 0 || rest.EndsWith('\n') ? "" : "\n") + string.Join('\n', Block(mark, lines)) + "\n";
    }

    private static string Begin(string mark) => $"# {mark}: begin";

    private static string End(string mark) => $"# {mark}: end";
}
