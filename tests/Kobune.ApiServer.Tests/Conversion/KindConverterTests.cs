using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.ApiServer.Conversion;

namespace Kobune.ApiServer.Tests.Conversion;

public class KindConverterTests
{
    private static readonly ApiSchema Schema = ApiSchema.BuiltIn;
    private static readonly ResourceSchema V1 = Schema.FindResource("autoscaling", "v1", "horizontalpodautoscalers")!;
    private static readonly ResourceSchema V2 = Schema.FindResource("autoscaling", "v2", "horizontalpodautoscalers")!;

    private const string Autoscaler = """
        {"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v2","metadata":{"name":"a"},"spec":{"scaleTargetRef":{"kind":"Deployment","name":"web","apiVersion":"apps/v1"},"minReplicas":2,"maxReplicas":9,"metrics":[
        {"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":70}}},
        {"type":"Resource","resource":{"name":"memory","target":{"type":"AverageValue","averageValue":"1Gi"}}},
        {"type":"ContainerResource","containerResource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50},"container":"c"}},
        {"type":"Pods","pods":{"metric":{"name":"rps","selector":{"matchLabels":{"a":"b"}}},"target":{"type":"AverageValue","averageValue":"10"}}},
        {"type":"Object","object":{"describedObject":{"kind":"Ingress","name":"i","apiVersion":"networking.k8s.io/v1"},"target":{"type":"Value","value":"100"},"metric":{"name":"hits"}}},
        {"type":"External","external":{"metric":{"name":"queue"},"target":{"type":"Value","value":"30"}}}],
        "behavior":{"scaleUp":{"stabilizationWindowSeconds":60,"selectPolicy":"Max","policies":[{"type":"Pods","value":4,"periodSeconds":15}]}}},
        "status":{"currentReplicas":3,"desiredReplicas":4,"currentMetrics":[{"type":"Resource","resource":{"name":"cpu","current":{"averageValue":"100m","averageUtilization":65}}}],"conditions":[{"type":"AbleToScale","status":"True","lastTransitionTime":"2026-01-02T03:04:05Z"}]}}
        """;

    [Fact]
    public void An_autoscaler_survives_the_way_to_v1_and_back()
    {
        var v1 = KindConverters.BuiltIn.Convert(Read(Autoscaler, V2), V2, V1);
        Assert.Equal(70, (int?)v1["spec"]!["targetCPUUtilizationPercentage"]);
        Assert.Equal(65, (int?)v1["status"]!["currentCPUUtilizationPercentage"]);
        var back = KindConverters.BuiltIn.Convert(Read(Write(v1, V1), V1), V1, V2);
        back["metadata"]!.AsObject().Remove("annotations");
        Assert.Equal(Write(Read(Autoscaler, V2), V2), Write(back, V2));
    }

    [Fact]
    public void What_v1_cannot_say_is_in_upstreams_annotations()
    {
        var v1 = KindConverters.BuiltIn.Convert(Read(Autoscaler, V2), V2, V1);
        var annotations = v1["metadata"]!["annotations"]!;
        Assert.Equal(
            """[{"type":"Resource","resource":{"name":"memory","targetAverageValue":"1Gi"}},{"type":"ContainerResource","containerResource":{"name":"cpu","targetAverageUtilization":50,"container":"c"}},{"type":"Pods","pods":{"metricName":"rps","targetAverageValue":"10","selector":{"matchLabels":{"a":"b"}}}},{"type":"Object","object":{"target":{"kind":"Ingress","name":"i","apiVersion":"networking.k8s.io/v1"},"metricName":"hits","targetValue":"100"}},{"type":"External","external":{"metricName":"queue","targetValue":"30"}}]""",
            (string?)annotations["autoscaling.alpha.kubernetes.io/metrics"]);
        Assert.Equal("""[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":65,"currentAverageValue":"100m"}}]""", (string?)annotations["autoscaling.alpha.kubernetes.io/current-metrics"]);
        Assert.Contains("\"ScaleUp\":{\"StabilizationWindowSeconds\":60", (string?)annotations["autoscaling.alpha.kubernetes.io/behavior"], StringComparison.Ordinal);
        Assert.Contains("AbleToScale", (string?)annotations["autoscaling.alpha.kubernetes.io/conditions"], StringComparison.Ordinal);
    }

