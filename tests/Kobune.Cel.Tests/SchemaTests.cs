using System.Text.Json.Nodes;
using Kobune.Cel.Costs;
using Kobune.Cel.Schemas;
using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Tests;

public class SchemaTests
{
    private static readonly CelSchema Text = new() { Type = "string" };
    private static readonly CelSchema Number = new() { Type = "integer" };

    private static readonly CelSchema Schema = new()
    {
        Type = "object",
        Properties = new Dictionary<string, CelSchema>
        {
            ["name"] = Text,
            ["short"] = Text with { MaxElements = 10 },
            ["kind-of"] = Text,
            ["in"] = Number,
            ["count"] = Number,
            ["ratio"] = new() { Type = "number" },
            ["port"] = new() { IsIntOrString = true },
            ["when"] = Text with { Format = "date-time" },
            ["day"] = Text with { Format = "date" },
            ["wait"] = Text with { Format = "duration" },
            ["data"] = Text with { Format = "byte" },
            ["maybe"] = Text with { IsNullable = true },
            ["set"] = new() { Type = "array", Items = Text, ListType = "set", MaxElements = 5 },
            ["byKey"] = new()
            {
                Type = "array",
                ListType = "map",
                ListMapKeys = ["k"],
                Items = new() { Type = "object", Properties = new Dictionary<string, CelSchema> { ["k"] = Text, ["v"] = Number } },
            },
            ["labels"] = new() { Type = "object", AdditionalProperties = Text, MaxElements = 7 },
            ["any"] = new() { PreservesUnknownFields = true },
            ["embedded"] = new() { Type = "object", IsEmbeddedResource = true, PreservesUnknownFields = true },
        },
        Required = ["name"],
    };

    private const string Json = """
        {"kind": "Thing", "metadata": {"name": "one", "labels": {"hidden": "x"}}, "name": "n", "kind-of": "k", "in": 3, "count": 2, "ratio": 1, "port": "http",
         "when": "2024-01-02T03:04:05Z", "day": "2024-01-02", "wait": "1m", "data": "aGk=", "maybe": null, "set": ["a", "b"],
         "byKey": [{"k": "x", "v": 1}, {"k": "y", "v": 2}], "labels": {"a-b": "c"}, "any": {"q": 1}, "embedded": {"kind": "Pod", "metadata": {"name": "p"}}}
        """;

    private static readonly CelSchemaTypes Types = CelSchemaTypes.Of(Schema, "SelfType", isResource: true)!;
    private static readonly CelEnvironment Environment = CelKubernetes.Environment(36).WithTypes(Types).WithVariable("self", Types.Type).WithVariable("raw", CelType.Dyn);

    [Theory]
    [InlineData("self.name == 'n' && self.kind__dash__of == 'k' && self.__in__ == 3 && self.ratio == 1.0")]
    [InlineData("self.kind == 'Thing' && self.metadata.name == 'one' && !has(self.metadata.generateName)")]
    [InlineData("type(self.port) == string ? self.port == 'http' : self.port == 80")]
    [InlineData("self.when.getFullYear() == 2024 && self.day.getDate() == 2 && self.wait == duration('60s') && self.data == b'hi'")]
    [InlineData("!has(self.maybe) && !has(self.short) && has(self.name)")]
    [InlineData("self.set == ['b', 'a'] && self.set + ['c', 'a'] == ['a', 'b', 'c'] && (self.set + ['a']).size() == 2")]
    [InlineData("self.byKey.all(e, e.v > 0) && self.byKey + self.byKey == self.byKey && self.byKey.exists(e, e.k == 'y' && e.v == 2)")]
    [InlineData("self.labels['a-b'] == 'c' && 'a-b' in self.labels && self.labels.all(k, self.labels[k] == 'c')")]
    [InlineData("self.embedded.kind == 'Pod' && self.embedded.metadata.name == 'p'")]
    [InlineData("raw.count == 2 && raw.ratio == 1 && raw.metadata.labels.hidden == 'x' && raw.maybe == null && raw['kind-of'] == 'k'")]
    [InlineData("raw.byKey[1].v + raw.byKey.map(e, e.v).sum() == 5")]
    public void Rule_holds(string text)
    {
        var compiled = Environment.Compile(text);
        Assert.True(compiled.Succeeded, compiled.Issues?.ToString());
        foreach (var json in new[] { CelJson.Wrap(JsonNode.Parse(Json), Schema.AsResource()), CelJson.Wrap(System.Text.Json.JsonDocument.Parse(Json).RootElement, Schema.AsResource()) })
        {
            var result = compiled.Program.Evaluate(new CelActivation(new Dictionary<string, CelValue> { ["self"] = json, ["raw"] = CelJson.Wrap(JsonNode.Parse(Json)) }), CancellationToken.None);
            Assert.Null(result.Error);
            Assert.Equal(CelBool.True, result.Value);
        }
    }

