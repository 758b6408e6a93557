using System.Globalization;
using System.Text;

namespace Kobune.Kubelet.Containers;

/// <summary>Go's strconv.Quote, which clients see in downward API files and messages.</summary>
internal static class GoQuote
{
    internal static string Quote(string value)
    {
        var text = new StringBuilder(value.Length + 2).Append('"');
        foreach (var rune in value.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\a' => text.Append("\\a"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\v' => text.Append("\\v"),
                < 0x20 or 0x7f => text.Append("\\x").Append(rune.Value.ToString("x2", CultureInfo.InvariantCulture)),
                _ => text.Append(rune.ToString()),
            };
        }

        return text.Append('"').ToString();
    }
}
