using System.Globalization;

namespace Kobune.ApiServer.Tables;

/// <summary>Ages as kubectl shows them: two units at most, coarser with age. Source: k8s.io/apimachinery, util/duration.</summary>
internal static class HumanDuration
{
    /// <summary>"&lt;unknown&gt;" without a time, else how long ago it was.</summary>
    public static string Since(DateTimeOffset? time, DateTimeOffset now) => time is { } t ? Format(now - t) : "<unknown>";

    /// <summary>"45s", "3m20s", "7h5m", "2d3h", "1y30d".</summary>
    public static string Format(TimeSpan duration)
    {
        var seconds = (long)duration.TotalSeconds;
        if (seconds < -1)
        {
            return "<invalid>";
        }

        seconds = Math.Max(seconds, 0);
        var minutes = seconds / 60;
        var hours = minutes / 60;
        return (seconds, minutes, hours) switch
        {
            ( < 120, _, _) => Text(seconds, "s", 0, ""),
            (_, < 10, _) => Text(minutes, "m", seconds % 60, "s"),
            (_, < 180, _) => Text(minutes, "m", 0, ""),
            (_, _, < 8) => Text(hours, "h", minutes % 60, "m"),
            (_, _, < 48) => Text(hours, "h", 0, ""),
            (_, _, < 192) => Text(hours / 24, "d", hours % 24, "h"),
            (_, _, < 17520) => Text(hours / 24, "d", 0, ""),
            (_, _, < 70080) => Text(hours / 24 / 365, "y", hours / 24 % 365, "d"),
            _ => Text(hours / 24 / 365, "y", 0, ""),
        };
    }

    private static string Text(long large, string largeUnit, long small, string smallUnit) => small == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{large}{largeUnit}")
        : string.Create(CultureInfo.InvariantCulture, $"{large}{largeUnit}{small}{smallUnit}");
}
