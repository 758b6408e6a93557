using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>Autoscalers, budgets and priority classes with the whole Status that refuses them.</summary>
public class AutoscalerRuleTests
{
    private const string Scalers = "horizontalpodautoscalers.autoscaling";
    private const string Scaler = """{"metadata":{"name":"h"},"spec":{"maxReplicas":3,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"d"}}}""";
    private const string Target = """{"type":"Value","value":"3"}""";
    private const string Metric = "spec.metrics[0]";
    private const string Budgets = "poddisruptionbudgets.policy";
    private const string Budget = """{"metadata":{"name":"b"},"spec":{"selector":{}}}""";

    [Theory]
    [InlineData("spec.minReplicas", "0", "FieldValueInvalid spec.minReplicas: Invalid value: 0: must be greater than or equal to 1\nFieldValueForbidden spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas")]
    [InlineData("spec.maxReplicas", "0", "FieldValueInvalid spec.maxReplicas: Invalid value: 0: must be greater than 0\nFieldValueInvalid spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`")]
    [InlineData("spec.scaleTargetRef", """{"apiVersion":"apps/v1"}""", "FieldValueRequired spec.scaleTargetRef.kind: Required value\nFieldValueRequired spec.scaleTargetRef.name: Required value")]
    [InlineData("spec.scaleTargetRef.kind", "\"..\"", "FieldValueInvalid spec.scaleTargetRef.kind: Invalid value: \"..\": may not be '..'")]
    [InlineData("spec.scaleTargetRef.apiVersion", "\"a/b/c\"", "FieldValueInvalid spec.scaleTargetRef.apiVersion: Invalid value: \"a/b/c\": unexpected GroupVersion string: a/b/c")]
    [InlineData("spec.scaleTargetRef.apiVersion", "\"v1\"", "FieldValueInvalid spec.scaleTargetRef.apiVersion: Invalid value: \"v1\": apiVersion must specify API group")]
    [InlineData("spec.behavior", """{"scaleUp":{"stabilizationWindowSeconds":-1,"selectPolicy":"Some","policies":[]}}""", "FieldValueInvalid spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero\nFieldValueNotSupported spec.behavior.scaleUp.selectPolicy: Unsupported value: \"Some\": supported values: \"Disabled\", \"Max\", \"Min\"\nFieldValueRequired spec.behavior.scaleUp.policies: Required value: must specify at least one Policy")]
    [InlineData("spec.behavior", """{"scaleDown":{"stabilizationWindowSeconds":3601,"tolerance":"-1","policies":[{"type":"Some","value":0,"periodSeconds":1801}]}}""", "FieldValueInvalid spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600\nFieldValueNotSupported spec.behavior.scaleDown.policies[0].type: Unsupported value: \"Some\": supported values: \"Percent\", \"Pods\"\nFieldValueInvalid spec.behavior.scaleDown.policies[0].value: Invalid value: 0: must be greater than zero\nFieldValueInvalid spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800\nFieldValueInvalid spec.behavior.scaleDown.tolerance: Invalid value: \"-1\": must be greater than or equal to 0")]
    [InlineData("spec.behavior", """{"scaleDown":{"policies":[{"type":"Pods","value":1,"periodSeconds":0}]}}""", "FieldValueInvalid spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 0: must be greater than zero")]
    public void An_autoscaler_is_refused(string path, string value, string problems) =>
        Assert.Equal(Status(Scalers, "HorizontalPodAutoscaler", "h", problems), RefusedCreate(Scalers, "HorizontalPodAutoscaler", With(Scaler, path, value)));

