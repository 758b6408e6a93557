using System.Globalization;
using System.Text;

namespace Kobune.Api.Validation;

/// <summary>Texts in quotes, as Go's %q shows them in messages.</summary>
public static class GoQuote
{
    /// <summary>The text in double quotes; what cannot be printed is escaped.</summary>
    public static string Of(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' or '\\' => quoted.Append('\\').Append((char)rune.Value),
                >= '\a' and <= '\r' => quoted.Append('\\').Append("abtnvfr"[rune.Value - '\a']),
                < ' ' or '\u007f' => quoted.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                < 0x80 => quoted.Append((char)rune.Value),
                _ when IsPrinted(rune) => quoted.Append(rune.ToString()),
                <= 0xffff => quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => quoted.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
            };
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>Go's IsPrint: letters, marks, numbers, punctuation, symbols and the one space.</summary>
    public static bool IsPrinted(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
