using System.Text.Json.Nodes;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.ApiExtensions;

/// <summary>
/// Defaults must be values of their schema, without fields that it does not know; those of metadata, kind and apiVersion must make a valid resource.
/// Source: k8s.io/apiextensions-apiserver, apiserver/schema/defaulting/validation.go.
/// </summary>
internal sealed class DefaultRules
{
    private const string EmbeddedFlag = "x-kubernetes-embedded-resource";
    private readonly FieldErrors _errors;

    private DefaultRules(FieldErrors errors) => _errors = errors;

    public static void Validate(JsonObject schema, string path, FieldErrors errors) => new DefaultRules(errors).Node(schema, path, new(schema, leaf => (JsonObject)leaf), isInMeta: false, isResource: true);

    private void Node(JsonObject schema, string path, Resource around, bool isInMeta, bool isResource)
    {
        if (isResource)
        {
            (isInMeta, around) = (false, new(schema, leaf => (JsonObject)leaf));
        }

        if (schema["default"] is { } value)
        {
            if (isInMeta)
            {
                InMeta(value, schema, $"{path}.default", around);
            }
            else
            {
                Plain(value, schema, $"{path}.default", isResource);
            }
        }

        if (schema["items"] is JsonObject items)
        {
            Node(items, $"{path}.items", around with { Put = leaf => around.Put(new JsonArray(leaf)) }, isInMeta, SchemaNode.Flag(items, EmbeddedFlag));
        }

        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            if (property is JsonObject inner)
            {
                var inside = around with { Put = leaf => around.Put(new JsonObject { [name] = leaf }) };
                Node(inner, $"{path}.properties[{name}]", inside, isInMeta || (isResource && name is "metadata" or "apiVersion" or "kind"), SchemaNode.Flag(inner, EmbeddedFlag));
            }
        }
    }

    private void InMeta(JsonNode value, JsonObject schema, string path, Resource around)
    {
        var whole = around.Put(value.DeepClone());
        whole.TryAdd("apiVersion", "validation/v1");
        whole.TryAdd("kind", "Validation");
        var problems = new FieldErrors();
        EmbeddedResources.Validate(whole, around.Schema, "", isResource: true, problems);
        string[] texts = [.. problems.Items.Select(e => $"{e.Field}: {e.Message}").Distinct()];
        if (texts.Length > 0)
        {
            _errors.Invalid(path, Shown(value), $"must result in valid metadata: {(texts.Length == 1 ? texts[0] : $"[{string.Join(", ", texts)}]")}");
            return;
        }

        Fits(value, schema, path, isResource: false);
    }

    private void Plain(JsonNode value, JsonObject schema, string path, bool isResource)
    {
        if (HasUnknown(value, schema, isResource))
        {
            _errors.Invalid(path, Shown(value), "must not have unknown fields");
        }

        var known = _errors.Items.Count;
        EmbeddedResources.Validate(value, schema, path, isResource, _errors);
        if (_errors.Items.Count == known)
        {
            Fits(value, schema, path, isResource);
        }
    }

    /// <summary>Rules are for values that fit their schema.</summary>
    private void Fits(JsonNode value, JsonObject schema, string path, bool isResource)
    {
        var known = _errors.Items.Count;
        ObjectValidation.Validate(value, schema, path, null, _errors);
        if (_errors.Items.Count == known && RuleNode.Of(schema, isResource) is { } rules)
        {
            RuleEvaluation.Validate(value, rules, path, _errors, CancellationToken.None); // bounded by its budget
        }
    }

    private static object Shown(JsonNode value) => value is JsonValue text && text.TryGetValue<string>(out var some) ? some : value;

    private static bool HasUnknown(JsonNode? value, JsonObject schema, bool isResource) => value switch
    {
        JsonArray list => schema["items"] is JsonObject items && list.Any(i => HasUnknown(i, items, SchemaNode.Flag(items, EmbeddedFlag))),
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
            ? HasUnknown(value, inner, SchemaNode.Flag(inner, EmbeddedFlag))
            : field is null && !SchemaNode.Flag(schema, "x-kubernetes-preserve-unknown-fields");
    }

    /// <summary>The resource around a value: its schema, and how the value is put into one that has nothing else.</summary>
    private sealed record Resource(JsonObject Schema, Func<JsonNode, JsonObject> Put);
}
