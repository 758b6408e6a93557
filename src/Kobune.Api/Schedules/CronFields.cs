namespace Kobune.Api.Schedules;

/// <summary>A schedule of minute, hour, day of month, month, day of week.</summary>
internal sealed class CronFields : CronSchedule
{
    // A day that never comes (30 February) must end the search.
    private const int YearsAhead = 5;

    private static readonly CronRange[] Ranges =
    [
        new(0, 59, []),
        new(0, 23, []),
        new(1, 31, []),
        new(1, 12, ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
        new(0, 6, ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ];

    private readonly CronField _minute;
    private readonly CronField _hour;
    private readonly CronField _day;
    private readonly CronField _month;
    private readonly CronField _weekday;

    private CronFields(CronField[] fields)
    {
        (_minute, _hour, _day, _month, _weekday) = (fields[0], fields[1], fields[2], fields[3], fields[4]);
    }

    public static new CronFields? TryParse(string text, out string? problem)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != Ranges.Length)
        {
            problem = $"expected exactly 5 fields, found {words.Length}: [{string.Join(" ", words)}]";
            return null;
        }

        problem = null;
        var fields = new CronField[Ranges.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            if (CronField.TryParse(words[i], Ranges[i], out problem) is not { } field)
            {
                return null;
            }

            fields[i] = field;
        }

        return new(fields);
    }

    /// <summary>
    /// Goes on from one moment to the next by what does not fit: month, day, hour, minute. It walks along real time, so that an hour that does not
    /// exist is never met, and one that comes twice is.
    /// </summary>
    public override DateTimeOffset? Next(DateTimeOffset after, TimeZoneInfo zone)
    {
        var moment = after.UtcDateTime;
        moment = moment.AddTicks(TimeSpan.TicksPerMinute - (moment.Ticks % TimeSpan.TicksPerMinute));
        var local = TimeZoneInfo.ConvertTimeFromUtc(moment, zone);
        for (var limit = local.Year + YearsAhead; local.Year <= limit; local = TimeZoneInfo.ConvertTimeFromUtc(moment, zone))
        {
            if (!_month.Has(local.Month))
            {
                moment = StartOf(new DateTime(local.Year, local.Month, 1).AddMonths(1), zone);
            }
            else if (!HasDay(local))
            {
                moment = StartOf(local.Date.AddDays(1), zone);
            }
            else if (!_hour.Has(local.Hour))
            {
                moment = moment.AddMinutes(60 - local.Minute);
            }
            else if (!_minute.Has(local.Minute))
            {
                moment = moment.AddMinutes(1);
            }
            else
            {
                return new DateTimeOffset(moment, TimeSpan.Zero);
            }
        }

        return null;
    }

    /// <summary>The first moment of a day: midnight, or later where the clocks jump over it, or the earlier one where it comes twice.</summary>
    private static DateTime StartOf(DateTime day, TimeZoneInfo zone)
    {
        while (zone.IsInvalidTime(day))
        {
            day = day.AddMinutes(1);
        }

        var offset = zone.IsAmbiguousTime(day) ? zone.GetAmbiguousTimeOffsets(day).Max() : zone.GetUtcOffset(day);
        return DateTime.SpecifyKind(day - offset, DateTimeKind.Utc);
    }

    /// <summary>When both days are given, either is enough.</summary>
    private bool HasDay(DateTime local)
    {
        var (day, weekday) = (_day.Has(local.Day), _weekday.Has((int)local.DayOfWeek));
        return _day.IsAny || _weekday.IsAny ? day && weekday : day || weekday;
    }
}
