using Kobune.Api.Metrics;

namespace Kobune.ApiServer.Audit;

/// <summary>apiserver_audit_*, with upstream's names (k8s.io/apiserver, audit/metrics.go).</summary>
internal sealed class AuditMetrics
{
    private readonly NumberFamily _events = new("apiserver_audit_event_total", "counter", "[ALPHA] Counter of audit events generated and sent to the audit backend.");
    private readonly NumberFamily _errors = new("apiserver_audit_error_total", "counter", "[ALPHA] Counter of audit events that failed to be audited properly. Plugin identifies the plugin affected by the error.", "plugin");
    private readonly NumberFamily _levels = new("apiserver_audit_level_total", "counter", "[ALPHA] Counter of policy levels for audit events (1 per request).", "level");
    private readonly NumberFamily _rejected = new("apiserver_audit_requests_rejected_total", "counter", "[ALPHA] Counter of apiserver requests rejected due to an error in audit logging backend.");
    private readonly long[] _eventCount;
    private readonly long[] _rejectedCount;
    private readonly long[][] _levelCounts;

    public AuditMetrics()
    {
        (_eventCount, _rejectedCount) = (_events.Cell(new()), _rejected.Cell(new()));
        _levelCounts = [.. Enum.GetValues<AuditLevel>().Select(l => _levels.Cell(new(l.ToString())))];
    }

    public IEnumerable<MetricFamily> Families => [_events, _errors, _levels, _rejected];

    public void Event() => Interlocked.Increment(ref _eventCount[0]);

    public void Level(AuditLevel level) => Interlocked.Increment(ref _levelCounts[(int)level][0]);

    public void Lost(string plugin, int events) => _errors.Add(new(plugin), events);

    public void Rejected() => Interlocked.Increment(ref _rejectedCount[0]);
}
