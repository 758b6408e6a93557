using System.Globalization;
using Kobune.Cel.Types;
using Kobune.Cel.Values;
using static Kobune.Cel.Libraries.LibraryValues;

namespace Kobune.Cel.Libraries;

/// <summary>Parts of moments and of durations.</summary>
internal static class TimeFunctions
{
    public static void AddTo(LibraryBuilder library)
    {
        Part(library, "getFullYear", "year", t => t.Year);
        Part(library, "getMonth", "month", t => t.Month - 1);
        Part(library, "getDayOfYear", "day_of_year", t => t.DayOfYear - 1);
        Part(library, "getDayOfMonth", "day_of_month", t => t.Day - 1);
        Part(library, "getDate", "day_of_month_1_based", t => t.Day);
        Part(library, "getDayOfWeek", "day_of_week", t => (int)t.DayOfWeek);
        Part(library, "getHours", "hours", t => t.Hour);
        Part(library, "getMinutes", "minutes", t => t.Minute);
        Part(library, "getSeconds", "seconds", t => t.Second);
        Zoned(library, "getMilliseconds", "milliseconds", (t, _) => t.Nanoseconds / 1_000_000);
        Whole(library, "getHours", "hours", 3_600_000_000_000);
        Whole(library, "getMinutes", "minutes", 60_000_000_000);
        Whole(library, "getSeconds", "seconds", 1_000_000_000);
        Whole(library, "getMilliseconds", "milliseconds", 1_000_000);
    }

    private static void Part(LibraryBuilder library, string function, string name, Func<DateTime, int> part) => Zoned(library, function, name, (_, local) => part(local));

    private static void Zoned(LibraryBuilder library, string function, string name, Func<CelTimestamp, DateTime, int> part) => library
        .Member(function, $"timestamp_to_{name}", [CelType.Timestamp], CelType.Int, a => CelInt.Of(part((CelTimestamp)a[0], ((CelTimestamp)a[0]).ToDateTime())))
        .Member(function, $"timestamp_to_{name}_with_tz", [CelType.Timestamp, CelType.String], CelType.Int, a =>
        {
            var time = (CelTimestamp)a[0];
            return Local(time.ToDateTime(), a[1].Text(), out var problem) is { } local ? CelInt.Of(part(time, local)) : Error(problem);
        });

    private static void Whole(LibraryBuilder library, string function, string name, long nanoseconds) =>
        library.Member(function, $"duration_to_{name}", [CelType.Duration], CelType.Int, a => CelInt.Of(((CelDuration)a[0]).Nanoseconds / nanoseconds));

    /// <summary>The time of a zone: a name of the time zone database, or hours and minutes such as -08:30.</summary>
    private static DateTime? Local(DateTime utc, string zone, out string problem)
    {
        problem = $"unknown time zone {zone}";
        var colon = zone.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return zone is "" or "UTC" ? utc : TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) ? TimeZoneInfo.ConvertTimeFromUtc(utc, found) : null;
        }

        foreach (var part in new[] { zone[..colon], zone[(colon + 1)..] })
        {
            if (!int.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            {
                problem = $"strconv.Atoi: parsing {GoText.Quote(part)}: invalid syntax";
                return null;
            }
        }

        var (hours, minutes) = (int.Parse(zone[..colon], CultureInfo.InvariantCulture), int.Parse(zone[(colon + 1)..], CultureInfo.InvariantCulture));
        var offset = (hours * 60) + (zone[0] == '-' ? -minutes : minutes);
        var ticks = utc.Ticks + (offset * TimeSpan.TicksPerMinute);
        return ticks >= DateTime.MinValue.Ticks && ticks <= DateTime.MaxValue.Ticks ? new DateTime(ticks) : utc;
    }
}
