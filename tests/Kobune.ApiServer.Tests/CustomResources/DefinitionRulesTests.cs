using System.Text.Json.Nodes;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Tests.Hosting;
using Kobune.Cel;

namespace Kobune.ApiServer.Tests.CustomResources;

public class DefinitionRulesTests
{
    private const string Invalid = "CustomResourceDefinition.apiextensions.k8s.io \"crontabs.stable.example.com\" is invalid: ";

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{}}}""", Invalid + "spec.validation.openAPIV3Schema.properties[spec].properties[a].type: Required value: must not be empty for specified object fields")]
    [InlineData("""{"type":"array"}""", Invalid + "spec.validation.openAPIV3Schema.properties[spec].items: Required value: must be specified")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":{"type":"string"}}""", Invalid + "spec.validation.openAPIV3Schema.properties[spec].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive")]
    [InlineData("""{"type":"array","x-kubernetes-list-type":"map","items":{"type":"object"}}""", Invalid + "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map")]
    [InlineData("""{"type":"string","pattern":"("}""", Invalid + "spec.validation.openAPIV3Schema.properties[spec].pattern: Invalid value: \"(\": must be a valid regular expression, but isn't: error parsing regexp: `(`")]
    public async Task A_schema_that_is_not_structural_is_refused(string spec, string message)
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal(message, (await server.SendAsync("POST", Definitions.Path, Definitions.CronTabs(spec).ToJsonString())).Message);
    }

    [Theory]
    [InlineData("metadata.name", "\"x.stable.example.com\"", "metadata.name: Invalid value: \"x.stable.example.com\": must be spec.names.plural+\".\"+spec.group")]
    [InlineData("spec.scope", "\"Global\"", "spec.scope: Unsupported value: \"Global\": supported values: \"Cluster\", \"Namespaced\"")]
    [InlineData("spec.versions.0.storage", "false", "spec.versions: Invalid value: ")]
    [InlineData("spec.names.listKind", "\"CronTab\"", "spec.names.listKind: Invalid value: \"CronTab\": kind and listKind may not be the same")]
    [InlineData("spec.versions.0.schema", "null", "spec.versions[0].schema.openAPIV3Schema: Required value")]
    [InlineData("spec.versions.0.additionalPrinterColumns", """[{"name":"a","type":"text","jsonPath":".a"}]""", "spec.additionalPrinterColumns[0].type: Invalid value: \"text\": must be one of boolean,date,integer,number,string")]
    [InlineData("spec.group", "\"apps.k8s.io\"", "metadata.annotations[api-approved.kubernetes.io]: Required value")]
    public async Task A_definition_that_breaks_a_rule_is_refused(string path, string value, string problem)
    {
        await using var server = await TestServer.StartAsync();
        var crd = Definitions.CronTabs("""{"type":"object"}""");
        JsonNode at = crd;
        var names = path.Split('.');
        foreach (var name in names[..^1])
        {
            at = int.TryParse(name, out var index) ? at[index]! : at[name]!;
        }

        at[names[^1]] = JsonNode.Parse(value);
        var refused = await server.SendAsync("POST", Definitions.Path, crd.ToJsonString());
        Assert.Equal(422, refused.Code);
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("^a$", "a", true)]
    [InlineData("^a$", "a\n", false)]
    [InlineData("^\\d+$", "١", false)]
    [InlineData("^[\\w.-]+$", "a_b.c-1", true)]
    [InlineData("^(?P<x>a|b)$", "b", true)]
    [InlineData("^[[:alpha:]]+$", "aZ", true)]
    [InlineData("^[]a]$", "]", true)]
    [InlineData("(?m)^a$", "a\nb", true)]
    [InlineData("^\\x{61}\\Q.*\\E$", "a.*", true)]
    [InlineData("^\\pL+$", "é", true)]
    public void Patterns_mean_what_RE2_means(string pattern, string text, bool fits) => Assert.Equal(fits, Re2Pattern.Compile(pattern)!.IsMatch(text));

    [Theory]
    [InlineData("\\x{zz}")]
    [InlineData("\\x{fffffffff}")]
    [InlineData("(")]
    public void Patterns_that_are_none_are_refused(string pattern) => Assert.Null(Re2Pattern.Compile(pattern));

    [Theory]
    [InlineData(".spec.a", "1")]
    [InlineData(".spec['b.c']", "2")]
    [InlineData(".spec.b\\.c", "2")]
    [InlineData(".list[1].n", "y")]
    [InlineData(".list[-1].n", "y")]
    [InlineData(".list[*].n", "x")]
    [InlineData(".list[?(@.n==\"y\")].v", "5")]
    [InlineData("{.spec.a}", "1")]
    [InlineData(".none", null)]
    public void Cells_find_their_value(string path, string? expected)
    {
        var tree = JsonNode.Parse("""{"spec":{"a":1,"b.c":2},"list":[{"n":"x"},{"n":"y","v":5}]}""")!;
        Assert.Equal(expected, CellPath.Parse(path)!.TryFind(tree, out var value) ? value?.ToString() : null);
    }

    [Fact]
    public void Versions_are_in_the_order_of_their_meaning()
    {
        string[] sorted = ["v10", "v2", "v1", "v11beta2", "v3beta1", "v12alpha1", "foo1", "foo10"];
        Assert.Equal(sorted, sorted.Reverse().OrderDescending(VersionOrder.Instance));
    }
}
