using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.Api.Schema;
using HorizontalPodAutoscaler = Kobune.Api.Autoscaling.V2.HorizontalPodAutoscaler;

namespace Kobune.Testing.Tests.Metrics;

/// <summary>ReplicaSets, StatefulSets, cron jobs and autoscalers are counted.</summary>
public sealed class WorkloadMetricsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_ages_of_ready_pods_that_go_are_measured_by_the_youngest()
    {
        await using var cluster = await MeteredCluster.StartAsync();
        await cluster.CreateAsync(Manifests.Deployment("web", 1));
        await cluster.PassAsync(100);
        await ScaleAsync(cluster, 2);
        await cluster.PassAsync(60);
        Assert.Equal(0, cluster.Value("replicaset_controller_sorting_deletion_age_ratio_count"));
        await ScaleAsync(cluster, 1);
        await cluster.PassAsync();
        Assert.Equal(1, cluster.Value("replicaset_controller_sorting_deletion_age_ratio_count"));
        Assert.Equal(1, cluster.Value("replicaset_controller_sorting_deletion_age_ratio_sum"));
        await ScaleAsync(cluster, 0); // all go: nothing is chosen
        await cluster.PassAsync();
        Assert.Equal(1, cluster.Value("replicaset_controller_sorting_deletion_age_ratio_count"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stateful_set_shows_how_many_may_be_and_are_unavailable_where_that_is_on(bool isOn)
    {
        var gates = FeatureGates.Parse(KubernetesVersion.Newest, $"MaxUnavailableStatefulSet={isOn.ToString().ToLowerInvariant()}");
        await using var cluster = await MeteredCluster.StartAsync(features: gates);
        var labels = new Dictionary<string, string> { ["app"] = "db" };
        await cluster.CreateAsync(new StatefulSet
        {
            Metadata = new() { Name = "db", Namespace = "default" },
            Spec = new()
            {
                Replicas = 4,
                Selector = new() { MatchLabels = labels },
                PodManagementPolicy = "Parallel",
                UpdateStrategy = new() { Type = "RollingUpdate", RollingUpdate = new() { MaxUnavailable = 2 } },
                Template = Manifests.Template("db", "Always", ("ready", "false")),
            },
        });
        await cluster.PassAsync(5);
        string[] Expected(int value) => isOn ? [$"{{pod_management_policy=Parallel,statefulset_name=db,statefulset_namespace=default}} {value}"] : [];
        Assert.Equal(Expected(2), cluster.Samples("statefulset_controller_statefulset_max_unavailable"));
        Assert.Equal(Expected(4), cluster.Samples("statefulset_controller_statefulset_unavailable_replicas"));
    }

    [Fact]
    public async Task A_cron_job_measures_how_late_its_jobs_are()
    {
        await using var cluster = await MeteredCluster.StartAsync();
        await cluster.CreateAsync(Manifests.CronJob("c", "* * * * *"));
        await cluster.PassAsync(150);
        Assert.Equal(2, cluster.Value("cronjob_controller_job_creation_skew_duration_seconds_count"));
    }

    [Fact]
    public async Task An_autoscaler_counts_its_looks_and_its_metrics_by_what_came_of_them()
    {
        var used = "150m";
        await using var cluster = await MeteredCluster.StartAsync(o => o with
        {
            SimulatedNodes = n => n with { Usage = (_, _) => new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse(used), ["memory"] = Quantity.Parse("10Mi") } },
        });
        await cluster.CreateAsync(Manifests.Deployment("web", 1));
        await cluster.CreateAsync(Autoscaler("web", new() { Type = "Resource", Resource = new() { Name = "cpu", Target = new() { Type = "Utilization", AverageUtilization = 75 } } }));
        await cluster.CreateAsync(Autoscaler("lost", new() { Type = "Resource", Resource = new() { Name = "cpu", Target = new() { Type = "Utilization", AverageUtilization = 75 } } }));
        await cluster.PassAsync(600);
        Assert.Equal(2, cluster.Value("horizontal_pod_autoscaler_controller_num_horizontal_pod_autoscalers"));
        Assert.Equal(["{hpa_name=lost,namespace=default} 0", "{hpa_name=web,namespace=default} 5"], cluster.Samples("horizontal_pod_autoscaler_controller_desired_replicas"));
        Assert.True(cluster.Value("horizontal_pod_autoscaler_controller_reconciliations_total{action=\"scale_up\",error=\"none\"}") >= 2);
        Assert.True(cluster.Value("horizontal_pod_autoscaler_controller_reconciliations_total{action=\"none\",error=\"internal\"}") >= 40, "the target that is not there");
        Assert.True(cluster.Value("horizontal_pod_autoscaler_controller_metric_computation_total{action=\"scale_up\",error=\"none\",metric_type=\"Resource\"}") >= 2);
        Assert.Equal(
            cluster.Value("horizontal_pod_autoscaler_controller_reconciliations_total{action=\"scale_up\",error=\"none\"}"),
            cluster.Value("horizontal_pod_autoscaler_controller_reconciliation_duration_seconds_count{action=\"scale_up\",error=\"none\"}"));

        used = "20m";
        await cluster.PassAsync(420);
        Assert.True(cluster.Value("horizontal_pod_autoscaler_controller_reconciliations_total{action=\"scale_down\",error=\"none\"}") >= 1);
        Assert.True(cluster.Value("horizontal_pod_autoscaler_controller_metric_computation_duration_seconds_count{action=\"scale_down\",error=\"none\",metric_type=\"Resource\"}") >= 1);
        await cluster.Client.DeleteAsync<HorizontalPodAutoscaler>("default", "web", null, Ct);
        await cluster.PassAsync();
        Assert.Equal(["{hpa_name=lost,namespace=default} 0"], cluster.Samples("horizontal_pod_autoscaler_controller_desired_replicas"));
    }

    private static HorizontalPodAutoscaler Autoscaler(string target, Api.Autoscaling.V2.MetricSpec metric) => new()
    {
        Metadata = new() { Name = target, Namespace = "default" },
        Spec = new() { ScaleTargetRef = new() { APIVersion = "apps/v1", Kind = "Deployment", Name = target }, MinReplicas = 1, MaxReplicas = 5, Metrics = [metric] },
    };

    private static async Task ScaleAsync(MeteredCluster cluster, int replicas)
    {
        var live = await cluster.Client.GetAsync<Deployment>("default", "web", Ct);
        await cluster.Client.UpdateAsync(live with { Spec = live.Spec with { Replicas = replicas } }, Ct);
    }
}
