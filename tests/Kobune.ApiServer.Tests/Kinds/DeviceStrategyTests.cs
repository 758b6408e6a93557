using Kobune.ApiServer.Tests.Hosting;
using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>The kinds of resource.k8s.io.</summary>
public class DeviceStrategyTests
{
    private const string Claims = "resourceclaims.resource.k8s.io";
    private const string Slices = "resourceslices.resource.k8s.io";
    private const string Claim = """{"metadata":{"name":"c","namespace":"default"},"spec":{"devices":{"requests":[{"name":"r","exactly":{"deviceClassName":"gpu"}}]}}}""";
    private const string Slice = """{"metadata":{"name":"s"},"spec":{"driver":"gpu.test","pool":{"name":"n","generation":1,"resourceSliceCount":1},"nodeName":"n","devices":[{"name":"a","attributes":{"size":{"int":1}}}]}}""";

    [Fact]
    public void A_request_is_for_one_device_where_nothing_else_is_said()
    {
        var exactly = Defaulted(Claims, Claim)["spec"]!["devices"]!["requests"]![0]!["exactly"]!;
        Assert.Equal(("ExactCount", 1), ((string?)exactly["allocationMode"], (int)exactly["count"]!));
        Assert.Equal("", Create(Claims, Claim));
        Assert.Equal("", Create(Slices, Slice));
    }

    [Theory]
    [InlineData("spec.devices.requests.0.exactly", "-", "spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required")]
    [InlineData("spec.devices.requests.0.exactly.deviceClassName", "\"\"", "spec.devices.requests[0].exactly.deviceClassName: Required value")]
    [InlineData("spec.devices.requests.0.exactly.count", "-1", "spec.devices.requests[0].exactly.count: Invalid value: -1: must be greater than zero")]
    [InlineData("spec.devices.requests.0.exactly.allocationMode", "\"Some\"", "spec.devices.requests[0].exactly.allocationMode: Unsupported value: \"Some\": supported values: \"All\", \"ExactCount\"")]
    [InlineData("spec.devices.requests.0.name", "\"No\"", "spec.devices.requests[0].name: Invalid value: \"No\": a lowercase RFC 1123 label")]
    [InlineData("spec.devices.requests.0.exactly.selectors", "[{}]", "spec.devices.requests[0].exactly.selectors[0].cel: Required value")]
    [InlineData("spec.devices.requests.0.exactly.selectors", "[{\"cel\":{\"expression\":\"1\"}}]", "selectors[0].cel.expression: Invalid value: \"1\": must evaluate to bool or the unknown type, not int")]
    [InlineData("spec.devices.requests.0.exactly.selectors", "[{\"cel\":{\"expression\":\"nosuch\"}}]", "compilation failed: ERROR: <input>:1:1: undeclared reference to 'nosuch'")]
    [InlineData("spec.devices.constraints", "[{\"requests\":[\"x\"],\"matchAttribute\":\"a.b/c\"}]", "spec.devices.constraints[0].requests[0]: Invalid value: \"x\": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'")]
    [InlineData("spec.devices.constraints", "[{\"matchAttribute\":\"c\"}]", "spec.devices.constraints[0].matchAttribute: Invalid value: \"c\": a fully qualified name must be a domain and a name separated by a slash")]
    [InlineData("spec.devices.config", "[{}]", "spec.devices.config[0].opaque: Required value")]
    [InlineData("spec.devices.requests", "[{\"name\":\"r\",\"exactly\":{\"deviceClassName\":\"g\"}},{\"name\":\"r\",\"exactly\":{\"deviceClassName\":\"g\"}}]", "spec.devices.requests[1]: Duplicate value: \"r\"")]
    public void What_a_claim_says_has_to_make_sense(string path, string value, string expected) => Assert.Contains(expected, Create(Claims, With(Claim, path, value)), StringComparison.Ordinal);

