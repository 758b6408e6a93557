using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>Selectors with values that no label has: new ones are refused, stored ones do not stand in the way of other changes.</summary>
public class SelectorRuleTests
{
    private const string Odd = """{"matchExpressions":[{"key":"a","operator":"NotIn","values":["-"]}]}""";
    private const string Told = ".matchExpressions[0].values[0]: Invalid value: \"-\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    [Theory]
    [InlineData("poddisruptionbudgets.policy", "PodDisruptionBudget", "spec.selector", """{"spec":{"minAvailable":1}}""", "spec.minAvailable", "2")]
    [InlineData("networkpolicies.networking.k8s.io", "NetworkPolicy", "spec.podSelector", """{"spec":{}}""", "spec.policyTypes", """["Egress"]""")]
    [InlineData("csistoragecapacities.storage.k8s.io", "CSIStorageCapacity", "nodeTopology", """{"storageClassName":"c"}""", "capacity", "\"1\"")]
    [InlineData("validatingwebhookconfigurations.admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "webhooks[0].objectSelector", """{"webhooks":[{"name":"a.example.com","sideEffects":"None","admissionReviewVersions":["v1"],"clientConfig":{"url":"https://host/path"}}]}""", "webhooks.0.timeoutSeconds", "5")]
    public void An_old_selector_stays(string resource, string kind, string field, string json, string path, string value)
    {
        var named = With(json, "metadata", """{"name":"o"}""");
        var old = With(named, field.Replace("[0]", ".0", StringComparison.Ordinal), Odd);
        Creates(resource, kind, old, field + Told);
        Updates(resource, kind, named, old.Contains("nodeTopology", StringComparison.Ordinal) ? named : old, old.Contains("nodeTopology", StringComparison.Ordinal) ? "" : field + Told);
        Updates(resource, kind, old, With(old, path, value), "");
    }
}