    [Theory]
    [InlineData("""{"type":"Pods"}""", "FieldValueRequired " + Metric + ".pods: Required value: must populate information for the given metric source")]
    [InlineData("""{"type":"Pods","pods":{"metric":{"name":"a"},"target":{"type":"AverageValue","averageValue":"1"}},"external":{"metric":{"name":"a"},"target":{"type":"Value","value":"1"}}}""", "FieldValueForbidden " + Metric + ".external: Forbidden: must populate the given metric source only")]
    [InlineData("""{"type":"Pods","pods":{"metric":{},"target":{"type":"Value","value":"-1"}}}""", "FieldValueRequired " + Metric + ".pods.metric.name: Required value: must specify a metric name\nFieldValueInvalid " + Metric + ".pods.target.value: Invalid value: \"-1\": must be positive\nFieldValueRequired " + Metric + ".pods.target.averageValue: Required value: must specify a positive target averageValue")]
    [InlineData("""{"type":"External","external":{"metric":{"name":"a/b"},"target":{"type":"Some"}}}""", "FieldValueInvalid " + Metric + ".external.metric.name: Invalid value: \"a/b\": may not contain '/'\nFieldValueInvalid " + Metric + ".external.target.type: Invalid value: \"Some\": must be either Utilization, Value, or AverageValue\nFieldValueRequired " + Metric + ".external.target.averageValue: Required value: must set either a target value for metric or a per-pod target")]
    [InlineData("""{"type":"External","external":{"metric":{"name":"a"},"target":{"type":"Value","value":"1","averageValue":"0"}}}""", "FieldValueInvalid " + Metric + ".external.target.averageValue: Invalid value: \"0\": must be positive\nFieldValueForbidden " + Metric + ".external.target.value: Forbidden: may not set both a target value for metric and a per-pod target")]
    [InlineData("""{"type":"Object","object":{"describedObject":{"kind":"K","name":"n","apiVersion":"a/b/c"},"metric":{"name":"a"},"target":{"type":"Value"}}}""", "FieldValueInvalid " + Metric + ".object.describedObject.apiVersion: Invalid value: \"a/b/c\": unexpected GroupVersion string: a/b/c\nFieldValueRequired " + Metric + ".object.target.averageValue: Required value: must set either a target value or averageValue")]
    [InlineData("""{"type":"Resource","resource":{"target":{"type":"Utilization","averageUtilization":0}}}""", "FieldValueRequired " + Metric + ".resource.name: Required value: must specify a resource name\nFieldValueInvalid " + Metric + ".resource.target.averageUtilization: Invalid value: 0: must be greater than 0")]
    [InlineData("""{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization"}}}""", "FieldValueRequired " + Metric + ".resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization")]
    [InlineData("""{"type":"ContainerResource","containerResource":{"target":{"type":"Utilization","averageUtilization":5,"averageValue":"1"}}}""", "FieldValueRequired " + Metric + ".containerResource.name: Required value: must specify a resource name\nFieldValueRequired " + Metric + ".containerResource.container: Required value: must specify a container\nFieldValueForbidden " + Metric + ".containerResource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization")]
    public void A_metric_is_refused(string metric, string problems) =>
        Assert.Equal(Status(Scalers, "HorizontalPodAutoscaler", "h", problems), RefusedCreate(Scalers, "HorizontalPodAutoscaler", With(Scaler, "spec.metrics", $"[{metric}]")));

    [Fact]
    public void A_metric_of_no_known_type_is_told_of_twice()
    {
        var actual = RefusedCreate(Scalers, "HorizontalPodAutoscaler", With(Scaler, "spec.metrics", """[{"type":"Some"}]"""));
        Assert.Equal(2, actual.Split("\"field\":\"spec.metrics[0].type\"").Length - 1);
    }

