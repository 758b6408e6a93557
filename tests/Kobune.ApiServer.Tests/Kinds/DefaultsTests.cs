using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Kinds;

public class DefaultsTests
{
    [Theory]
    [InlineData("admissionregistration.k8s.io/v1/validatingwebhookconfigurations", """{"webhooks":[{"name":"a.b.c","admissionReviewVersions":["v1"],"sideEffects":"None","clientConfig":{"service":{"namespace":"n","name":"s"}},"rules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["pods"]}]}]}""", "webhooks",
        """[{"name":"a.b.c","clientConfig":{"service":{"namespace":"n","name":"s","port":443}},"rules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["pods"],"scope":"*"}],"failurePolicy":"Fail","matchPolicy":"Equivalent","namespaceSelector":{},"objectSelector":{},"sideEffects":"None","timeoutSeconds":10,"admissionReviewVersions":["v1"]}]""")]
    [InlineData("admissionregistration.k8s.io/v1/mutatingwebhookconfigurations", """{"webhooks":[{"name":"a.b.c","admissionReviewVersions":["v1"],"sideEffects":"None","clientConfig":{"url":"https://x"},"timeoutSeconds":3}]}""", "webhooks",
        """[{"name":"a.b.c","clientConfig":{"url":"https://x"},"failurePolicy":"Fail","matchPolicy":"Equivalent","namespaceSelector":{},"objectSelector":{},"sideEffects":"None","timeoutSeconds":3,"admissionReviewVersions":["v1"],"reinvocationPolicy":"Never"}]""")]
    [InlineData("admissionregistration.k8s.io/v1/validatingadmissionpolicies", """{"spec":{"matchConstraints":{"resourceRules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["pods"]}]},"validations":[{"expression":"true"}]}}""", "spec",
        """{"matchConstraints":{"namespaceSelector":{},"objectSelector":{},"resourceRules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["pods"],"scope":"*"}],"matchPolicy":"Equivalent"},"validations":[{"expression":"true"}],"failurePolicy":"Fail"}""")]
    [InlineData("storage.k8s.io/v1/csidrivers", "{}", "spec",
        """{"attachRequired":true,"podInfoOnMount":false,"volumeLifecycleModes":["Persistent"],"storageCapacity":false,"fsGroupPolicy":"ReadWriteOnceWithFSType","requiresRepublish":false,"seLinuxMount":false}""")]
    [InlineData("autoscaling/v1/namespaces/default/horizontalpodautoscalers", """{"spec":{"maxReplicas":5,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"d"}}}""", "spec",
        """{"scaleTargetRef":{"kind":"Deployment","name":"d","apiVersion":"apps/v1"},"minReplicas":1,"maxReplicas":5,"targetCPUUtilizationPercentage":80}""")]
    [InlineData("apps/v1/namespaces/default/replicasets", """{"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":"0.0001","memory":"1Gi"},"requests":{"cpu":"1n"}}}]}}}}""", "spec.template.spec.containers.0.resources",
        """{"limits":{"cpu":"1m","memory":"1Gi"},"requests":{"cpu":"1m"}}""")]
    [InlineData("apps/v1/namespaces/default/daemonsets", """{"spec":{"selector":{"matchLabels":{"a":"b"}},"updateStrategy":{"type":"OnDelete","rollingUpdate":{}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""", "spec.updateStrategy",
        """{"type":"OnDelete","rollingUpdate":{"maxUnavailable":0,"maxSurge":0}}""")]
    [InlineData("storage.k8s.io/v1/csinodes", """{"spec":{"drivers":[]}}""", "spec", """{"drivers":null}""")]
    [InlineData("storage.k8s.io/v1/csinodes", """{"spec":{"drivers":[{"name":"d","nodeID":"n","topologyKeys":[]}]}}""", "spec.drivers.0", """{"name":"d","nodeID":"n","topologyKeys":null}""")]
    [InlineData("apiextensions.k8s.io/v1/customresourcedefinitions", """{"metadata":{"name":"as.b.c"},"spec":{"group":"b.c","scope":"Cluster","names":{"plural":"as","singular":"a","kind":"A","listKind":"AList"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","required":[]}}}]}}""", "spec.versions.0.schema.openAPIV3Schema",
        """{"type":"object"}""")]
    public async Task What_is_not_said_is_upstreams_default(string resource, string body, string part, string expected)
    {
        await using var server = await TestServer.StartAsync();
        var obj = (JsonObject)JsonNode.Parse(body)!;
        obj["metadata"] ??= new JsonObject { ["name"] = "x" };
        var created = await server.MustAsync("POST", $"/apis/{resource}", obj.ToJsonString());
        var found = part.Split('.').Aggregate((JsonNode?)created, (node, name) => int.TryParse(name, out var index) ? node![index] : node![name]);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), found), found?.ToJsonString());
    }
}
