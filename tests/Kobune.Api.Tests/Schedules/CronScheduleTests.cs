using System.Globalization;
using Kobune.Api.Schedules;

namespace Kobune.Api.Tests.Schedules;

public class CronScheduleTests
{
    /// <summary>New York's rules, whether the system has data of time zones or not: forward at 2:00 on the second Sunday of March, back at 2:00 on the first of November.</summary>
    private static readonly TimeZoneInfo NewYork = Zone(
        "New York", -5, TimeZoneInfo.TransitionTime.CreateFloatingDateRule(At(2), 3, 2, DayOfWeek.Sunday), TimeZoneInfo.TransitionTime.CreateFloatingDateRule(At(2), 11, 1, DayOfWeek.Sunday));

    /// <summary>A zone whose clocks go forward at midnight (1 April) and back at midnight (1 October), as some once did.</summary>
    private static readonly TimeZoneInfo Midnight = Zone(
        "Midnight", 3, TimeZoneInfo.TransitionTime.CreateFixedDateRule(At(0), 4, 1), TimeZoneInfo.TransitionTime.CreateFixedDateRule(At(0), 10, 1));

    [Theory]
    [InlineData("* * * * *", "2026-03-01T12:00:00", "2026-03-01T12:01:00")]
    [InlineData("* * * * *", "2026-03-01T12:00:59.5", "2026-03-01T12:01:00")]
    [InlineData("? ? ? ? ?", "2026-03-01T12:00:30", "2026-03-01T12:01:00")]
    [InlineData("*/15 * * * *", "2026-03-01T12:00:00", "2026-03-01T12:15:00")]
    [InlineData("*/15 * * * *", "2026-03-01T12:45:00", "2026-03-01T13:00:00")]
    [InlineData("20-35/15 * * * *", "2026-03-01T12:21:00", "2026-03-01T12:35:00")]
    [InlineData("20-35/15 * * * *", "2026-03-01T12:35:00", "2026-03-01T13:20:00")]
    [InlineData("40/15 * * * *", "2026-03-01T12:41:00", "2026-03-01T12:55:00")]
    [InlineData("5,10,, * * * *", "2026-03-01T12:05:00", "2026-03-01T12:10:00")]
    [InlineData("30 8-10 * * *", "2026-03-01T10:30:00", "2026-03-02T08:30:00")]
    [InlineData("0 0 1 1 *", "2026-03-01T12:00:00", "2027-01-01T00:00:00")]
    [InlineData("0 0 29 2 *", "2026-03-01T12:00:00", "2028-02-29T00:00:00")]
    [InlineData("0 0 29 feb ?", "2025-03-01T12:00:00", "2028-02-29T00:00:00")]
    [InlineData("59 23 31 2 *", "2026-03-01T12:00:00", null)]
    [InlineData("0 0 29 2 *", "2096-03-01T00:00:00", null)] // 2100 has no leap day, and 2104 is too far away
    [InlineData("0 0 * * mon", "2026-03-01T12:00:00", "2026-03-02T00:00:00")]
    [InlineData("0 0 * * MON-fri", "2026-03-06T12:00:00", "2026-03-09T00:00:00")]
    [InlineData("0 0 13 * fri", "2026-03-01T00:00:00", "2026-03-06T00:00:00")] // either day is enough
    [InlineData("0 0 13 * fri", "2026-04-11T00:00:00", "2026-04-13T00:00:00")]
    [InlineData("0 0 13 * *", "2026-03-01T00:00:00", "2026-03-13T00:00:00")]
    [InlineData("0 0 */2 * sun", "2026-03-02T00:00:00", "2026-03-03T00:00:00")] // a star with a step is no star
    [InlineData("0 0 */1 * sun", "2026-03-02T00:00:00", "2026-03-08T00:00:00")]
    [InlineData("0 12 1 JAN,jul *", "2026-03-01T00:00:00", "2026-07-01T12:00:00")]
    [InlineData("@yearly", "2026-03-01T12:00:00", "2027-01-01T00:00:00")]
    [InlineData("@annually", "2026-03-01T12:00:00", "2027-01-01T00:00:00")]
    [InlineData("@monthly", "2026-03-01T12:00:00", "2026-04-01T00:00:00")]
    [InlineData("@weekly", "2026-03-02T12:00:00", "2026-03-08T00:00:00")]
    [InlineData("@daily", "2026-03-01T12:00:00", "2026-03-02T00:00:00")]
    [InlineData("@midnight", "2026-03-01T12:00:00", "2026-03-02T00:00:00")]
    [InlineData("@hourly", "2026-03-01T12:00:00", "2026-03-01T13:00:00")]
    [InlineData("@every 1h30m", "2026-03-01T12:00:10.7", "2026-03-01T13:30:10")]
    [InlineData("@every 10ms", "2026-03-01T12:00:00", "2026-03-01T12:00:01")]
    [InlineData("@every 1500ms", "2026-03-01T12:00:00", "2026-03-01T12:00:01")]
    public void The_next_time_in_UTC(string schedule, string after, string? expected) => Next(schedule, after + "Z", TimeZoneInfo.Utc, expected is null ? null : expected + "Z");

