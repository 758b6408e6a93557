using Kobune.Api.Metrics;
using Kobune.Api.Resource.V1;
using Kobune.Api.Resources;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.ControllerManager.Metrics;

/// <summary>Metrics of the controllers for devices. Source: pkg/controller/resourceclaim/metrics and pkg/controller/devicetainteviction/metrics.</summary>
internal sealed class ClaimMetrics
{
    private static readonly double[] DeletionBounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 30, 60, 120, 180, 240];

    private readonly NumberFamily _created = new("resourceclaim_controller_creates_total", "counter", "[ALPHA] Number of ResourceClaims creation requests, categorized by creation status and admin access", "admin_access", "status");
    private readonly NumberFamily _evictions = new("device_taint_eviction_controller_pod_deletions_total", "counter", "[ALPHA] Total number of Pods deleted by DeviceTaintEvictionController since its start.");
    private readonly HistogramFamily _evictionTimes = new("device_taint_eviction_controller_pod_deletion_duration_seconds", "[ALPHA] Latency, in seconds, between the time when a device taint effect has been activated and a Pod's deletion via DeviceTaintEvictionController.", DeletionBounds);
    private Func<IReadOnlyList<ResourceClaim>> _claims = () => [];

    public ClaimMetrics()
    {
        // What has no labels is there from the first moment, with 0.
        _evictions.Cell(default);
        _evictionTimes.Cell(default);
    }

    public IEnumerable<MetricFamily> Families =>
    [
        _created,
        _evictions,
        _evictionTimes,
        new ReadFamily(
            "resourceclaim_controller_resource_claims",
            "gauge",
            "[ALPHA] Number of ResourceClaims, categorized by allocation status, admin access, and source. Source can be 'resource_claim_template' (created from a template), 'extended_resource' (extended resources), or empty (manually created by a user).",
            () => Volatile.Read(ref _claims)().CountBy(c => new LabelValues(Text(IsForAdmin(c.Spec)), Text(c.Status.Allocation is not null), SourceOf(c))).Select(c => (c.Key, (double)c.Value)),
            "admin_access",
            "allocated",
            "source"),
    ];

    public void Follow(Func<IReadOnlyList<ResourceClaim>> claims) => Volatile.Write(ref _claims, claims);

    /// <summary>A claim was made from a template, or could not be.</summary>
    public void Created(ResourceClaimSpec spec, bool failed) => _created.Add(new(Text(IsForAdmin(spec)), failed ? "failure" : "success"));

    /// <summary>A pod was deleted for the taint of a device.</summary>
    public void Evicted(TimeSpan late)
    {
        _evictions.Add(default);
        _evictionTimes.Observe(default, late.TotalSeconds);
    }

    private static bool IsForAdmin(ResourceClaimSpec spec) => spec.Devices.Requests.Any(r => r.Exactly?.AdminAccess == true);

    private static string SourceOf(ResourceClaim claim) =>
        claim.Metadata.Annotations.GetValueOrDefault(ExtendedResources.ClaimAnnotation) == "true" ? "extended_resource"
        : claim.Metadata.Annotations.ContainsKey(PodDeviceClaims.PodClaimAnnotation) ? "resource_claim_template"
        : "";

    private static string Text(bool value) => value ? "true" : "false";
}
