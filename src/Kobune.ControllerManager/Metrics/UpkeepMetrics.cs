using Kobune.Api.Metrics;
using Kobune.Client;

namespace Kobune.ControllerManager.Metrics;

/// <summary>Metrics of the controllers that clear away and fill in: garbage collector, pod garbage collector, taint eviction, ended Jobs, ephemeral volumes, root certificates.</summary>
internal sealed class UpkeepMetrics
{
    private static readonly double[] DeletionBounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 30, 60, 120, 180, 240];
    private static readonly double[] JobBounds = HistogramFamily.Exponential(0.1, 2, 14);
    private static readonly double[] SyncBounds = HistogramFamily.Exponential(0.001, 2, 15);

    private readonly NumberFamily _syncErrors = new("garbagecollector_controller_resources_sync_error_total", "counter", "[ALPHA] Number of garbage collector resources sync errors");
    private readonly NumberFamily _forced = new("pod_gc_collector_force_delete_pods_total", "counter", "[ALPHA] Number of pods that are being forcefully deleted since the Pod GC Controller started.", "namespace", "reason");
    private readonly NumberFamily _forceErrors = new("pod_gc_collector_force_delete_pod_errors_total", "counter", "[ALPHA] Number of errors encountered when forcefully deleting the pods since the Pod GC Controller started.", "namespace", "reason");
    private readonly NumberFamily _evictions = new("taint_eviction_controller_pod_deletions_total", "counter", "[ALPHA] Total number of Pods deleted by TaintEvictionController since its start.");
    private readonly HistogramFamily _evictionTimes = new("taint_eviction_controller_pod_deletion_duration_seconds", "[ALPHA] Latency, in seconds, between the time when a taint effect has been activated for the Pod and its deletion via TaintEvictionController.", DeletionBounds);
    private readonly HistogramFamily _jobDeletions = new("ttl_after_finished_controller_job_deletion_duration_seconds", "[ALPHA] The time it took to delete the job since it became eligible for deletion", JobBounds);
    private readonly NumberFamily _claims = new("ephemeral_volume_controller_create_total", "counter", "[ALPHA] Number of PersistentVolumeClaim creation requests");
    private readonly NumberFamily _claimFailures = new("ephemeral_volume_controller_create_failures_total", "counter", "[ALPHA] Number of PersistentVolumeClaim creation requests");
    private readonly NumberFamily _certificates = new("root_ca_cert_publisher_sync_total", "counter", "[ALPHA] Number of namespace syncs happened in root ca cert publisher.", "code");
    private readonly HistogramFamily _certificateTimes = new("root_ca_cert_publisher_sync_duration_seconds", "[ALPHA] Number of namespace syncs happened in root ca cert publisher.", SyncBounds, "code");

    private readonly NumberFamily _bundles = new("clustertrustbundle_publisher_sync_total", "counter", "[ALPHA] Number of syncs that occurred in cluster trust bundle publisher.", "code");
    private readonly HistogramFamily _bundleTimes = new("clustertrustbundle_publisher_sync_duration_seconds", "[ALPHA] The time it took to sync a cluster trust bundle.", SyncBounds, "code");

    public UpkeepMetrics()
    {
        // What has no labels is there from the first moment, with 0.
        foreach (var family in new[] { _syncErrors, _evictions, _claims, _claimFailures })
        {
            family.Cell(default);
        }

        _evictionTimes.Cell(default);
        _jobDeletions.Cell(default);
    }

    public IEnumerable<MetricFamily> Families => [_syncErrors, _forced, _forceErrors, _evictions, _evictionTimes, _jobDeletions, _claims, _claimFailures, _certificates, _certificateTimes, _bundles, _bundleTimes];

    /// <summary>The garbage collector does not know all kinds, or could not list one.</summary>
    public void KindsUnknown() => _syncErrors.Add(default);

    /// <summary>A pod is deleted at once; <paramref name="reason"/> is terminated, out-of-service, orphaned or unscheduled.</summary>
    public void PodForced(string ns, string reason) => _forced.Add(new(ns, reason));

    public void PodForceFailed(string ns, string reason) => _forceErrors.Add(new(ns, reason));

    public void PodEvicted(TimeSpan late)
    {
        _evictions.Add(default);
        _evictionTimes.Observe(default, late.TotalSeconds);
    }

    public void JobDeleted(TimeSpan late) => _jobDeletions.Observe(default, late.TotalSeconds);

    public void ClaimAsked() => _claims.Add(default);

    public void ClaimFailed() => _claimFailures.Add(default);

    /// <summary>A namespace's root certificate was looked at; the code is that of the error, 200 without one.</summary>
    public void CertificateSynced(Exception? error, TimeSpan elapsed)
    {
        var labels = CodeOf(error);
        _certificates.Add(labels);
        _certificateTimes.Observe(labels, elapsed.TotalSeconds);
    }

    /// <summary>The bundle of the API server's authority was looked at.</summary>
    public void TrustBundleSynced(Exception? error, TimeSpan elapsed)
    {
        var labels = CodeOf(error);
        _bundles.Add(labels);
        _bundleTimes.Observe(labels, elapsed.TotalSeconds);
    }

    private static LabelValues CodeOf(Exception? error) => new(error is null ? "200" : error is ApiException api ? $"{api.Code}" : "500");
}
