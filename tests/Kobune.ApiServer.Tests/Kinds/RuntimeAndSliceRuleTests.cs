using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>Runtime classes and endpoint slices with the whole Status that refuses them.</summary>
public class RuntimeAndSliceRuleTests
{
    private const string Classes = "runtimeclasses.node.k8s.io";
    private const string Class = """{"metadata":{"name":"r"},"handler":"h"}""";
    private const string Slices = "endpointslices.discovery.k8s.io";
    private const string Slice = """{"metadata":{"name":"e"},"addressType":"IPv4","endpoints":[{"addresses":["10.0.0.1"]}],"ports":[{"name":"p","port":80}]}""";
    private const string Qualified = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    [Theory]
    [InlineData("overhead", """{"podFixed":{"cpu":"-1"}}""", "FieldValueInvalid overhead.limits[cpu]: Invalid value: \"-1\": must be greater than or equal to 0")]
    [InlineData("scheduling", """{"tolerations":[{"key":"a","operator":"Exists"},{"key":"a","operator":"Exists"}]}""", "FieldValueDuplicate scheduling.tolerations[1]: Duplicate value: {\"Key\":\"a\",\"Operator\":\"Exists\",\"Value\":\"\",\"Effect\":\"\",\"TolerationSeconds\":null}")]
    public void A_runtime_class_is_refused(string path, string value, string problems) =>
        Assert.Equal(Status(Classes, "RuntimeClass", "r", problems), RefusedCreate(Classes, "RuntimeClass", With(Class, path, value)));

    [Fact]
    public void A_runtime_class_keeps_its_handler_and_tells_of_old_labels()
    {
        Assert.Contains("handler: Invalid value: \"\"", Create(Classes, With(Class, "handler", "\"\"")), StringComparison.Ordinal);
        Assert.Equal("handler: Invalid value: \"i\": field is immutable", Update(Classes, Class, With(Class, "handler", "\"i\"")));
        Assert.Equal("scheduling.nodeSelector: deprecated since v1.14; use \"kubernetes.io/os\" instead", WarningsOfCreate(Classes, With(Class, "scheduling", """{"nodeSelector":{"beta.kubernetes.io/os":"linux"}}""")));
    }

    [Theory]
    [InlineData("addressType", "\"Some\"", "FieldValueNotSupported addressType: Unsupported value: \"Some\": supported values: \"FQDN\", \"IPv4\", \"IPv6\"")]
    [InlineData("endpoints.0.addresses", "[]", "FieldValueRequired endpoints[0].addresses: Required value: must contain at least 1 address")]
    [InlineData("endpoints.0.addresses", """["2001:db8::1"]""", "FieldValueInvalid endpoints[0].addresses[0]: Invalid value: \"2001:db8::1\": must be an IPv4 address")]
    [InlineData("endpoints.0.hints", """{"forZones":[{"name":"a"},{"name":"a"}]}""", "FieldValueDuplicate endpoints[0].hints.forZones[1].name: Duplicate value: \"a\"")]
    [InlineData("endpoints.0.hints", """{"forZones":[{"name":"a"},{"name":"b"},{"name":"c"},{"name":"d"},{"name":"e"},{"name":"f"},{"name":"g"},{"name":"h"},{"name":"i"}]}""", "FieldValueTooMany endpoints[0].hints.forZones: Too many: 9: must have at most 8 items")]
    [InlineData("ports.0.appProtocol", "\"-\"", "FieldValueInvalid ports[0].appProtocol: Invalid value: \"-\": " + Qualified)]
    [InlineData("ports", """[{"name":"a"},{"name":"a"}]""", "FieldValueDuplicate ports[1].name: Duplicate value: \"a\"")]
    [InlineData("ports.0.protocol", "\"ICMP\"", "FieldValueNotSupported ports[0].protocol: Unsupported value: \"ICMP\": supported values: \"SCTP\", \"TCP\", \"UDP\"")]
    public void A_slice_is_refused(string path, string value, string problems) =>
        Assert.Equal(Status(Slices, "EndpointSlice", "e", problems), RefusedCreate(Slices, "EndpointSlice", With(Slice, path, value)));

    [Fact]
    public void A_slice_has_no_topology_but_the_node_that_an_older_one_told()
    {
        var told = With(Slice, "endpoints.0.deprecatedTopology", """{"kubernetes.io/hostname":"n","x":"y"}""");
        var made = Prepared(Slices, told)["endpoints"]![0]!.AsObject();
        Assert.Equal((false, false), (made.ContainsKey("deprecatedTopology"), made.ContainsKey("nodeName")));
        var same = UpdatedOld(Slices, told, With(told, "metadata.labels", """{"a":"b"}"""))["endpoints"]![0]!.AsObject();
        Assert.True(same.ContainsKey("deprecatedTopology")); // what does not change stays
        var moved = UpdatedOld(Slices, told, With(told, "endpoints.0.addresses", """["10.0.0.2"]"""))["endpoints"]![0]!.AsObject();
        Assert.Equal((false, "n"), (moved.ContainsKey("deprecatedTopology"), (string?)moved["nodeName"]));
    }

    [Fact]
    public void Nodes_of_an_endpoint_with_too_many_zones_are_not_looked_at() => Assert.Equal(
        "endpoints[0].hints.forZones: Too many: 9: must have at most 8 items",
        Create(Slices, With(Slice, "endpoints.0.hints", """{"forZones":[{"name":"a"},{"name":"b"},{"name":"c"},{"name":"d"},{"name":"e"},{"name":"f"},{"name":"g"},{"name":"h"},{"name":"i"}],"forNodes":[{"name":"A b"}]}""")));
}