    [Theory]
    [InlineData("self.nope", "undefined field 'nope'")]
    [InlineData("self.metadata.labels", "undefined field 'labels'")]
    [InlineData("self.any", "undefined field 'any'")]
    [InlineData("self.name + 1", "found no matching overload for '_+_' applied to '(string, int)'")]
    public void Rule_is_refused(string text, string message) => Assert.Contains(message, Environment.Compile(text).Issues!.ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"name": 1}""", "self.name", "invalid data, expected string, got int64")]
    [InlineData("""{"count": "x"}""", "self.count", "invalid data, expected int, got string")]
    [InlineData("""{"port": true}""", "self.port", "invalid data, expected XIntOrString value to be either a string or integer")]
    [InlineData("""{"set": [null]}""", "self.set[0]", "invalid data, got null for schema with nullable=false")]
    [InlineData("""{"labels": []}""", "self.labels", "invalid data, expected a map for the provided schema with type=object")]
    [InlineData("""{"data": "aG//"}""", "self.data", "Invalid byte formatted string aG//: illegal base64 data at input byte 2")] // the alphabet is that for addresses
    [InlineData("""{"data": "aGk"}""", "self.data", "Invalid byte formatted string aGk: illegal base64 data at input byte 0")]
    [InlineData("""{"data": "aG_-\nYQ=="}""", "size(self.data) == 4 ? self.name : string(self.count)", "no such key: name")]
    [InlineData("""{}""", "self.name", "no such key: name")]
    public void Data_that_does_not_fit_is_an_error(string json, string text, string error)
    {
        var result = Environment.Compile(text).Program!.Evaluate(new CelActivation(new Dictionary<string, CelValue> { ["self"] = CelJson.Wrap(JsonNode.Parse(json), Schema) }), CancellationToken.None);
        Assert.Equal(error, result.Error);
    }

    [Theory]
    [InlineData("self.short", 0, 40)]
    [InlineData("self.name", 0, 3_145_726)]
    [InlineData("self.when", 0, 32)]
    [InlineData("self.set", 0, 5)]
    [InlineData("self.labels", 0, 7)]
    [InlineData("self.labels.@values", 0, 3_145_726)]
    [InlineData("self.labels.@keys", 0, 0)]
    [InlineData("self.byKey", 0, 1_048_575)]
    [InlineData("self.count", 0, 0)]
    public void Sizes_are_bounded_by_the_schema(string path, ulong min, ulong max) => Assert.Equal(new CelRange(min, max), Types.Find(path.Split('.'), CelType.Dyn));

    [Fact]
    public void Rules_over_unbounded_lists_are_dear()
    {
        Assert.Equal(ulong.MaxValue, Environment.Compile("self.byKey.all(a, self.byKey.all(b, self.byKey.all(c, self.byKey.all(d, a.k != b.k))))").Program!.EstimateCost(Types).Max);
        Assert.Equal(new CelRange(3, 18), Environment.Compile("self.set.all(e, true)").Program!.EstimateCost(Types));
    }

    [Theory]
    [InlineData("a-b", "a__dash__b")]
    [InlineData("a.b/c", "a__dot__b__slash__c")]
    [InlineData("a__b", "a__underscores__b")]
    [InlineData("namespace", "__namespace__")]
    [InlineData("_x", "_x")]
    [InlineData("int", "int")]
    public void Names_are_escaped_both_ways(string property, string name)
    {
        Assert.Equal(name, CelFieldName.Escape(property));
        Assert.Equal(property, CelFieldName.Unescape(name));
    }

    [Theory]
    [InlineData("1a")]
    [InlineData("")]
    [InlineData("$ref")]
    [InlineData("a b")]
    public void Names_that_cannot_be_written_have_no_escaped_form(string property) => Assert.Null(CelFieldName.Escape(property));

    [Fact]
    public void Programs_and_values_are_shared_by_threads()
    {
        var program = Environment.WithVariable("cost", CelType.Int)
            .Compile("self.byKey.map(e, e.v).sum() + self.set.size() + self.labels.size() + [3, 1].sort()[0] + cost").Program!;
        var self = CelJson.Wrap(JsonNode.Parse(Json), Schema.AsResource());
        Parallel.For(0, 200, i =>
        {
            var result = program.Evaluate(new CelActivation(new Dictionary<string, CelValue> { ["self"] = self, ["cost"] = CelInt.Of(i) }), CancellationToken.None);
            Assert.Equal((7 + i).ToString(System.Globalization.CultureInfo.InvariantCulture), result.Value.ToString());
        });
    }

    [Fact]
    public void Mutations_make_objects_and_patches()
    {
        var environment = CelKubernetes.Environment(36).WithLibrary(CelKubernetes.JsonPatch).WithTypes(MutationTypes.Instance);
        var made = (MutationObject)environment.Compile("Object{spec: Object.spec{replicas: 3, labels: {'a': 'b'}, list: [1, 2]}, metadata: Object.metadata{?x: optional.none()}}")
            .Program!.Evaluate(CelActivation.Empty, CancellationToken.None).Value;
        Assert.Empty(made.CheckTypeNames());
        Assert.True(CelJson.TryToJson(made, out var json, out _));
        Assert.Equal("""{"spec":{"replicas":3,"labels":{"a":"b"},"list":[1,2]},"metadata":{}}""", json!.ToJsonString());

        var patch = environment.Compile("[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('k8s.io/my~label'), value: {'a': 1}}]").Program!;
        Assert.Equal(MutationTypes.PatchType, patch.OutputType);
        Assert.True(CelJson.TryToJson(patch.Evaluate(CelActivation.Empty, CancellationToken.None).Value, out json, out _));
        Assert.Equal("""[{"op":"add","path":"/metadata/labels/k8s.io~1my~0label","value":{"a":1}}]""", json!.ToJsonString());
    }

    [Fact]
    public void Mutations_with_wrong_types_are_refused()
    {
        var environment = CelKubernetes.Environment(36).WithTypes(MutationTypes.Instance);
        var made = (MutationObject)environment.Compile("Object{spec: Object.status{}}").Program!.Evaluate(CelActivation.Empty, CancellationToken.None).Value;
        Assert.Equal(["unexpected type name \"Object.status\", expected \"Object.spec\", which matches field name path from root Object type"], made.CheckTypeNames());
        Assert.Contains("undefined field 'nope'", environment.Compile("JSONPatch{nope: 1}").Issues!.ToString(), StringComparison.Ordinal);
        Assert.False(CelJson.TryToJson(CelMap.Of([new(CelInt.Of(1), CelInt.Of(2))]), out _, out var problem));
        Assert.Equal("map key \"1\" is of type int, not string", problem);
    }
}