    [Theory]
    [InlineData("30 9 * * *", "2026-03-01T09:30:00-05:00", "2026-03-02T09:30:00-05:00")]
    [InlineData("30 9 * * *", "2026-03-07T10:00:00-05:00", "2026-03-08T09:30:00-04:00")] // forward on 8 March at 2:00
    [InlineData("30 2 * * *", "2026-03-07T10:00:00-05:00", "2026-03-09T02:30:00-04:00")] // 2:30 does not come on that day
    [InlineData("0 3 * * *", "2026-03-07T10:00:00-05:00", "2026-03-08T03:00:00-04:00")]
    [InlineData("0 * * * *", "2026-03-08T01:00:00-05:00", "2026-03-08T03:00:00-04:00")]
    [InlineData("*/30 1-3 * * *", "2026-03-08T01:30:00-05:00", "2026-03-08T03:00:00-04:00")]
    [InlineData("30 1 * * *", "2026-11-01T00:00:00-04:00", "2026-11-01T01:30:00-04:00")] // back on 1 November at 2:00
    [InlineData("30 1 * * *", "2026-11-01T01:45:00-04:00", "2026-11-01T01:30:00-05:00")] // 1:30 comes twice
    [InlineData("0 * * * *", "2026-11-01T01:00:00-04:00", "2026-11-01T01:00:00-05:00")]
    [InlineData("30 2 * * *", "2026-11-01T01:45:00-04:00", "2026-11-01T02:30:00-05:00")]
    [InlineData("0 0 * * *", "2026-11-01T01:45:00-04:00", "2026-11-02T00:00:00-05:00")]
    public void The_next_time_where_clocks_jump(string schedule, string after, string expected) => Next(schedule, after, NewYork, expected);

    [Theory]
    [InlineData("0 9 * * *", "2026-03-31T10:00:00+03:00", "2026-04-01T09:00:00+04:00")]
    [InlineData("0 9 1 4 *", "2026-03-31T10:00:00+03:00", "2026-04-01T09:00:00+04:00")]
    [InlineData("0 1 * * *", "2026-03-31T10:00:00+03:00", "2026-04-01T01:00:00+04:00")]
    [InlineData("0 0 * * *", "2026-03-31T10:00:00+03:00", "2026-04-02T00:00:00+04:00")] // there is no midnight on 1 April
    [InlineData("0 0 1 10 *", "2026-09-01T00:00:00+04:00", "2026-10-01T00:00:00+03:00")] // the day starts when the hour before has come twice
    [InlineData("30 23 * * *", "2026-09-30T23:45:00+04:00", "2026-09-30T23:30:00+03:00")]
    public void The_next_time_where_clocks_jump_at_midnight(string schedule, string after, string expected) => Next(schedule, after, Midnight, expected);

    [Theory]
    [InlineData("", "empty spec string")]
    [InlineData("* * * *", "expected exactly 5 fields, found 4: [* * * *]")]
    [InlineData("* * * * * *", "expected exactly 5 fields, found 6: [* * * * * *]")]
    [InlineData("60 * * * *", "end of range (60) above maximum (59): 60")]
    [InlineData("* * 0 * *", "beginning of range (0) below minimum (1): 0")]
    [InlineData("* * * * 7", "end of range (7) above maximum (6): 7")]
    [InlineData("* * * foo *", "failed to parse int from foo: strconv.Atoi: parsing \"foo\": invalid syntax")]
    [InlineData("1-2-3 * * * *", "too many hyphens: 1-2-3")]
    [InlineData("1/2/3 * * * *", "too many slashes: 1/2/3")]
    [InlineData("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1")]
    [InlineData("*/0 * * * *", "step of range should be a positive number: */0")]
    [InlineData("*/-2 * * * *", "negative number (-2) not allowed: -2")]
    [InlineData("@never", "unrecognized descriptor: @never")]
    [InlineData("@every soon", "failed to parse duration @every soon: time: invalid duration \"soon\"")]
    [InlineData("TZ=UTC * * * *", "failed to parse int from TZ=UTC: strconv.Atoi: parsing \"TZ=UTC\": invalid syntax")]
    public void What_is_no_schedule_is_refused(string text, string expected)
    {
        Assert.Null(CronSchedule.TryParse(text, out var problem));
        Assert.Equal(expected, problem);
    }

    [Theory]
    [InlineData("UTC", true)]
    [InlineData("Etc/UTC", true)]
    [InlineData("", false)]
    [InlineData("Europe/Nowhere", false)]
    [InlineData("../../etc/passwd", false)]
    [InlineData("/usr/share/zoneinfo/UTC", false)]
    public void A_time_zone_is_found_by_its_name(string name, bool found) => Assert.Equal(found, TimeZones.Find(name) is not null);

    private static void Next(string schedule, string after, TimeZoneInfo zone, string? expected)
    {
        var parsed = CronSchedule.TryParse(schedule, out var problem);
        Assert.Null(problem);
        var next = parsed!.Next(Time(after), zone);
        Assert.Equal(expected is null ? null : Time(expected), next);
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static DateTime At(int hour) => new(1, 1, 1, hour, 0, 0);

    private static TimeZoneInfo Zone(string name, int hours, TimeZoneInfo.TransitionTime start, TimeZoneInfo.TransitionTime end) => TimeZoneInfo.CreateCustomTimeZone(
        name, TimeSpan.FromHours(hours), name, name, name, [TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(DateTime.MinValue.Date, DateTime.MaxValue.Date, TimeSpan.FromHours(1), start, end)]);
}
