using System.Globalization;
using Kobune.Api.Json;

namespace Kobune.Api.Schema;

/// <summary>Times as Go's metav1 reads and writes them.</summary>
internal static class GoTime
{
    private const string Layout = "2006-01-02T15:04:05Z07:00";
    private const int MicroDigits = 6;
    private const string MicroLayout = "2006-01-02T15:04:05.000000Z07:00";

    /// <summary>The canonical text.</summary>
    /// <exception cref="ObjectDecodeException">Not RFC 3339.</exception>
    public static string Normalize(string text, bool micro)
    {
        if (!TryParse(text, out var time))
        {
            throw new ObjectDecodeException($"parsing time \"{text}\" as \"{(micro ? MicroLayout : Layout)}\": cannot parse \"{text}\" as \"2006\"");
        }

        if (micro && Rest(text) is { } rest)
        {
            throw new ObjectDecodeException($"parsing time \"{text}\" as \"{MicroLayout}\": cannot parse \"{rest}\" as \"{(rest.StartsWith('.') || !text.Contains('.', StringComparison.Ordinal) ? ".000000" : "Z07:00")}\"");
        }

        return micro ? TimeText.FormatMicro(time) : TimeText.Format(time);
    }

    /// <summary>What is left of a time to the microsecond where Go stops to read it, for want of just six digits; null when it reads all.</summary>
    private static string? Rest(string text)
    {
        const int Seconds = 19;
        var digits = text[Seconds] == '.' ? text.AsSpan(Seconds + 1).IndexOfAnyExceptInRange('0', '9') : 0;
        return digits == MicroDigits ? null : digits < MicroDigits ? text[Seconds..] : text[(Seconds + 1 + MicroDigits)..];
    }

    /// <summary>Parses RFC 3339 with a zone; further digits of a second than .NET has are cut.</summary>
    public static bool TryParse(string text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length < 20 || text[10] != 'T' || !(text[^1] == 'Z' || text[^6] is '+' or '-'))
        {
            return false;
        }

        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot > 0)
        {
            var zone = text.AsSpan(dot).IndexOfAny("Z+-");
            var digits = zone - 1;
            if (digits > 7)
            {
                text = string.Concat(text.AsSpan(0, dot + 8), text.AsSpan(dot + zone));
            }
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }
}
