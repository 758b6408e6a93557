using System.Globalization;

namespace Kobune.Api.Json;

/// <summary>How meta/v1 Time and MicroTime are written: RFC 3339 in UTC, with no or exactly six digits of a second.</summary>
public static class TimeText
{
    /// <summary>Digits of Time.</summary>
    public const int Seconds = 0;

    /// <summary>Digits of MicroTime.</summary>
    public const int Microseconds = 6;

    /// <summary>Room that every text fits into.</summary>
    public const int MaxLength = 32;

    /// <summary>Writes ASCII; returns the number of bytes.</summary>
    public static int Format(DateTimeOffset time, int digits, Span<byte> text)
    {
        time.UtcDateTime.TryFormat(text, out var written, digits == Seconds ? "yyyy-MM-ddTHH:mm:ssZ" : "yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
        return written;
    }

    /// <summary>The text of a Time, "2026-01-02T03:04:05Z".</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    /// <summary>The text of a MicroTime, "2026-01-02T03:04:05.000006Z".</summary>
    public static string FormatMicro(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
}