    [Fact]
    public void Versions_from_before_the_rule_may_stay()
    {
        Assert.Equal("", Create(Scalers, With(Scaler, "spec.scaleTargetRef", """{"apiVersion":"v1","kind":"ReplicationController","name":"r"}""")));
        var old = With(Scaler, "spec.scaleTargetRef.apiVersion", "-");
        Assert.NotEqual("", Create(Scalers, old));
        Assert.Equal("", Update(Scalers, old, With(old, "spec.maxReplicas", "9")));
        var metric = With(Scaler, "spec.metrics", $$$"""[{"type":"Object","object":{"describedObject":{"kind":"K","name":"n","apiVersion":"a/b/c"},"metric":{"name":"a"},"target":{{{Target}}}}}]""");
        Assert.NotEqual("", Create(Scalers, metric));
        Assert.Equal("", Update(Scalers, metric, With(metric, "spec.maxReplicas", "9")));
    }

    [Fact]
    public void An_autoscalers_counts_are_not_negative() => Assert.Equal(
        Status(Scalers, "HorizontalPodAutoscaler", "h", "FieldValueInvalid status.currentReplicas: Invalid value: -1: must be greater than or equal to 0\nFieldValueInvalid status.desiredReplicas: Invalid value: -2: must be greater than or equal to 0"),
        RefusedUpdate(Scalers, "HorizontalPodAutoscaler", Scaler, With(Scaler, "status", """{"currentReplicas":-1,"desiredReplicas":-2}"""), "status"));

    [Theory]
    [InlineData("spec", """{"minAvailable":1,"maxUnavailable":1}""", "FieldValueInvalid spec: Invalid value: {\"MinAvailable\":1,\"Selector\":null,\"MaxUnavailable\":1,\"UnhealthyPodEvictionPolicy\":null}: minAvailable and maxUnavailable cannot be both set")]
    [InlineData("spec.minAvailable", "-1", "FieldValueInvalid spec.minAvailable: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("spec.maxUnavailable", "\"101%\"", "FieldValueInvalid spec.maxUnavailable: Invalid value: \"101%\": must not be greater than 100%")]
    [InlineData("spec.unhealthyPodEvictionPolicy", "\"\"", "FieldValueNotSupported spec.unhealthyPodEvictionPolicy: Unsupported value: \"\": supported values: \"AlwaysAllow\", \"IfHealthyBudget\"")]
    public void A_budget_is_refused(string path, string value, string problems) =>
        Assert.Equal(Status(Budgets, "PodDisruptionBudget", "b", problems), RefusedCreate(Budgets, "PodDisruptionBudget", With(Budget, path, value)));

    [Fact]
    public void A_budgets_counts_are_not_negative() => Assert.Equal(
        Status(Budgets, "PodDisruptionBudget", "b", string.Join("\n", new[] { "disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods" }.Select(f => $"FieldValueInvalid status.{f}: Invalid value: -1: must be greater than or equal to 0"))),
        RefusedUpdate(Budgets, "PodDisruptionBudget", Budget, With(Budget, "status", """{"disruptionsAllowed":-1,"currentHealthy":-1,"desiredHealthy":-1,"expectedPods":-1}"""), "status"));

    [Theory]
    [InlineData("""{"metadata":{"name":"system-a"},"value":1}""", "FieldValueForbidden metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-a is not a known system priority class")]
    [InlineData("""{"metadata":{"name":"system-node-critical"},"value":1}""", "FieldValueForbidden metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: value of system-node-critical PriorityClass must be 2000001000")]
    [InlineData("""{"metadata":{"name":"system-node-critical"},"value":2000001000,"globalDefault":true}""", "FieldValueForbidden metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: globalDefault of system-node-critical PriorityClass must be false")]
    [InlineData("""{"metadata":{"name":"a"},"value":1000000001}""", "FieldValueForbidden value: Forbidden: maximum allowed value of a user defined priority is 1000000000")]
    public void A_priority_class_is_refused(string item, string problems)
    {
        var name = (string)System.Text.Json.Nodes.JsonNode.Parse(item)!["metadata"]!["name"]!;
        Assert.Equal(Status("priorityclasses.scheduling.k8s.io", "PriorityClass", name, problems), RefusedCreate("priorityclasses.scheduling.k8s.io", "PriorityClass", item));
    }
}
