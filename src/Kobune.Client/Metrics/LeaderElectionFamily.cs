using Kobune.Api.Metrics;

namespace Kobune.Client.Metrics;

/// <summary>Who leads, with upstream's name (component-base, metrics/prometheus/clientgo/leaderelection).</summary>
public static class LeaderElectionFamily
{
    /// <summary>The family of one lease; without a sample while there is no election.</summary>
    /// <param name="lease">The lease's name.</param>
    /// <param name="leads">Whether this program leads; null for no election.</param>
    public static MetricFamily Of(string lease, Func<Func<bool>?> leads)
    {
        ArgumentNullException.ThrowIfNull(leads);
        return new ReadFamily(
            "leader_election_master_status",
            "gauge",
            "[ALPHA] Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master. 'name' is the string used to identify the lease. Please make sure to group by name.",
            () => leads() is { } isLeader ? [(new LabelValues(lease), isLeader() ? 1.0 : 0.0)] : [],
            "name");
    }
}
