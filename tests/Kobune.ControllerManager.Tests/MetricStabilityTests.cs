using System.Text;
using Kobune.Api.Core.V1;
using Kobune.Client.Metrics;
using Kobune.ControllerManager.Metrics;

namespace Kobune.ControllerManager.Tests;

/// <summary>What upstream's release 1.36 promises of each family.</summary>
public class MetricStabilityTests
{
    [Theory]
    [InlineData("endpoint_slice_controller_endpoints_added_per_sync", "BETA")]
    [InlineData("endpoint_slice_controller_endpoints_removed_per_sync", "BETA")]
    [InlineData("endpoint_slice_controller_endpoints_desired", "BETA")]
    [InlineData("endpoint_slice_controller_num_endpoint_slices", "BETA")]
    [InlineData("endpoint_slice_controller_desired_endpoint_slices", "BETA")]
    [InlineData("endpoint_slice_controller_services_count_by_traffic_distribution", "BETA")]
    [InlineData("endpoint_slice_controller_changes", "ALPHA")]
    [InlineData("endpoint_slice_controller_syncs", "ALPHA")]
    [InlineData("endpoint_slice_mirroring_controller_endpoints_added_per_sync", "ALPHA")]
    [InlineData("endpoint_slice_mirroring_controller_endpoints_desired", "ALPHA")]
    [InlineData("horizontal_pod_autoscaler_controller_reconciliations_total", "BETA")]
    [InlineData("horizontal_pod_autoscaler_controller_reconciliation_duration_seconds", "BETA")]
    [InlineData("horizontal_pod_autoscaler_controller_metric_computation_total", "BETA")]
    [InlineData("horizontal_pod_autoscaler_controller_metric_computation_duration_seconds", "BETA")]
    [InlineData("horizontal_pod_autoscaler_controller_num_horizontal_pod_autoscalers", "ALPHA")]
    [InlineData("statefulset_controller_statefulset_max_unavailable", "BETA")]
    [InlineData("statefulset_controller_statefulset_unavailable_replicas", "BETA")]
    [InlineData("job_controller_pod_failures_handled_by_failure_policy_total", "BETA")]
    [InlineData("job_controller_terminated_pods_tracking_finalizer_total", "BETA")]
    [InlineData("job_controller_job_syncs_total", "STABLE")]
    [InlineData("job_controller_job_pods_creation_total", "ALPHA")]
    [InlineData("node_collector_evictions_total", "STABLE")]
    [InlineData("node_collector_update_all_nodes_health_duration_seconds", "ALPHA")]
    [InlineData("daemonset_controller_stale_sync_skips_total", "ALPHA")]
    [InlineData("job_controller_stale_sync_skips_total", "ALPHA")]
    [InlineData("replicaset_controller_stale_sync_skips_total", "ALPHA")]
    [InlineData("statefulset_controller_stale_sync_skips_total", "ALPHA")]
    [InlineData("workqueue_depth", "BETA")]
    [InlineData("volume_operation_errors_total", "ALPHA")]
    [InlineData("volume_operation_total_errors", "ALPHA] (Deprecated since 1.36.0")]
    public void Level(string name, string level) => Assert.Matches($@"# HELP {name} \[{System.Text.RegularExpressions.Regex.Escape(level)}[\])] ", Text(new()));

    [Fact]
    public void Requests_of_clients()
    {
        var text = new StringBuilder();
        foreach (var family in new RequestMetrics("10.0.0.1:6443", TimeProvider.System).Families)
        {
            family.Write(text);
        }

        Assert.Contains("# HELP rest_client_requests_total [BETA] ", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("# HELP rest_client_request_duration_seconds [BETA] ", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Failed_volume_operations_are_counted_under_both_names()
    {
        var metrics = new ControllerManagerMetrics();
        metrics.Volumes.NotProvisioned("");
        metrics.Volumes.NotDeleted(new PersistentVolume { Metadata = new() { Name = "v" }, Spec = new() { CSI = new() { Driver = "d" } } });
        var text = Text(metrics);
        foreach (var name in (string[])["volume_operation_total_errors", "volume_operation_errors_total"])
        {
            Assert.Contains(name + "{operation_name=\"provision\",plugin_name=\"N/A\"} 1\n", text, StringComparison.Ordinal);
            Assert.Contains(name + "{operation_name=\"delete\",plugin_name=", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Nodes_are_counted_in_their_zones_but_for_those_that_do_not_count()
    {
        static Node In(string ready, params string[] labels) => new()
        {
            Metadata = new() { Labels = labels.ToDictionary(l => l.Split('=')[0], l => l.Split('=')[1]) },
            Status = new() { Conditions = [new() { Type = "Ready", Status = ready }] },
        };
        var metrics = new ControllerManagerMetrics();
        metrics.Nodes.Follow(() => [In("True"), In("False", "node.kubernetes.io/exclude-disruption="), In("True", "topology.kubernetes.io/zone=z"), In("False", "failure-domain.beta.kubernetes.io/zone=z")]);
        var text = Text(metrics);
        Assert.Contains("node_collector_zone_size{zone=\"\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("node_collector_zone_size{zone=\":\0:z\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("node_collector_unhealthy_nodes_in_zone{zone=\"\"} 0\n", text, StringComparison.Ordinal);
        Assert.Contains("node_collector_zone_health{zone=\":\0:z\"} 50\n", text, StringComparison.Ordinal);
    }

    private static string Text(ControllerManagerMetrics metrics)
    {
        var text = new StringBuilder();
        foreach (var family in metrics.Families)
        {
            family.Write(text);
        }

        return text.ToString();
    }
}
