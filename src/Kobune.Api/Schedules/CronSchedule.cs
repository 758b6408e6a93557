using Kobune.Api.Schema;

namespace Kobune.Api.Schedules;

/// <summary>
/// When a cron job is due: five fields, a name with an at sign, or "@every DURATION". The language and the times are those of robfig/cron v3, which
/// upstream uses: a time that the clocks jump over does not come, one that they pass twice comes twice.
/// </summary>
public abstract class CronSchedule
{
    private const string EveryPrefix = "@every ";

    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["@yearly"] = "0 0 1 1 *",
        ["@annually"] = "0 0 1 1 *",
        ["@monthly"] = "0 0 1 * *",
        ["@weekly"] = "0 0 * * 0",
        ["@daily"] = "0 0 * * *",
        ["@midnight"] = "0 0 * * *",
        ["@hourly"] = "0 * * * *",
    };

    private protected CronSchedule()
    {
    }

    /// <summary>Reads a schedule; null, and what is wrong in robfig/cron's words, when it is none. A time zone in it is not understood: that is a field of its own.</summary>
    public static CronSchedule? TryParse(string text, out string? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        problem = null;
        if (text.Length == 0)
        {
            problem = "empty spec string";
            return null;
        }

        return !text.StartsWith('@') ? CronFields.TryParse(text, out problem)
            : Names.TryGetValue(text, out var fields) ? CronFields.TryParse(fields, out problem)
            : Every(text, out problem);
    }

    /// <summary>The first time after a moment; null when none comes within five years.</summary>
    /// <param name="after">The moment.</param>
    /// <param name="zone">Where the fields are local time.</param>
    public abstract DateTimeOffset? Next(DateTimeOffset after, TimeZoneInfo zone);

    private static EverySchedule? Every(string text, out string? problem)
    {
        problem = null;
        if (!text.StartsWith(EveryPrefix, StringComparison.Ordinal))
        {
            problem = $"unrecognized descriptor: {text}";
            return null;
        }

        if (GoDuration.TryParse(text[EveryPrefix.Length..]) is not { } nanoseconds)
        {
            problem = $"failed to parse duration {text}: time: invalid duration \"{text[EveryPrefix.Length..]}\"";
            return null;
        }

        return new(TimeSpan.FromSeconds(Math.Max(1, nanoseconds / 1_000_000_000)));
    }

    /// <summary>A constant distance in whole seconds, from whatever moment it is asked for.</summary>
    private sealed class EverySchedule(TimeSpan distance) : CronSchedule
    {
        public override DateTimeOffset? Next(DateTimeOffset after, TimeZoneInfo zone) => after.AddTicks(-(after.Ticks % TimeSpan.TicksPerSecond)) + distance;
    }
}
