using System.Globalization;
using System.Text;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Paths.Output;

/// <summary>Draws a way for a terminal: one station a line, from the PC downwards.</summary>
internal static class PathText
{
    public static string Render(PathReport report, Translator translator, bool icons)
    {
        var text = new StringBuilder();
        text.Append(translator.Text(Message.PathTitle, report.Target)).Append("\n\n");
        var names = report.Hops.Select(h => PathWords.Of(h.Kind).In(translator)).ToList();
        var width = names.Max(TextWidth.Of);
        for (var i = 0; i < report.Hops.Count; i++)
        {
            var hop = report.Hops[i];
            if (i > 0)
            {
                text.Append(hop.IsKubernetes && !report.Hops[i - 1].IsKubernetes ? "   │  ╌╌╌ " + translator.Text(Message.PathBoundary) + "\n" : "   │\n");
            }

            text.Append("  ").Append(Mark(hop.State, icons)).Append(' ').Append(names[i]).Append(' ', width - TextWidth.Of(names[i]) + 2).Append(hop.Subject).Append('\n');
            foreach (var probe in hop.Probes)
            {
                text.Append("   │    ").Append(Line(probe, translator)).Append('\n');
            }

            if (hop.Fault is { } fault)
            {
                text.Append("   │    ").Append(translator.Text(Message.PathFound, fault.Finding.In(translator))).Append('\n');
                text.Append("   │    ").Append(translator.Text(Message.PathMend, fault.Mend.In(translator))).Append('\n');
            }
        }

        text.Append('\n').Append(Verdict(report, translator)).Append('\n');
        return text.ToString();
    }

    /// <summary>One sentence about the whole way.</summary>
    public static string Verdict(PathReport report, Translator translator) => report.Broken is { } broken
        ? translator.Text(broken.IsKubernetes ? Message.PathBrokenKubernetes : Message.PathBrokenMachine, PathWords.Of(broken.Kind).In(translator))
        : translator.Text(Message.PathSound);

    /// <summary>"kobune → 10.96.3.4:80: connected, 0.3 ms".</summary>
    public static string Line(HopProbe probe, Translator translator)
    {
        var outcome = PathWords.Of(probe.Result.Outcome).In(translator) + (probe.Result.StatusCode > 0 ? $" HTTP {probe.Result.StatusCode}" : "");
        return string.Create(CultureInfo.InvariantCulture, $"{probe.From} → {probe.To}: {outcome}, {probe.Result.Milliseconds:0.0} ms");
    }

    private static string Mark(HopState state, bool icons) => (state, icons) switch
    {
        (HopState.Sound, true) => "✅",
        (HopState.Broken, true) => "❌",
        (_, true) => "⬜",
        (HopState.Sound, _) => "[ok]    ",
        (HopState.Broken, _) => "[BROKEN]",
        _ => "[ - ]   ",
    };
}
