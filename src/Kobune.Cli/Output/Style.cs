namespace Kobune.Cli.Output;

/// <summary>Decides once whether icons are used: on a terminal that shows colours; KOBUNE_IN_STYLE overrides.</summary>
internal static class Style
{
    public static bool UsesIcons(bool isTerminal, Func<string, string?> variable)
    {
        if (bool.TryParse(variable("KOBUNE_IN_STYLE"), out var wanted))
        {
            return wanted;
        }

        var term = variable("TERM") ?? "";
        var colours = variable("COLORTERM") ?? "";
        return isTerminal
            && (term.Contains("color", StringComparison.Ordinal) || term.StartsWith("xterm", StringComparison.Ordinal) || term.StartsWith("screen", StringComparison.Ordinal)
                || term.StartsWith("tmux", StringComparison.Ordinal) || term == "linux" || colours is "truecolor" or "24bit" or "yes" || variable("WT_SESSION") is not null);
    }
}
