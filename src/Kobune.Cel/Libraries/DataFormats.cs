using System.Globalization;
using Kobune.Cel.Values;

namespace Kobune.Cel.Libraries;

/// <summary>Formats of data that schemas know too.</summary>
internal static class DataFormats
{
    public static IReadOnlyList<string> Uri(string text) => GoUrl.Parse(text, out var problem) is null ? [problem] : [];

    public static IReadOnlyList<string> Uuid(string text)
    {
        var dashed = text.Length == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-';
        var digits = dashed ? text.Replace("-", "", StringComparison.Ordinal) : text;
        return digits.Length == 32 && digits.All(char.IsAsciiHexDigit) ? [] : ["does not match the UUID format"];
    }

    public static IReadOnlyList<string> Base64(string text) =>
        text.Length > 0 && !text.Any(char.IsWhiteSpace) && Convert.TryFromBase64String(text, new byte[text.Length], out _) ? [] : ["invalid base64"];

    public static IReadOnlyList<string> Date(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? [] : ["invalid date"];

    public static IReadOnlyList<string> DateTime(string text) => CelTimestamp.Parse(text.ToUpperInvariant()) is null ? ["invalid datetime"] : [];
}
