using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Metrics;

/// <summary>Measures one cycle: each extension point, and in a cycle that is looked at closely each plugin. Upstream looks closely at one of ten.</summary>
internal sealed class CycleMeter(SchedulerMetrics metrics, string profile, TimeProvider time, bool isClose)
{
    /// <summary>When the cycle began.</summary>
    public long Began { get; } = time.GetTimestamp();

    /// <summary>How long the cycle has taken.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(Began);

    public long Now() => time.GetTimestamp();

    /// <summary>The clock of <see cref="Plugin"/>.</summary>
    public long PluginStart() => isClose ? time.GetTimestamp() : 0;

    /// <summary>All plugins of a point have run.</summary>
    public void Point(string point, Status? status, long since) => metrics.PointRan(point, profile, NameOf(status), time.GetElapsedTime(since));

    /// <summary>One plugin has run.</summary>
    public void Plugin(string point, IPlugin plugin, Status? status, long since)
    {
        if (isClose)
        {
            metrics.PluginRan(point, plugin.Name, NameOf(status), time.GetElapsedTime(since));
        }
    }

    private static string NameOf(Status? status) => status?.Code.ToString() ?? "Success";
}