    [Fact]
    public void What_v1_has_no_pointer_for_is_zero()
    {
        const string Json = """
            {"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v2","metadata":{"name":"a"},"spec":{"scaleTargetRef":{"kind":"Deployment","name":"web","apiVersion":"apps/v1"},"maxReplicas":9,"metrics":[
            {"type":"Object","object":{"describedObject":{"kind":"Ingress","name":"i"},"target":{"type":"AverageValue","averageValue":"7"},"metric":{"name":"hits"}}},
            {"type":"External","external":{"metric":{"name":"queue"},"target":{"type":"AverageValue","averageValue":"30"}}}]},
            "status":{"desiredReplicas":4,"currentMetrics":[{"type":"Resource","resource":{"name":"cpu","current":{"averageUtilization":40}}},{"type":"External","external":{"metric":{"name":"queue"},"current":{"averageValue":"3"}}}]}}
            """;
        var annotations = KindConverters.BuiltIn.Convert(Read(Json, V2), V2, V1)["metadata"]!["annotations"]!;
        Assert.Equal(
            """[{"type":"Object","object":{"target":{"kind":"Ingress","name":"i"},"metricName":"hits","targetValue":"0","averageValue":"7"}},{"type":"External","external":{"metricName":"queue","targetAverageValue":"30"}}]""",
            (string?)annotations["autoscaling.alpha.kubernetes.io/metrics"]);
        Assert.Equal(
            """[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":40,"currentAverageValue":"0"}},{"type":"External","external":{"metricName":"queue","currentValue":"0","currentAverageValue":"3"}}]""",
            (string?)annotations["autoscaling.alpha.kubernetes.io/current-metrics"]);
    }

    [Fact]
    public void Events_have_the_same_content_in_both_groups()
    {
        var core = Schema.FindResource("", "v1", "events")!;
        var other = Schema.FindResource("events.k8s.io", "v1", "events")!;
        const string json = """{"kind":"Event","apiVersion":"v1","metadata":{"name":"e"},"involvedObject":{"kind":"Pod","name":"p"},"reason":"Started","message":"m","source":{"component":"kubelet"},"firstTimestamp":"2026-01-02T03:04:05Z","lastTimestamp":"2026-01-02T03:04:06Z","count":2,"type":"Normal","eventTime":null,"reportingComponent":"kubelet","reportingInstance":"n"}""";
        var converted = KindConverters.BuiltIn.Convert(Read(json, core), core, other);
        Assert.Equal("""{"kind":"Event","apiVersion":"events.k8s.io/v1","metadata":{"name":"e"},"eventTime":null,"reportingController":"kubelet","reportingInstance":"n","reason":"Started","regarding":{"kind":"Pod","name":"p"},"note":"m","type":"Normal","deprecatedSource":{"component":"kubelet"},"deprecatedFirstTimestamp":"2026-01-02T03:04:05Z","deprecatedLastTimestamp":"2026-01-02T03:04:06Z","deprecatedCount":2}""", Write(converted, other));
        Assert.Equal(json, Write(KindConverters.BuiltIn.Convert(Read(Write(converted, other), other), other, core), core));
    }

    private static JsonObject Read(string json, ResourceSchema resource) => ObjectReader.Read(Encoding.UTF8.GetBytes(json), resource.Type);

    private static string Write(JsonObject obj, ResourceSchema resource) => Encoding.UTF8.GetString(ObjectWriter.Write(obj, resource.Type));
}
