using System.Text;

namespace Kobune.Cli.Output;

/// <summary>A table in box-drawing characters: top border, header, separator, rows, bottom border. A cell may have several lines.</summary>
internal static class BoxTable
{
    public static string Render(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        var all = rows.ToList();
        var widths = header.Select((h, i) => all.Select(r => LinesOf(r[i]).Max(TextWidth.Of)).Append(TextWidth.Of(h)).Max()).ToArray();
        var text = new StringBuilder();
        Border(text, widths, '┌', '┬', '┐');
        Row(text, widths, header);
        Border(text, widths, '├', '┼', '┤');
        foreach (var row in all)
        {
            Row(text, widths, row);
        }

        Border(text, widths, '└', '┴', '┘');
        return text.ToString();
    }

    private static void Border(StringBuilder text, int[] widths, char left, char middle, char right)
    {
        text.Append(left);
        for (var i = 0; i < widths.Length; i++)
        {
            text.Append('─', widths[i] + 2).Append(i == widths.Length - 1 ? right : middle);
        }

        text.Append('\n');
    }

    private static void Row(StringBuilder text, int[] widths, IReadOnlyList<string> cells)
    {
        var lines = cells.Select(LinesOf).ToArray();
        for (var line = 0; line < lines.Max(l => l.Length); line++)
        {
            for (var i = 0; i < widths.Length; i++)
            {
                var cell = line < lines[i].Length ? lines[i][line] : "";
                text.Append("│ ").Append(cell).Append(' ', widths[i] - TextWidth.Of(cell) + 1);
            }

            text.Append("│\n");
        }
    }

    private static string[] LinesOf(string cell) => cell.Split('\n');
}
