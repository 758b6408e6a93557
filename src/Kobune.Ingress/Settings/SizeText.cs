using System.Globalization;

namespace Kobune.Ingress.Settings;

/// <summary>nginx' sizes: "8k", "1m", "1g", or bytes.</summary>
internal static class SizeText
{
    /// <summary>The number of bytes, or null when the text is no size.</summary>
    public static long? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var shift = char.ToLowerInvariant(text[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, _ => 0 };
        var digits = shift == 0 ? text : text[..^1];
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= long.MaxValue >> shift ? number << shift : null;
    }
}