    [Theory]
    [InlineData("spec.nodeName", "-", "spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required")]
    [InlineData("spec.allNodes", "true", "multiple fields are set")]
    [InlineData("spec.pool.resourceSliceCount", "0", "spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero")]
    [InlineData("spec.devices.0.attributes.size", "{}", "spec.devices[0].attributes[size]: Invalid value: \"\": exactly one value must be specified")]
    [InlineData("spec.devices.0.attributes.size", "{\"version\":\"1\"}", "must be a string compatible with semver.org spec 2.0.0")]
    [InlineData("spec.devices.0.taints", "[{\"key\":\"a\",\"effect\":\"Never\"}]", "spec.devices[0].taints[0].effect: Unsupported value")]
    [InlineData("spec.devices.0.allNodes", "true", "can only be set if `perDeviceNodeSelection` is set to true")]
    [InlineData("spec.devices.0.capacity", "{\"m\":{\"value\":\"1\",\"requestPolicy\":{\"default\":\"1\"}}}", "spec.devices[0].capacity[m].requestPolicy: Forbidden: allowMultipleAllocations must be true")]
    [InlineData("spec.devices.0.bindingConditions", "[\"ready\"]", "bindingFailureConditions are required to use bindingConditions")]
    public void What_a_slice_says_has_to_make_sense(string path, string value, string expected) => Assert.Contains(expected, Create(Slices, With(Slice, path, value)), StringComparison.Ordinal);

    [Fact]
    public void Specs_of_claims_never_change_and_slices_keep_pool_driver_and_node()
    {
        Assert.Contains("spec: Invalid value", Update(Claims, Claim, With(Claim, "spec.devices.requests.0.name", "\"x\"")), StringComparison.Ordinal);
        Assert.Contains("field is immutable", Update(Claims, Claim, With(Claim, "spec.devices.requests.0.name", "\"x\"")), StringComparison.Ordinal);
        Assert.Equal("spec.nodeName: Invalid value: \"m\": field is immutable", Update(Slices, Slice, With(Slice, "spec.nodeName", "\"m\"")));
        Assert.Equal("", Update(Slices, Slice, With(Slice, "spec.devices.0.attributes.size.int", "2")));
    }

    [Fact]
    public void An_allocation_stays_until_it_is_given_back_as_a_whole()
    {
        const string Has = """{"devices":{"results":[{"request":"r","driver":"gpu.test","pool":"n","device":"a"}]}}""";
        var allocated = With(Claim, "status", $$$"""{"allocation":{{{Has}}},"reservedFor":[{"resource":"pods","name":"p","uid":"u"}]}""");
        Assert.Equal("", Update(Claims, Claim, allocated, "status"));
        Assert.Contains("status.allocation: Invalid value", Update(Claims, allocated, allocated.Replace("\"device\":\"a\"", "\"device\":\"b\"", StringComparison.Ordinal), "status"), StringComparison.Ordinal);
        Assert.Equal("status.reservedFor: Forbidden: may not be specified when `allocated` is not set", Update(Claims, Claim, With(Claim, "status", """{"reservedFor":[{"resource":"pods","name":"p","uid":"u"}]}"""), "status"));
        Assert.Contains("must be an allocated device in the claim", Update(Claims, Claim, With(Claim, "status", $$$"""{"allocation":{{{Has}}},"devices":[{"driver":"gpu.test","pool":"n","device":"x"}]}"""), "status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Access_of_administrators_is_for_labelled_namespaces()
    {
        await using var server = await TestServer.StartAsync(o => o with { KeepsSystemObjects = true });
        var claim = With(Claim, "spec.devices.requests.0.exactly.adminAccess", "true");
        const string Path = "/apis/resource.k8s.io/v1/namespaces/default/resourceclaims";
        var refused = await server.SendAsync("POST", Path, claim);
        Assert.Equal((422, "ResourceClaim.resource.k8s.io \"c\" is invalid: spec.devices.requests[0].adminAccess: Forbidden: admin access to devices requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace"), (refused.Code, refused.Message));
        await server.MustAsync("PATCH", "/api/v1/namespaces/default", """{"metadata":{"labels":{"resource.kubernetes.io/admin-access":"true"}}}""", "application/merge-patch+json");
        await server.MustAsync("GET", "/api/v1/namespaces");
        await server.MustAsync("POST", Path, claim);
    }
}
