using System.Text;
using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Autoscaling.V2;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>The autoscaler over a server whose metrics the test gives.</summary>
public sealed class AutoscalerTests : IAsyncLifetime
{
    private TestCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await TestCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_busy_deployment_grows_and_says_why()
    {
        _cluster.Metrics = request => request.StartsWith("/apis/metrics.k8s.io/v1beta1/namespaces/default/pods?", StringComparison.Ordinal) ? MetricsOf("900m") : null;
        await DeployAsync("500m");
        await AutoscaleAsync();
        await _cluster.Sees<Deployment>("default", "four replicas", all => all.Any(d => d.Spec.Replicas == 4));
        await _cluster.Sees<Event>("default", "the event", all => all.Any(e => e.Reason == "SuccessfulRescale" && e.Message == "New size: 4; reason: cpu resource utilization (percentage of request) above target"));
        var scaled = (await _cluster.Sees<HorizontalPodAutoscaler>("default", "its status", all => all.Any(a => a.Status.DesiredReplicas == 4))).Single();
        Assert.Equal((180, "900m"), (scaled.Status.CurrentMetrics.Single().Resource!.Current.AverageUtilization, scaled.Status.CurrentMetrics.Single().Resource!.Current.AverageValue?.ToString()));
        Assert.Equal(
            ["AbleToScale True SucceededRescale the HPA controller was able to update the target scale to 4", "ScalingActive True ValidMetricFound the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)", "ScalingLimited False DesiredWithinRange the desired count is within the acceptable range"],
            scaled.Status.Conditions.Select(c => $"{c.Type} {c.Status} {c.Reason} {c.Message}").Order(StringComparer.Ordinal));
        Assert.NotNull(scaled.Status.LastScaleTime);
    }

    [Fact]
    public async Task Without_metrics_nothing_is_done_and_the_reason_told()
    {
        await DeployAsync("500m");
        await AutoscaleAsync();
        await _cluster.Sees<Event>("default", "both events", all =>
            all.Any(e => e.Reason == "FailedGetResourceMetric" && e.Message == "failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource")
            && all.Any(e => e.Reason == "FailedComputeMetricsReplicas" && e.Message.StartsWith("invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: failed to get cpu utilization: ", StringComparison.Ordinal)));
        var told = (await _cluster.Sees<HorizontalPodAutoscaler>("default", "a condition", all => all.Any(a => a.Status.Conditions.Any(c => c.Type == "ScalingActive" && c.Status == "False")))).Single();
        Assert.Equal("FailedGetResourceMetric", told.Status.Conditions.Single(c => c.Type == "ScalingActive").Reason);
        Assert.Equal((1, new MetricStatus()), (told.Status.CurrentReplicas, Assert.Single(told.Status.CurrentMetrics))); // a metric that cannot be had is there without a type
    }

    [Fact]
    public async Task Two_autoscalers_of_the_same_pods_do_nothing_and_say_so()
    {
        _cluster.Metrics = request => request.StartsWith("/apis/metrics.k8s.io/v1beta1/namespaces/default/pods?", StringComparison.Ordinal) ? MetricsOf("500m") : null;
        await DeployAsync("500m");
        await AutoscaleAsync();
        var first = (await _cluster.Sees<HorizontalPodAutoscaler>("default", "a working autoscaler", all => all.Any(a => a.Status.Conditions.Any(c => c.Type == "AbleToScale")))).Single();
        await _cluster.Admin.CreateAsync(first with { Metadata = new ObjectMeta { Name = "z", Namespace = "default" }, Status = new() }, default);
        var message = $"pods by selector app=web are controlled by multiple HPAs: [{{{first.Metadata.Name} default}} {{z default}}]";
        await _cluster.Sees<Event>("default", "the event", all => all.Any(e => e.Reason == "AmbiguousSelector" && e.Message == message));
        var told = await _cluster.Sees<HorizontalPodAutoscaler>("default", "the condition", all => all.Any(a => a.Metadata.Name == "z" && a.Status.Conditions.Any(c => c is { Type: "ScalingActive", Status: "False", Reason: "AmbiguousSelector" })));
        Assert.Equal(message, told.Single(a => a.Metadata.Name == "z").Status.Conditions.Single(c => c.Type == "ScalingActive").Message);
    }

    [Fact]
    public async Task A_target_that_is_not_there_is_named()
    {
        await AutoscaleAsync();
        var told = (await _cluster.Sees<HorizontalPodAutoscaler>("default", "a condition", all => all.Any(a => a.Status.Conditions.Count > 0))).Single();
        Assert.Equal(("AbleToScale", "False", "FailedGetScale", "the HPA controller was unable to get the target's current scale: deployments.apps \"web\" not found"), (told.Status.Conditions[0].Type, told.Status.Conditions[0].Status, told.Status.Conditions[0].Reason, told.Status.Conditions[0].Message));
    }

    private static string MetricsOf(string cpu) => $$$"""{"kind":"PodMetricsList","items":[{"metadata":{"name":"POD","namespace":"default"},"timestamp":"2026-03-01T12:00:00Z","window":"30s","containers":[{"name":"c","usage":{"cpu":"{{{cpu}}}","memory":"10Mi"}}]}]}""";

    private async Task DeployAsync(string request)
    {
        var template = TestObjects.Template("i");
        template = template with { Spec = template.Spec with { Containers = [new Container { Name = "c", Image = "i", Resources = new() { Requests = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse(request) } } }] } };
        await _cluster.Admin.CreateAsync(
            new Deployment { Metadata = new ObjectMeta { Namespace = "default", Name = "web" }, Spec = new DeploymentSpec { Replicas = 1, Selector = new LabelSelector { MatchLabels = TestObjects.Web }, Template = template } },
            default);
        var pod = (await _cluster.Sees<Pod>("default", "a running pod", all => all.Count == 1 && all[0].Status.Phase == "Running")).Single();

        // Old enough for its CPU to count.
        await _cluster.Admin.UpdateStatusAsync(
            pod with
            {
                Metadata = pod.Metadata with { ResourceVersion = "" },
                Status = pod.Status with { StartTime = DateTimeOffset.UtcNow.AddHours(-2), Conditions = [new PodCondition { Type = "Ready", Status = "True", LastTransitionTime = DateTimeOffset.UtcNow.AddHours(-1) }] },
            },
            default);
        var metrics = _cluster.Metrics;
        _cluster.Metrics = metrics is null ? null : path => metrics(path)?.Replace("POD", pod.Metadata.Name, StringComparison.Ordinal);
    }

    private Task<HorizontalPodAutoscaler> AutoscaleAsync() => _cluster.Admin.CreateAsync(
        new HorizontalPodAutoscaler
        {
            Metadata = new ObjectMeta { Namespace = "default", Name = "web" },
            Spec = new()
            {
                ScaleTargetRef = new() { APIVersion = "apps/v1", Kind = "Deployment", Name = "web" },
                MinReplicas = 1,
                MaxReplicas = 8,
                Metrics = [new() { Type = "Resource", Resource = new() { Name = "cpu", Target = new() { Type = "Utilization", AverageUtilization = 50 } } }],
            },
        },
        default);
}
