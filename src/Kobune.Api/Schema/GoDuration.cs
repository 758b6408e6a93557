using System.Buffers;
using System.Globalization;
using System.Text;

namespace Kobune.Api.Schema;

/// <summary>Go's durations: "1h2m3.5s" and nanoseconds.</summary>
public static class GoDuration
{
    private static readonly SearchValues<char> NumberChars = SearchValues.Create("0123456789.");

    private static readonly (string Unit, long Nanos)[] Units =
    [
        ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ];

    /// <summary>Nanoseconds of a text, or null when it is not a duration.</summary>
    public static long? TryParse(string text)
    {
        var rest = text.AsSpan();
        var negative = rest.StartsWith("-");
        if (rest.Length > 0 && rest[0] is '+' or '-')
        {
            rest = rest[1..];
        }

        if (rest is "0")
        {
            return 0;
        }

        if (rest.IsEmpty)
        {
            return null;
        }

        decimal total = 0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(NumberChars);
            if (digits <= 0 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return null;
            }

            rest = rest[digits..];
            var length = rest.IndexOfAny(NumberChars);
            var unit = length < 0 ? rest : rest[..length];
            rest = rest[unit.Length..];
            if (Find(unit) is not { } nanos || number > (decimal)long.MaxValue / nanos)
            {
                return null;
            }

            total += decimal.Truncate(number * nanos);
            if (total > long.MaxValue)
            {
                return null;
            }
        }

        return negative ? -(long)total : (long)total;
    }

    /// <summary>The text of a span as it shows in messages, "1m40s", "46.944s", "350ms".</summary>
    public static string Format(TimeSpan span) => Format(span.Ticks * TimeSpan.NanosecondsPerTick);

    /// <summary>The canonical text, "1h2m3s".</summary>
    public static string Format(long nanos)
    {
        if (nanos == 0)
        {
            return "0s";
        }

        var size = nanos < 0 ? (ulong)-(nanos + 1) + 1 : (ulong)nanos;
        var text = new StringBuilder(nanos < 0 ? "-" : "");
        if (size < 1_000_000_000)
        {
            var (unit, scale) = size < 1_000 ? ("ns", 1m) : size < 1_000_000 ? ("µs", 1_000m) : ("ms", 1_000_000m);
            return text.Append((((decimal)size) / scale).ToString("0.######", CultureInfo.InvariantCulture)).Append(unit).ToString();
        }

        var hours = size / 3_600_000_000_000;
        var minutes = size / 60_000_000_000 % 60;
        if (hours > 0)
        {
            text.Append(hours.ToString(CultureInfo.InvariantCulture)).Append('h');
        }

        if (hours > 0 || minutes > 0)
        {
            text.Append(minutes.ToString(CultureInfo.InvariantCulture)).Append('m');
        }

        return text.Append(((decimal)(size % 60_000_000_000) / 1_000_000_000m).ToString("0.#########", CultureInfo.InvariantCulture)).Append('s').ToString();
    }

    internal static string Normalize(string text) => TryParse(text) is { } nanos ? Format(nanos) : throw new ObjectDecodeException($"time: invalid duration \"{text}\"");

    private static long? Find(ReadOnlySpan<char> unit)
    {
        foreach (var (name, nanos) in Units)
        {
            if (unit.SequenceEqual(name))
            {
                return nanos;
            }
        }

        return null;
    }
}
