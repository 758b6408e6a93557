using System.Globalization;
using System.Text;

namespace Kobune.Cli.Output;

/// <summary>How many columns a text takes on a terminal: Japanese letters and emoji take two.</summary>
internal static class TextWidth
{
    public static int Of(string text)
    {
        var width = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            width += Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark ? 0 : rune.Value is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xFF60) or 0x2705 or (>= 0x1F300 and <= 0x1FAFF) ? 2 : 1;
        }

        return width;
    }
}
