using System.Globalization;
using System.Security;
using System.Text;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Paths.Output;

/// <summary>A way as a picture: boxes from left to right, the machine's part and Kubernetes' part on grounds of their own, the broken one red.</summary>
internal static class PathSvg
{
    private const int BoxWidth = 190;
    private const int BoxHeight = 74;
    private const int Gap = 46;
    private const int Margin = 24;
    private const int Top = 64;
    private const int LineHeight = 18;
    private const int LettersPerLine = 110;

    public static string Render(PathReport report, Translator translator)
    {
        var notes = report.Hops.Where(h => h.Fault is not null).SelectMany(h => NotesOf(h, translator)).Append(PathText.Verdict(report, translator)).SelectMany(Wrapped).ToList();
        var width = Math.Max((Margin * 2) + (report.Hops.Count * BoxWidth) + ((report.Hops.Count - 1) * Gap), 720);
        var height = Top + BoxHeight + 60 + (notes.Count * LineHeight) + Margin;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="system-ui, sans-serif" font-size="13">""").Append('\n');
        svg.Append(CultureInfo.InvariantCulture, $"""<rect width="{width}" height="{height}" fill="#ffffff"/>""").Append('\n');
        Text(svg, Margin, 28, 16, "#1f2933", translator.Text(Message.PathTitle, report.Target));
        Ground(svg, report, translator);
        for (var i = 0; i < report.Hops.Count; i++)
        {
            Box(svg, i, report.Hops[i], translator);
        }

        for (var i = 0; i < notes.Count; i++)
        {
            Text(svg, Margin, Top + BoxHeight + 56 + (i * LineHeight), 13, "#1f2933", notes[i]);
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static int Left(int index) => Margin + (index * (BoxWidth + Gap));

    private static void Ground(StringBuilder svg, PathReport report, Translator translator)
    {
        var machine = report.Hops.Count(h => !h.IsKubernetes);
        Part(0, machine, "#eef2f7", Message.PathPartMachine);
        Part(machine, report.Hops.Count - machine, "#e6f0ff", Message.PathPartKubernetes);

        void Part(int from, int count, string colour, Message name)
        {
            if (count > 0)
            {
                var (left, right) = (Left(from) - 12, Left(from + count - 1) + BoxWidth + 12);
                svg.Append(CultureInfo.InvariantCulture, $"""<rect x="{left}" y="{Top - 18}" width="{right - left}" height="{BoxHeight + 50}" rx="8" fill="{colour}"/>""").Append('\n');
                Text(svg, left + 10, Top + BoxHeight + 24, 12, "#52606d", translator.Text(name));
            }
        }
    }

    private static void Box(StringBuilder svg, int index, Hop hop, Translator translator)
    {
        var (fill, line) = hop.State switch { HopState.Sound => ("#e3f9e5", "#207227"), HopState.Broken => ("#ffe3e3", "#cf1124"), _ => ("#f5f7fa", "#9aa5b1") };
        var left = Left(index);
        if (index > 0)
        {
            svg.Append(CultureInfo.InvariantCulture, $"""<path d="M{left - Gap + 4} {Top + (BoxHeight / 2)} H{left - 10} m-6 -5 l8 5 l-8 5" fill="none" stroke="{line}" stroke-width="2"/>""").Append('\n');
        }

        svg.Append(CultureInfo.InvariantCulture, $"""<rect x="{left}" y="{Top}" width="{BoxWidth}" height="{BoxHeight}" rx="6" fill="{fill}" stroke="{line}" stroke-width="{(hop.State == HopState.Broken ? 3 : 1)}"/>""").Append('\n');
        Text(svg, left + 10, Top + 22, 14, line, PathWords.Of(hop.Kind).In(translator));
        Text(svg, left + 10, Top + 42, 11, "#323f4b", Cut(hop.Subject));
        if (hop.Probes.Count > 0)
        {
            Text(svg, left + 10, Top + 60, 11, "#52606d", Cut(PathWords.Of(hop.Probes[^1].Result.Outcome).In(translator)));
        }
    }

    private static IEnumerable<string> NotesOf(Hop hop, Translator translator) =>
    [
        $"{PathWords.Of(hop.Kind).In(translator)}: {hop.Fault!.Finding.In(translator)}",
        translator.Text(Message.PathMend, hop.Fault.Mend.In(translator)),
    ];

    private static IEnumerable<string> Wrapped(string note) => note.Chunk(LettersPerLine).Select(c => new string(c));

    private static string Cut(string text) => text.Length > 30 ? text[..29] + "…" : text;

    private static void Text(StringBuilder svg, int x, int y, int size, string colour, string text) =>
        svg.Append(CultureInfo.InvariantCulture, $"""<text x="{x}" y="{y}" font-size="{size}" fill="{colour}">{SecurityElement.Escape(text)}</text>""").Append('\n');
}
