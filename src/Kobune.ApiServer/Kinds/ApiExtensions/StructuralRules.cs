using System.Text.Json.Nodes;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.ApiExtensions;

/// <summary>Schemas must be structural: a type at every level, and nothing that says two things at once. Source: k8s.io/apiextensions-apiserver, apiserver/schema/validation.go and apis/apiextensions/validation.</summary>
internal sealed class StructuralRules(FieldErrors errors)
{
    private static readonly string[] Unsupported = ["$ref", "definitions", "dependencies", "id", "patternProperties", "additionalItems"];
    private static readonly string[] Types = ["string", "number", "integer", "boolean", "object", "array"];

    public static void Validate(JsonObject schema, string path, FieldErrors errors)
    {
        if (schema.TextAt("type") is var type && type.Length == 0)
        {
            errors.Required($"{path}.type", "must not be empty at the root");
        }
        else if (type != "object")
        {
            errors.Invalid($"{path}.type", type, "must be object at the root");
        }

        new StructuralRules(errors).Node(schema, path);
    }

    private void Node(JsonObject schema, string path)
    {
        foreach (var name in Unsupported)
        {
            if (schema[name] is not null)
            {
                errors.Forbidden($"{path}.{name}", $"{name} is not supported");
            }
        }

        if (schema.TextAt("type") is { Length: > 0 } type && !Types.Contains(type))
        {
            errors.NotSupported($"{path}.type", type, ["array", "boolean", "integer", "number", "object", "string"]);
        }

        if (SchemaNode.Flag(schema, "uniqueItems"))
        {
            errors.Forbidden($"{path}.uniqueItems", "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
        }

        if (schema["additionalProperties"] is not null && schema["properties"] is JsonObject { Count: > 0 })
        {
            errors.Forbidden($"{path}.additionalProperties", "additionalProperties and properties are mutual exclusive");
        }

        if (schema["additionalProperties"] is JsonValue free && free.TryGetValue<bool>(out var isFree) && !isFree)
        {
            errors.Forbidden($"{path}.additionalProperties", "additionalProperties cannot be set to false");
        }

        if (schema.TextAt("pattern") is { Length: > 0 } pattern && SchemaNode.Pattern(pattern) is null)
        {
            errors.Invalid($"{path}.pattern", pattern, "must be a valid regular expression");
        }

        List(schema, path);
        Extensions(schema, path);
        Children(schema, path);
    }

    private void List(JsonObject schema, string path)
    {
        if (schema.TextAt("type") == "array" && schema["items"] is not JsonObject)
        {
            errors.Required($"{path}.items", "must be specified");
        }

        var kind = schema.TextAt("x-kubernetes-list-type");
        if (kind is not ("" or "atomic" or "set" or "map"))
        {
            errors.NotSupported($"{path}.x-kubernetes-list-type", kind, ["atomic", "map", "set"]);
        }

        var keys = schema.TextsAt("x-kubernetes-list-map-keys").ToArray();
        if (kind == "map" && keys.Length == 0)
        {
            errors.Required($"{path}.x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map");
        }

        for (var i = 0; kind == "map" && i < keys.Length; i++)
        {
            if (schema["items"]?["properties"]?[keys[i]] is null)
            {
                errors.Invalid($"{path}.x-kubernetes-list-map-keys[{i}]", keys[i], "entries must all be names of item properties");
            }
        }
    }

    private void Extensions(JsonObject schema, string path)
    {
        if (SchemaNode.Flag(schema, "x-kubernetes-embedded-resource") && schema.TextAt("type") != "object")
        {
            errors.Invalid($"{path}.type", schema.TextAt("type"), "must be object if x-kubernetes-embedded-resource is true");
        }

        if (SchemaNode.Flag(schema, "x-kubernetes-int-or-string") && schema.TextAt("type").Length > 0)
        {
            errors.Invalid($"{path}.type", schema.TextAt("type"), "must be empty if x-kubernetes-int-or-string is true");
        }

        if (schema["x-kubernetes-preserve-unknown-fields"] is not null && !SchemaNode.Flag(schema, "x-kubernetes-preserve-unknown-fields"))
        {
            errors.Invalid($"{path}.x-kubernetes-preserve-unknown-fields", false, "must be true or undefined");
        }
    }

    private void Children(JsonObject schema, string path)
    {
        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            Child(property, $"{path}.properties[{name}]", "must not be empty for specified object fields");
        }

        Child(schema["additionalProperties"], $"{path}.additionalProperties", "must not be empty for specified object fields");
        Child(schema["items"], $"{path}.items", "must not be empty for specified array items");
    }

    private void Child(JsonNode? node, string path, string missing)
    {
        if (node is not JsonObject schema)
        {
            return;
        }

        if (schema.TextAt("type").Length == 0 && !SchemaNode.Flag(schema, "x-kubernetes-int-or-string") && !SchemaNode.Flag(schema, "x-kubernetes-preserve-unknown-fields"))
        {
            errors.Required($"{path}.type", missing);
        }

        Node(schema, path);
    }
}
