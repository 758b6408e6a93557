namespace Kobune.Api.Schedules;

/// <summary>Time zones by their IANA names, from the system's data.</summary>
public static class TimeZones
{
    /// <summary>A zone; null when the name is none, or the system has no data of it. UTC is there without data.</summary>
    public static TimeZoneInfo? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name is "UTC" or "Etc/UTC")
        {
            return TimeZoneInfo.Utc;
        }

        // As Go's LoadLocation: no name leads out of the folder of zones.
        return name.Length == 0 || name[0] is '/' or '\\' || name.Contains("..", StringComparison.Ordinal) || !TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? null : zone;
    }
}
