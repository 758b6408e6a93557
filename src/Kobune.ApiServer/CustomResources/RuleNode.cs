using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.Cel.Schemas;

namespace Kobune.ApiServer.CustomResources;

/// <summary>The rules of a schema and of what is below it, compiled. Immutable. Source: k8s.io/apiextensions-apiserver, apiserver/schema/cel/validation.go.</summary>
internal sealed class RuleNode
{
    private RuleNode(JsonObject schema, CelSchema types)
    {
        Schema = schema;
        Types = types;
    }

    public JsonObject Schema { get; }

    /// <summary>What values are wrapped with.</summary>
    public CelSchema Types { get; }

    public IReadOnlyList<CompiledRule> Rules { get; private init; } = [];

    public IReadOnlyDictionary<string, RuleNode> Properties { get; private init; } = new Dictionary<string, RuleNode>();

    public RuleNode? Values { get; private init; }

    public RuleNode? Items { get; private init; }

    public IReadOnlyList<RuleNode> AllOf { get; private init; } = [];

    /// <summary>The rules of a custom kind's schema; null when it has none.</summary>
    public static RuleNode? Of(JsonObject schema, bool isResource = true) => Of(schema, schema, isResource);

    /// <summary>Rules may stand in a part of allOf, which has no types of its own: they are those of the schema around it.</summary>
    private static RuleNode? Of(JsonObject rules, JsonObject schema, bool isResource)
    {
        if (!RuleSchema.IsVisible(schema))
        {
            return null;
        }

        var properties = new Dictionary<string, RuleNode>(StringComparer.Ordinal);
        foreach (var (name, property) in rules["properties"] as JsonObject ?? [])
        {
            if (property is JsonObject inner && schema["properties"]?[name] is JsonObject typed && Of(inner, typed, typed.Flag("x-kubernetes-embedded-resource")) is { } node)
            {
                properties[name] = node;
            }
        }

        var found = ValidationRule.Of(rules);
        var items = Child(rules, schema, "items");
        var values = Child(rules, schema, "additionalProperties");
        RuleNode[] all = [.. rules.Schemas("allOf").Select(part => Of(part, schema, isResource)).OfType<RuleNode>()];
        if (found.Count == 0 && items is null && values is null && properties.Count == 0 && all.Length == 0)
        {
            return null;
        }

        var types = found.Count == 0 ? new CelSchema() : RuleSchema.Of(schema);
        return new(schema, isResource ? types.AsResource() : types)
        {
            Rules = found.Count > 0 && CelSchemaTypes.Of(types, "SelfType", isResource) is { } declared
                ? [.. found.Select(r => CompiledRule.Of(r, schema, declared, KubernetesVersion.Newest.Minor))]
                : [],
            Properties = properties,
            Items = items,
            Values = values,
            AllOf = all,
        };
    }

    private static RuleNode? Child(JsonObject rules, JsonObject schema, string name) =>
        rules[name] is JsonObject inner && schema[name] is JsonObject typed ? Of(inner, typed, typed.Flag("x-kubernetes-embedded-resource")) : null;
}
