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
    public async Task What_is_not_said_is_upstreams_default(string resource, string body, string part, string expected)
    {
        await using var server = await TestServer.StartAsync();
        var obj = (JsonObject)JsonNode.Parse(body)!;
        obj["metadata"] = new JsonObject { ["name"] = "x" };
        var created = await server.MustAsync("POST", $"/apis/{resource}", obj.ToJsonString());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), created[part]), created[part]?.ToJsonString());
    }
}
