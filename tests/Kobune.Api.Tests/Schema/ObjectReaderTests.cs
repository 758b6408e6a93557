using System.Text;
using Kobune.Api.Schema;

namespace Kobune.Api.Tests.Schema;

public class ObjectReaderTests
{
    private static SchemaType Kind(string apiVersion, string kind) => ApiSchema.BuiltIn.FindKind(apiVersion, kind)!;

    private static string Canonical(string apiVersion, string kind, string json)
    {
        var type = Kind(apiVersion, kind);
        return Encoding.UTF8.GetString(ObjectWriter.Write(ObjectReader.Read(Encoding.UTF8.GetBytes(json), type), type));
    }

    [Theory]
    [InlineData("""{"spec":{"replicas":"3"}}""", "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData("""{"spec":{"replicas":1.5}}""", "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData("""{"spec":{"replicas":3000000000}}""", "json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData("""{"spec":[]}""", "json: cannot unmarshal array into Go struct field Deployment.spec of type v1.DeploymentSpec")]
    [InlineData("""{"metadata":{"labels":{"a":1}}}""", "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string")]
    [InlineData("""{"metadata":{"labels":[]}}""", "json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":{}}}}}""", "json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"image":1}]}}}}""", "json: cannot unmarshal number into Go struct field Container.spec.template.spec.containers.image of type string")]
    [InlineData("""{"spec":{"template":{"spec":{"restartPolicy":true}}}}""", "json: cannot unmarshal bool into Go struct field PodSpec.spec.template.spec.restartPolicy of type v1.RestartPolicy")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"resources":{"limits":{"cpu":"x"}}}]}}}}""", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    [InlineData("""{"kind":1}""", "json: cannot unmarshal number into Go struct field Deployment.kind of type string")]
    [InlineData("[]", "json: cannot unmarshal array into Go value of type v1.Deployment")]
    [InlineData("{", "unexpected end of JSON input")]
    [InlineData("", "unexpected end of JSON input")]
    [InlineData("""{"a":1}}""", "invalid character '}' after top-level value")]
    [InlineData("""{a:1}""", "invalid character 'a' looking for beginning of object key string")]
    [InlineData("""{"a":tru}""", "invalid character '}' in literal true (expecting 'e')")]
    [InlineData("""{"a":"b" "c"}""", "invalid character '\"' after object key:value pair")]
    [InlineData("""[1 2]""", "invalid character '2' after array element")]
    public void Errors_are_upstreams(string json, string message)
    {
        var error = Assert.Throws<ObjectDecodeException>(() => ObjectReader.Read(Encoding.UTF8.GetBytes(json), Kind("apps/v1", "Deployment")));
        Assert.Equal(message, error.Message);
    }

    [Theory]
    [InlineData("2020-01-01T00:00:00.123456Z", null)]
    [InlineData("2020-01-01T00:00:00.123456+01:00", null)]
    [InlineData("2020-01-01T00:00:00Z", "cannot parse \"Z\" as \".000000\"")]
    [InlineData("2020-01-01T00:00:00.123Z", "cannot parse \".123Z\" as \".000000\"")]
    [InlineData("2020-01-01T00:00:00.1234567Z", "cannot parse \"7Z\" as \"Z07:00\"")]
    [InlineData("x", "cannot parse \"x\" as \"2006\"")]
    public void Times_to_the_microsecond_have_six_digits(string time, string? problem)
    {
        var error = Record.Exception(() => Canonical("v1", "Event", $$"""{"eventTime":"{{time}}"}"""));
        Assert.Equal(problem is null ? null : $"parsing time \"{time}\" as \"2006-01-02T15:04:05.000000Z07:00\": {problem}", error?.Message);
    }

    [Theory]
    [InlineData("v1", "LimitRange", """{"spec":{"limits":[]}}""", "\"limits\":null")]
    [InlineData("rbac.authorization.k8s.io/v1", "ClusterRole", """{"rules":[]}""", "\"rules\":null")]
    [InlineData("apiextensions.k8s.io/v1", "CustomResourceDefinition", """{"spec":{"versions":[]}}""", "\"versions\":[]")]
    [InlineData("v1", "Secret", """{"data":{"a":null}}""", "\"data\":{\"a\":\"\"}")]
    public void What_protobuf_does_not_tell_apart_is_written_alike(string apiVersion, string kind, string json, string expected) =>
        Assert.Contains(expected, Canonical(apiVersion, kind, json), StringComparison.Ordinal);

    [Fact]
    public void Strict_errors_have_paths()
    {
        var strict = new StrictErrors();
        ObjectReader.Read("""{"spec":{"replicas":1,"replicas":2,"foo":1,"template":{"spec":{"containers":[{"name":"a","bar":{}}]}}},"metadata":{"labels":{"a":"1","a":"2"}},"Kind":"x"}"""u8, Kind("apps/v1", "Deployment"), strict);
        Assert.Equal(
            ["duplicate field \"spec.replicas\"", "unknown field \"spec.foo\"", "unknown field \"spec.template.spec.containers[0].bar\"", "duplicate field \"metadata.labels.a\"", "unknown field \"Kind\""],
            strict.Items);
        Assert.StartsWith("strict decoding error: duplicate field \"spec.replicas\", unknown field \"spec.foo\", ", strict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Canonical_form_is_upstreams()
    {
        Assert.Equal(
            """{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"a","labels":{"a":"1","b":"2"}},"spec":{"replicas":0,"selector":null,"template":{"metadata":{},"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":"500m"}}}],"terminationGracePeriodSeconds":0}},"strategy":{}},"status":{}}""",
            Canonical("apps/v1", "Deployment", """{"apiVersion":"apps/v1","kind":"Deployment","status":null,"spec":{"replicas":0,"unknown":1,"minReadySeconds":0,"template":{"spec":{"terminationGracePeriodSeconds":0,"containers":[{"resources":{"limits":{"cpu":0.5}},"name":"c","image":""}]}}},"metadata":{"labels":{"b":"2","a":"1"},"name":"a"}}"""));
        Assert.Equal(
            """{"kind":"Service","apiVersion":"v1","metadata":{"creationTimestamp":"2026-01-02T02:04:05Z"},"spec":{"ports":[{"port":80,"targetPort":"http"}]},"status":{"loadBalancer":{}}}""",
            Canonical("v1", "Service", """{"kind":"Service","apiVersion":"v1","metadata":{"creationTimestamp":"2026-01-02T03:04:05.5+01:00"},"spec":{"ports":[{"port":80,"targetPort":"http"}]}}"""));
        Assert.Equal(
            """{"kind":"Lease","apiVersion":"coordination.k8s.io/v1","metadata":{},"spec":{"renewTime":"2026-01-02T03:04:05.123456Z"}}""",
            Canonical("coordination.k8s.io/v1", "Lease", """{"kind":"Lease","apiVersion":"coordination.k8s.io/v1","spec":{"renewTime":"2026-01-02T04:04:05.123456+01:00"}}"""));
    }

    [Fact]
    public void Numbers_can_be_asked_for_as_int_and_as_long()
    {
        var tree = ObjectReader.Read("""{"spec":{"replicas":3}}"""u8, Kind("apps/v1", "Deployment"));
        Assert.Equal(3, (int?)tree["spec"]!["replicas"]);
        Assert.Equal(3L, (long?)tree["spec"]!["replicas"]);
    }

    [Fact]
    public void Static_defaults_are_set()
    {
        var type = Kind("v1", "Pod");
        var tree = ObjectReader.Read("""{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80},{"containerPort":53,"protocol":"UDP"}]}]}}"""u8, type);
        ObjectDefaults.Apply(tree, type);
        Assert.Equal("TCP", (string?)tree["spec"]!["containers"]![0]!["ports"]![0]!["protocol"]);
        Assert.Equal("UDP", (string?)tree["spec"]!["containers"]![0]!["ports"]![1]!["protocol"]);
    }

    [Fact]
    public void Deep_input_is_refused()
    {
        var deep = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 5000)));
        Assert.Equal("exceeded max depth", Assert.Throws<ObjectDecodeException>(() => ObjectReader.Parse(deep)).Message);
    }

    [Fact]
    public void Every_cut_of_a_body_ends_unexpectedly()
    {
        var body = Encoding.UTF8.GetBytes("""{"kind":"Pod","metadata":{"name":"a\u00e9\n","labels":null,"generation":-1.5e+3},"spec":{"x":[true,false,{}],"hostPID":true}}""");
        for (var length = 0; length < body.Length; length++)
        {
            Assert.Equal("unexpected end of JSON input", Assert.Throws<ObjectDecodeException>(() => ObjectReader.Parse(body.AsSpan(0, length))).Message);
        }
    }

    [Fact]
    public void Invalid_utf8_is_replaced_as_go_does()
    {
        byte[] body = [.. """{"data":{"k":"a"""u8, 0xFF, .. "\"}}"u8];
        Assert.Equal("a\uFFFD", (string?)ObjectReader.Read(body, Kind("v1", "ConfigMap"))["data"]!["k"]);
    }

    [Fact]
    public void Schemas_of_custom_resources_read_their_odd_forms()
    {
        const string json = """{"kind":"CustomResourceDefinition","apiVersion":"apiextensions.k8s.io/v1","metadata":{"name":"x"},"spec":{"group":"","names":{"plural":"","kind":""},"scope":"","versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","default":{"b":[1.50]},"properties":{"a":{"items":{"type":"string"},"additionalProperties":{"type":"integer"}}},"additionalProperties":false}}}]},"status":{"conditions":null,"acceptedNames":{"plural":"","kind":""},"storedVersions":null}}""";
        Assert.Equal(json, Canonical("apiextensions.k8s.io/v1", "CustomResourceDefinition", json));
    }

    [Theory]
    [InlineData("1h", "1h0m0s")]
    [InlineData("90s", "1m30s")]
    [InlineData("1.5ms", "1.5ms")]
    [InlineData("0", "0s")]
    [InlineData("-2m", "-2m0s")]
    public void Durations_are_gos(string text, string canonical)
    {
        Assert.Equal(canonical, GoDuration.Format(GoDuration.TryParse(text)!.Value));
        Assert.Null(GoDuration.TryParse("1x"));
    }

    [Theory]
    [InlineData("9999999999999999999h")]
    [InlineData("9000000000000000000h")]
    [InlineData("99999999999999999999999999999999h")]
    public void Durations_beyond_gos_range_are_none(string text) => Assert.Null(GoDuration.TryParse(text));

    [Theory]
    [InlineData("""{"data":{"\ud800":"\udc00x"}}""", "{\"\ufffd\":\"\ufffdx\"}")]
    [InlineData("""{"data":{"a":"\ud83d\ude80\uD83D"}}""", "{\"a\":\"\ud83d\ude80\ufffd\"}")]
    [InlineData("""{"data":{"a":"\\ud800"}}""", """{"a":"\\ud800"}""")]
    [InlineData("""{"data":{"a":"\ud800\ud83d\ude80"}}""", "{\"a\":\"\ufffd\ud83d\ude80\"}")]
    public void Half_characters_become_the_replacement_character_as_in_go(string json, string data)
    {
        var read = ObjectReader.Read(Encoding.UTF8.GetBytes(json), ApiSchema.BuiltIn.FindKind("v1", "ConfigMap")!);
        Assert.True(System.Text.Json.Nodes.JsonNode.DeepEquals(System.Text.Json.Nodes.JsonNode.Parse(data), read["data"]), read.ToJsonString());
    }
}
