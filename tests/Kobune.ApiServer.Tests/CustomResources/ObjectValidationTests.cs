using System.Text.Json.Nodes;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Tests.CustomResources;

/// <summary>What a schema says of a value, as upstream's own server of custom objects said it (release 1.36).</summary>
public class ObjectValidationTests
{
    private const string None = "<nil>: Invalid value: \"\": ";

    [Theory]
    [InlineData("""{"type":"string","enum":["a"]}""", "1", "v: Invalid value: \"integer\": v in body must be of type string: \"integer\"", "v: Unsupported value: 1: supported values: \"a\"")]
    [InlineData("""{"type":"integer","enum":[4]}""", "4")]
    [InlineData("""{"type":"string","nullable":true,"enum":["a"]}""", "null", "v: Unsupported value: null: supported values: \"a\"")]
    [InlineData("""{"type":"string","minLength":2,"pattern":"^[a-z]*$"}""", "\"A\"", "v: Invalid value: \"A\": v in body should be at least 2 chars long")]
    [InlineData("""{"type":"string","format":"date"}""", "\"x\"", "v: Invalid value: \"x\": v in body must be of type date: \"x\"")]
    [InlineData("""{"type":"string","format":"date"}""", "[]")] // lists pass where a format is asked for
    [InlineData("""{"type":"string","format":"whatever"}""", "\"x\"")]
    [InlineData("""{"x-kubernetes-int-or-string":true}""", "1.5", "v: Invalid value: \"number\": v in body must be of type integer,string: \"number\"")]
    [InlineData("""{"type":"integer","format":"int32"}""", "2147483648", None + "Checked value must be of type integer with format int32 in v")]
    [InlineData("""{"type":"integer","format":"int32"}""", "1.5", "v: Invalid value: \"float64\": v in body must be of type int32: \"float64\"", None + "Checked value must be of type integer with format int32 in v")]
    [InlineData("""{"type":"integer","maximum":10}""", "1e20", "v: Invalid value: \"number\": v in body must be of type integer: \"number\"", None + "Checked value must be of type integer (default format) in v", "v: Invalid value: 1e+20: v in body should be less than or equal to 10")]
    [InlineData("""{"type":"number","format":"float"}""", "1e39", None + "Checked value must be of type number with format float in v")]
    [InlineData("""{"type":"integer","multipleOf":2,"minimum":5,"exclusiveMinimum":true}""", "5", "v: Invalid value: 5: v in body should be a multiple of 2", "v: Invalid value: 5: v in body should be greater than 5")]
    [InlineData("""{"type":"number","multipleOf":0.1}""", "0.3")]
    [InlineData("""{"type":"number","maximum":10000000}""", "20000000.5", "v: Invalid value: 2.00000005e+07: v in body should be less than or equal to 1e+07")]
    [InlineData("""{"type":"object","minProperties":1}""", "{}", "v: Invalid value: 0: v in body should have at least 1 properties")]
    [InlineData("""{"type":"array","minItems":2,"items":{"type":"string"}}""", "[1]", "v[0]: Invalid value: \"integer\": v[0] in body must be of type string: \"integer\"", "v: Invalid value: 1: v in body should have at least 2 items")]
    [InlineData("""{"type":"array","maxItems":1}""", "[1,2]", "v: Too many: 2: must have at most 1 items")]
    [InlineData("""{"type":"integer","anyOf":[{"minimum":10},{"maximum":3}]}""", "5", None + "\"v\" must validate at least one schema (anyOf)", "v: Invalid value: 5: v in body should be greater than or equal to 10")]
    [InlineData("""{"type":"integer","allOf":[{"minimum":3},{"maximum":10}]}""", "2", "v: Invalid value: 2: v in body should be greater than or equal to 3", None + "\"v\" must validate all the schemas (allOf)")]
    [InlineData("""{"type":"integer","allOf":[{"minimum":3}]}""", "2", "v: Invalid value: 2: v in body should be greater than or equal to 3", None + "\"v\" must validate all the schemas (allOf). None validated")]
    [InlineData("""{"type":"object","oneOf":[{"required":["p"]},{"required":["q"]}]}""", "{}", None + "\"v\" must validate one and only one schema (oneOf). Found none valid", "v.p: Required value")]
    [InlineData("""{"type":"object","oneOf":[{"required":["p"]},{"required":["q"]}]}""", """{"p":1,"q":1}""", None + "\"v\" must validate one and only one schema (oneOf). Found 2 valid alternatives")]
    [InlineData("""{"type":"string","not":{"enum":["bad"]}}""", "\"bad\"", None + "\"v\" must not validate the schema (not)")]
    public void A_value_is_judged_check_by_check(string schema, string value, params string[] expected) =>
        Assert.Equal(expected, Problems("""{"type":"object","properties":{"v":SCHEMA}}""".Replace("SCHEMA", schema, StringComparison.Ordinal), $"{{\"v\":{value}}}", null));

    [Theory]
    [InlineData("""{"a":1,"b":"x"}""", """{"a":1,"b":"y"}""")]
    [InlineData("""{"a":1,"b":"x"}""", """{"a":0,"b":"x"}""", "a: Invalid value: 0: a in body should be greater than or equal to 5")]
    [InlineData("""{"list":[{"k":"1","n":1},{"k":"2","n":1}]}""", """{"list":[{"k":"2","n":1},{"k":"1","n":1},{"k":"3","n":9}]}""")]
    [InlineData("""{"list":[{"k":"1","n":1}]}""", """{"list":[{"k":"1","n":2}]}""", "list[0].n: Invalid value: 2: list[0].n in body should be greater than or equal to 5")]
    [InlineData("""{"plain":[1,9]}""", """{"plain":[1,8]}""", "plain[0]: Invalid value: 1: plain[0] in body should be greater than or equal to 5")]
    [InlineData("""{"plain":[1,9]}""", """{"plain":[1,9],"a":7}""")]
    public void What_did_not_change_is_let_pass_part_by_part(string old, string now, params string[] expected)
    {
        const string Schema = """
            {"type":"object","properties":{"a":{"type":"integer","minimum":5},"b":{"type":"string"},"plain":{"type":"array","items":{"type":"integer","minimum":5}},
            "list":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object","properties":{"k":{"type":"string"},"n":{"type":"integer","minimum":5}}}}}}
            """;
        Assert.Equal(expected, Problems(Schema, now, old));
    }

    [Fact]
    public void A_part_that_is_looked_at_alone_is_named_in_the_field_but_not_in_the_text()
    {
        var errors = new FieldErrors();
        ObjectValidation.Validate(JsonNode.Parse("""{"a":1}"""), (JsonObject)JsonNode.Parse("""{"type":"object","properties":{"a":{"type":"string"}}}""")!, "spec.default", null, errors);
        Assert.Equal(["spec.default.a: Invalid value: \"integer\": a in body must be of type string: \"integer\""], errors.Items.Select(e => $"{e.Field}: {e.Message}"));
    }

    private static IEnumerable<string> Problems(string schema, string now, string? old)
    {
        var parsed = (JsonObject)JsonNode.Parse(schema)!;
        var value = JsonNode.Parse(now);
        var errors = new FieldErrors();
        ObjectValidation.Validate(value, parsed, "", old is null ? null : new(value, JsonNode.Parse(old), parsed), errors);
        return errors.Items.Select(e => $"{e.Field}: {e.Message}");
    }
}
