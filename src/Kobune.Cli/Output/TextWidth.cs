using System.Globalization;
using System.Text;

namespace Kobune.Cli.Output;

/// <summary>How many columns a text takes on a terminal: Japanese letters take two.</summary>
internal static class TextWidth
{
    public static int Of(string text)
    {
        var width = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            width += Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark ? 0 : rune.Value is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xFF60) ? 2 : 1;
        }

        return width;
    }
}
