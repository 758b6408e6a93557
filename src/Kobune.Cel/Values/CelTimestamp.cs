using System.Globalization;
using Kobune.Cel.Types;

namespace Kobune.Cel.Values;

/// <summary>A moment: seconds since 1970 and nanoseconds of that second, years 1 to 9999. It remembers the offset with which it was written, for its text alone.</summary>
public sealed class CelTimestamp : CelValue
{
    internal const long MinSeconds = -62135596800;
    internal const long MaxSeconds = 253402300799;

    private readonly int _offset;

    private CelTimestamp(long seconds, int nanoseconds, int offset)
    {
        Seconds = seconds;
        Nanoseconds = nanoseconds;
        _offset = offset;
    }

    /// <summary>Seconds since the first of January 1970, UTC.</summary>
    public long Seconds { get; }

    /// <summary>0 to 999,999,999.</summary>
    public int Nanoseconds { get; }

    public override CelType Type => CelType.Timestamp;

    internal Int128 Total => ((Int128)Seconds * 1_000_000_000) + Nanoseconds;

    /// <summary>The moment, or null when it is outside of years 1 to 9999.</summary>
    public static CelTimestamp? Of(long seconds, int nanoseconds) => Of(seconds, nanoseconds, 0);

    /// <summary>A moment that is shown as this one: later or earlier, with the same offset.</summary>
    internal CelTimestamp? With(long seconds, int nanoseconds) => Of(seconds, nanoseconds, _offset);

    private static CelTimestamp? Of(long seconds, int nanoseconds, int offset) => seconds is < MinSeconds or > MaxSeconds ? null : new(seconds, nanoseconds, offset);

    /// <summary>Reads RFC 3339, such as 2024-02-29T12:00:00.5+09:00; null when it is none.</summary>
    public static CelTimestamp? Parse(string text)
    {
        var nanoseconds = 0;
        var span = text.AsSpan();
        if (span.Length < 20 || span[10] != 'T')
        {
            return null;
        }

        var zone = 19;
        if (span[19] == '.')
        {
            zone = 20 + span[20..].IndexOfAnyExceptInRange('0', '9');
            if (zone <= 20)
            {
                return null;
            }

            var digits = span[20..zone];
            nanoseconds = int.Parse(digits[..Math.Min(9, digits.Length)].ToString().PadRight(9, '0'), CultureInfo.InvariantCulture);
        }

        return Offset(span[zone..]) is { } offset
            && DateTime.TryParseExact(span[..19], "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? Of(((time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond) - offset, nanoseconds, (int)offset)
            : null;
    }

    public override bool EqualTo(CelValue other) => other is CelTimestamp t && t.Seconds == Seconds && t.Nanoseconds == Nanoseconds;

    /// <summary>RFC 3339 with the offset that the moment was written with, and as many digits of the second's fraction as there are.</summary>
    public override string ToString()
    {
        // At the ends of the calendar the local time may be in a year that .NET does not have.
        var offset = Seconds + _offset is < MinSeconds or > MaxSeconds ? 0 : _offset;
        var text = ToDateTime().AddSeconds(offset).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        var fraction = Nanoseconds == 0 ? "" : "." + Nanoseconds.ToString("000000000", CultureInfo.InvariantCulture).TrimEnd('0');
        var zone = offset == 0 ? "Z" : string.Create(CultureInfo.InvariantCulture, $"{(offset < 0 ? '-' : '+')}{Math.Abs(offset) / 3600:00}:{Math.Abs(offset) / 60 % 60:00}");
        return text + fraction + zone;
    }

    /// <summary>UTC, cut to whole seconds.</summary>
    internal DateTime ToDateTime() => DateTime.UnixEpoch.AddTicks(Seconds * TimeSpan.TicksPerSecond);

    internal override int? CompareWith(CelValue other) => other is CelTimestamp t ? Total.CompareTo(t.Total) : null;

    internal override int Hash() => Seconds.GetHashCode();

    private static long? Offset(ReadOnlySpan<char> zone)
    {
        if (zone is "Z")
        {
            return 0;
        }

        var good = zone.Length == 6 && zone[0] is '+' or '-' && zone[3] == ':'
            && int.TryParse(zone[1..3], NumberStyles.None, CultureInfo.InvariantCulture, out var hours) && hours < 24
            && int.TryParse(zone[4..6], NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) && minutes < 60;
        return good ? (zone[0] == '-' ? -1 : 1) * ((int.Parse(zone[1..3], CultureInfo.InvariantCulture) * 3600) + (int.Parse(zone[4..6], CultureInfo.InvariantCulture) * 60)) : null;
    }
}
