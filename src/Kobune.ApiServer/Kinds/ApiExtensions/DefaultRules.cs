using System.Text.Json.Nodes;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.ApiExtensions;

/// <summary>Defaults must be values of their schema, without fields that it does not know. Source: k8s.io/apiextensions-apiserver, apiserver/schema/defaulting/validation.go.</summary>
internal static class DefaultRules
{
    public static void Validate(JsonObject schema, string path, FieldErrors errors, bool isResource = true)
    {
        if (schema["default"] is { } value)
        {
            if (HasUnknown(value, schema, isResource))
            {
                errors.Invalid($"{path}.default", value is JsonValue text && text.TryGetValue<string>(out var some) ? some : value, "must not have unknown fields");
            }

            Value(value, schema, $"{path}.default", isResource, errors);
        }

        if (schema["items"] is JsonObject items)
        {
            Validate(items, $"{path}.items", errors, SchemaNode.Flag(items, "x-kubernetes-embedded-resource"));
        }

        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            if (property is JsonObject inner)
            {
                Validate(inner, $"{path}.properties[{name}]", errors, SchemaNode.Flag(inner, "x-kubernetes-embedded-resource"));
            }
        }
    }

    /// <summary>Rules are for values that fit their schema.</summary>
    private static void Value(JsonNode value, JsonObject schema, string path, bool isResource, FieldErrors errors)
    {
        var known = errors.Items.Count;
        ObjectValidation.Validate(value, schema, path, errors);
        ListUniqueness.Validate(value, schema, path, errors);
        if (errors.Items.Count == known && RuleNode.Of(schema, isResource) is { } rules)
        {
            RuleEvaluation.Validate(value, rules, path, errors, CancellationToken.None); // bounded by its budget
        }
    }

    private static bool HasUnknown(JsonNode? value, JsonObject schema, bool isResource) => value switch
    {
        JsonArray list => schema["items"] is JsonObject items && list.Any(i => HasUnknown(i, items, SchemaNode.Flag(items, "x-kubernetes-embedded-resource"))),
        JsonObject map => map.Any(f => IsUnknown(f.Key, f.Value, schema, isResource)),
        _ => false,
    };

    private static bool IsUnknown(string name, JsonNode? value, JsonObject schema, bool isResource)
    {
        if (isResource && name is "apiVersion" or "kind" or "metadata")
        {
            return false;
        }

        var field = schema["properties"]?[name] ?? schema["additionalProperties"];
        return field is JsonObject inner
            ? HasUnknown(value, inner, SchemaNode.Flag(inner, "x-kubernetes-embedded-resource"))
            : field is null && !SchemaNode.Flag(schema, "x-kubernetes-preserve-unknown-fields");
    }
}
