using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>Quotas, limit ranges and nodes with the whole Status that refuses them.</summary>
public class QuotaRuleTests
{
    private const string Exists = "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
    private const string At = "spec.scopeSelector.matchExpressions";

    [Theory]
    [InlineData("""{"hard":{"gpu":"1"}}""", "FieldValueInvalid spec.hard[gpu]: Invalid value: \"gpu\": must be a standard resource type or fully qualified\nFieldValueInvalid spec.hard[gpu]: Invalid value: \"gpu\": must be a standard resource for quota")]
    [InlineData("""{"hard":{"storage":"1"}}""", "FieldValueInvalid spec.hard[storage]: Invalid value: \"storage\": must be a standard resource for quota")]
    [InlineData("""{"hard":{"pods":"1500m"}}""", "FieldValueInvalid spec.hard[pods]: Invalid value: \"1500m\": must be an integer")]
    [InlineData("""{"hard":{"services":"1"},"scopes":["BestEffort"]}""", "FieldValueInvalid spec.scopes: Invalid value: [\"BestEffort\"]: unsupported scope applied to resource")]
    [InlineData("""{"scopes":["Some"]}""", "FieldValueInvalid spec.scopes: Invalid value: [\"Some\"]: unsupported scope")]
    [InlineData("""{"scopes":["BestEffort","NotBestEffort"]}""", "FieldValueInvalid spec.scopes: Invalid value: [\"BestEffort\",\"NotBestEffort\"]: conflicting scopes")]
    [InlineData("""{"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"In"}]}}""", "FieldValueRequired " + At + ".values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector")]
    [InlineData("""{"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"Exists","values":["a"]}]}}""", "FieldValueInvalid " + At + ".values: Invalid value: [\"a\"]: must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector")]
    [InlineData("""{"scopeSelector":{"matchExpressions":[{"scopeName":"Terminating","operator":"DoesNotExist"}]}}""", "FieldValueInvalid " + At + ".operator: Invalid value: \"DoesNotExist\": " + Exists)]
    [InlineData("""{"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"Near"}]}}""", "FieldValueInvalid " + At + ".operator: Invalid value: \"Near\": not a valid selector operator")]
    public void A_quota_is_refused(string spec, string problems) =>
        Assert.Equal(Status("resourcequotas", "ResourceQuota", "q", problems), RefusedCreate("resourcequotas", "ResourceQuota", With("""{"metadata":{"name":"q"}}""", "spec", spec)));

    [Theory]
    [InlineData("""{"type":"Some"}""", "FieldValueInvalid spec.limits[0].type: Invalid value: \"Some\": must be a standard limit type or fully qualified")]
    [InlineData("""{"type":"Container","max":{"storage":"1Gi"}}""", "FieldValueInvalid spec.limits[0].max[storage]: Invalid value: \"storage\": must be a standard resource for containers\nFieldValueInvalid spec.limits[0].default[storage]: Invalid value: \"storage\": must be a standard resource for containers\nFieldValueInvalid spec.limits[0].defaultRequest[storage]: Invalid value: \"storage\": must be a standard resource for containers")]
    [InlineData("""{"type":"PersistentVolumeClaim"}""", "FieldValueRequired spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided")]
    [InlineData("""{"type":"Pod","maxLimitRequestRatio":{"cpu":"500m"}}""", "FieldValueInvalid spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: \"500m\": ratio 500m is less than 1")]
    [InlineData("""{"type":"Pod","min":{"cpu":"1"},"max":{"cpu":"2"},"maxLimitRequestRatio":{"cpu":"3"}}""", "FieldValueInvalid spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: \"3\": ratio 3 is greater than max/min = 2.000000")]
    [InlineData("""{"type":"Container","default":{"example.com/a":"2"},"defaultRequest":{"example.com/a":"1"}}""", "FieldValueInvalid spec.limits[0].defaultRequest[example.com/a]: Invalid value: \"1\": default value 2 must equal to defaultRequest value 1 in example.com/a")]
    public void A_limit_range_is_refused(string item, string problems) =>
        Assert.Equal(Status("limitranges", "LimitRange", "l", problems), RefusedCreate("limitranges", "LimitRange", With("""{"metadata":{"name":"l"},"spec":{"limits":[{}]}}""", "spec.limits.0", item)));

    [Theory]
    [InlineData("""[{"key":"a","effect":"NoSchedule"},{"key":"a","effect":"NoSchedule"}]""", "FieldValueDuplicate metadata.taints[1]: Duplicate value: {\"Key\":\"a\",\"Value\":\"\",\"Effect\":\"NoSchedule\",\"TimeAdded\":null}: taints must be unique by key and effect pair")]
    [InlineData("""[{"key":"a"}]""", "FieldValueRequired metadata.taints[0].effect: Required value")]
    public void A_nodes_taints_are_refused(string taints, string problems) =>
        Assert.Equal(Status("nodes", "Node", "n", problems), RefusedCreate("nodes", "Node", With("""{"metadata":{"name":"n"}}""", "spec.taints", taints)));
}
