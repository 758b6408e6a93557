using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.CustomResources;

/// <summary>Bodies of custom objects: what they have to say of themselves, numbers, and the metadata of resources inside them.</summary>
public class CustomBodyTests
{
    private const string Boats = "/apis/example.com/v1/namespaces/default/boats";

    private const string Definition = """
        {"metadata":{"name":"boats.example.com"},"spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"boats","kind":"Boat"},"versions":[{"name":"v1","served":true,"storage":true,
        "subresources":{"status":{},"scale":{"specReplicasPath":".spec.replicas","statusReplicasPath":".status.replicas","labelSelectorPath":".status.selector"}},
        "schema":{"openAPIV3Schema":{"type":"object","properties":{
        "spec":{"type":"object","properties":{"replicas":{"type":"integer"},"number":{"type":"number"},"crew":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"}}}},
        "pod":{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true}}},
        "status":{"type":"object","properties":{"replicas":{"type":"integer"},"selector":{"type":"string"},"phase":{"type":"string","enum":["Up"]}}}}}}}]}}
        """;

    [Theory]
    [InlineData("""{"apiVersion":"example.com/v1"}""", 400, """the object provided is unrecognized (must be of type Boat): Object 'Kind' is missing in '{"apiVersion":"example.com/v1"}' ({"apiVersion":"example.com/v1" ...)""")]
    [InlineData("null", 400, "the object provided is unrecognized (must be of type Boat): Object 'Kind' is missing in 'null' (6e756c6c)")]
    [InlineData("""{"kind":"Boat"}""", 400, "the API version in the data () does not match the expected API version (example.com/v1)")]
    [InlineData("""{"apiVersion":"example.com/v1","kind":"Ship","metadata":{"name":"w"}}""", 422, "Ship.example.com \"w\" is invalid: kind: Invalid value: \"Ship\": must be Boat")]
    [InlineData("""{"apiVersion":"example.com/v1","kind":"Boat","metadata":[]}""", 400, "Boat in version \"v1\" cannot be handled as a Boat: json: cannot unmarshal array into Go value of type v1.ObjectMeta")]
    [InlineData("""{"apiVersion":"example.com/v1","kind":"Boat","metadata":{"name":1}}""", 400, "Boat in version \"v1\" cannot be handled as a Boat: json: cannot unmarshal number into Go struct field ObjectMeta.name of type string")]
    [InlineData("""{"apiVersion":"example.com/v1","kind":"Boat","metadata":{"name":"a"},"spec":{"pod":{"kind":1}}}""", 400, "Boat in version \"v1\" cannot be handled as a Boat: spec.pod.kind: Invalid value: 1: must be a string")]
    [InlineData("""{"apiVersion":"example.com/v1","kind":"Boat","metadata":{"name":"a"},"spec":{"pod":{"metadata":{"name":"b","labels":{"a":1}}}}}""", 400,
        """Boat in version "v1" cannot be handled as a Boat: spec.pod.metadata: Invalid value: {"labels":{"a":1},"name":"b"}: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string""")]
    [InlineData("""{"apiVersion":"example.com/v1","kind":"Boat","metadata":{"name":"a"},"spec":{"pod":{"apiVersion":"a/b/c","kind":"","metadata":{"namespace":"A"}}}}""", 422,
        "Boat.example.com \"a\" is invalid: [spec.pod.apiVersion: Invalid value: \"a/b/c\": unexpected GroupVersion string: a/b/c, spec.pod.kind: Invalid value: \"\": must not be empty, spec.pod.metadata.namespace: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')]")]
    [InlineData("""{"apiVersion":"example.com/v1","kind":"Boat","metadata":{"name":"a"},"spec":{"replicas":-1}}""", 422, "Boat.example.com \"a\" is invalid: .spec.replicas: Invalid value: -1: should be a non-negative integer")]
    [InlineData("""{"apiVersion":"example.com/v1","kind":"Boat","metadata":{"name":"a"},"spec":{"replicas":3000000000}}""", 422, "Boat.example.com \"a\" is invalid: .spec.replicas: Invalid value: 3000000000: should be less than or equal to 2147483647")]
    public async Task A_body_is_refused_for_what_is_wrong_with_it(string body, int code, string message)
    {
        await using var server = await StartAsync();
        var refused = await server.SendAsync("POST", Boats, body);
        Assert.Equal((code, message), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task What_is_dropped_is_told_in_upstreams_order()
    {
        await using var server = await StartAsync();
        var refused = await server.SendAsync("POST", Boats + "?fieldValidation=Strict", """{"apiVersion":"example.com/v1","kind":"Boat","metadata":{"name":"a","name":"a","sail":1},"spec":{"z":1,"crew":[{"age":1}],"pod":{"apiVersion":"v1","kind":"Pod","metadata":{"oar":1}},"replicas":1,"replicas":2}}""");
        Assert.Equal(
            "Boat in version \"v1\" cannot be handled as a Boat: strict decoding error: duplicate field \"metadata.name\", duplicate field \"spec.replicas\", unknown field \"metadata.sail\", unknown field \"spec.crew[0].age\", unknown field \"spec.z\", unknown field \"spec.pod.metadata.oar\"",
            refused.Message);
    }

    [Fact]
    public async Task Numbers_are_stored_as_Go_writes_them_and_resources_inside_get_nothing_that_was_not_sent()
    {
        await using var server = await StartAsync();
        var boat = await server.MustAsync("POST", Boats, """{"apiVersion":"example.com/v1","kind":"Boat","metadata":{"name":"a"},"spec":{"replicas":4.0,"number":1e3,"pod":{"apiVersion":"v1","kind":"Pod","tiny":0.00000012,"huge":1e21,"many":123456789012345678901}}}""");
        Assert.Equal("""{"number":1000,"pod":{"apiVersion":"v1","kind":"Pod","huge":1e+21,"many":123456789012345680000,"tiny":1.2e-7},"replicas":4}""", boat["spec"]!.ToJsonString());
    }

    [Fact]
    public async Task The_status_is_judged_alone()
    {
        await using var server = await StartAsync();
        await server.MustAsync("POST", Boats, """{"apiVersion":"example.com/v1","kind":"Boat","metadata":{"name":"a"},"spec":{"replicas":1}}""");
        var refused = await server.SendAsync("PATCH", Boats + "/a/status", """{"status":{"phase":"Down","replicas":-1}}""", "application/merge-patch+json");
        Assert.Equal("Boat.example.com \"a\" is invalid: [status.phase: Unsupported value: \"Down\": supported values: \"Up\", .status.replicas: Invalid value: -1: should be a non-negative integer]", refused.Message);
    }

    [Fact]
    public async Task A_boat_of_unknown_size_has_no_scale_and_subresources_that_it_has_not_are_not_found()
    {
        await using var server = await StartAsync();
        await server.MustAsync("POST", Boats, """{"apiVersion":"example.com/v1","kind":"Boat","metadata":{"name":"a"}}""");
        var scale = await server.SendAsync("GET", Boats + "/a/scale");
        Assert.Equal((500, "Internal error occurred: the spec replicas field \".spec.replicas\" does not exist"), (scale.Code, scale.Message));
        var mast = await server.SendAsync("GET", Boats + "/a/mast");
        Assert.Equal((404, "boats.example.com \"a\" not found"), (mast.Code, mast.Message));
    }

    [Fact]
    public async Task Finalizers_without_a_path_are_warned_of_once()
    {
        await using var server = await StartAsync();
        var made = await server.SendAsync("POST", Boats, """{"apiVersion":"example.com/v1","kind":"Boat","metadata":{"name":"a","finalizers":["short","dotted.name","example.com/x","orphan"]}}""");
        Assert.Equal(
            [
                "metadata.finalizers: \"dotted.name\": prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers",
                "metadata.finalizers: \"short\": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers",
            ],
            made.Warnings);
        var patched = await server.SendAsync("PATCH", Boats + "/a", """{"metadata":{"labels":{"a":"b"}}}""", "application/merge-patch+json");
        Assert.Equal((200, 0), (patched.Code, patched.Warnings.Count));
    }

    [Fact]
    public async Task Lists_tell_an_empty_continue_token()
    {
        await using var server = await StartAsync();
        var list = await server.MustAsync("GET", Boats);
        Assert.Equal("", (string?)list["metadata"]!["continue"]);
    }

    [Fact]
    public async Task Formats_that_nothing_checks_are_warned_of_when_they_come()
    {
        const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        const string Odd = """
            {"metadata":{"name":"oars.example.com"},"spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"oars","kind":"Oar"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{
            "format":{"type":"string","format":"odd"},"day":{"type":"string","format":"date-time"},"size":{"type":"integer","format":"int8"},"list":{"type":"array","items":{"type":"string","format":"odd"}}}}}}]}}
            """;
        await using var server = await StartAsync();
        Assert.Equal(["unrecognized format \"odd\"", "unrecognized format \"int8\""], (await server.SendAsync("POST", Definitions, Odd)).Warnings);
        var patched = await server.SendAsync("PATCH", Definitions + "/oars.example.com", """[{"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/new","value":{"type":"string","format":"new"}}]""", "application/json-patch+json");
        Assert.Equal(["unrecognized format \"new\""], patched.Warnings);
    }

    private static async Task<TestServer> StartAsync()
    {
        var server = await TestServer.StartAsync();
        await server.EstablishAsync((JsonObject)JsonNode.Parse(Definition)!);
        return server;
    }
}
