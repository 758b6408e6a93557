using System.Text.Json.Nodes;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.CustomResources;

/// <summary>What one schema of a definition must be like, whether structural or not. Source: k8s.io/apiextensions-apiserver, apis/apiextensions/validation, ValidateCustomResourceDefinitionOpenAPISchema.</summary>
internal static class SchemaRules
{
    private static readonly string[] Types = ["array", "boolean", "integer", "number", "object", "string"];
    private static readonly string[] Unsupported = ["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"];

    /// <summary>The rules that come before those of the schemas inside.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="path">Its path.</param>
    /// <param name="noDefault">Why it may have no default, or null.</param>
    /// <param name="isInMeta">It is that of metadata, kind or apiVersion.</param>
    /// <param name="errors">Takes the problems.</param>
    public static void Before(JsonObject schema, string path, string? noDefault, bool isInMeta, FieldErrors errors)
    {
        var type = schema.TextAt("type");
        if (type.Length > 0 && !Types.Contains(type))
        {
            errors.NotSupported($"{path}.type", type, Types);
        }

        if (schema["default"] is not null && noDefault is not null)
        {
            errors.Forbidden($"{path}.default", $"must not be set {noDefault}");
        }

        foreach (var name in Unsupported)
        {
            if (schema[name] is not null)
            {
                errors.Forbidden($"{path}.{name}", $"{name} is not supported");
            }
        }

        if (type == "null")
        {
            errors.Forbidden($"{path}.type", "type cannot be set to null, use nullable as an alternative");
        }

        if (schema["items"] is JsonArray { Count: > 0 })
        {
            errors.Forbidden($"{path}.items", "items must be a schema object and not an array");
        }

        if (isInMeta && schema.Flag("x-kubernetes-embedded-resource"))
        {
            errors.Forbidden($"{path}.x-kubernetes-embedded-resource", "must not be used inside of resource meta");
        }

        if (schema.Flag("uniqueItems"))
        {
            errors.Forbidden($"{path}.uniqueItems", "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
        }

        if (schema["additionalProperties"] is not null && !schema.Flag("additionalProperties") && schema["properties"] is JsonObject { Count: > 0 })
        {
            errors.Forbidden($"{path}.additionalProperties", "additionalProperties and properties are mutual exclusive");
        }
    }

    /// <summary>The rules that come after those of the schemas inside.</summary>
    public static void After(JsonObject schema, string path, FieldErrors errors)
    {
        if (schema["x-kubernetes-preserve-unknown-fields"] is not null && !schema.Flag("x-kubernetes-preserve-unknown-fields"))
        {
            errors.Invalid($"{path}.x-kubernetes-preserve-unknown-fields", false, "must be true or undefined");
        }

        TypeFor(schema, path, "x-kubernetes-map-type", "object", errors);
        if (schema["x-kubernetes-map-type"] is not null && schema.TextAt("x-kubernetes-map-type") is not ("atomic" or "granular"))
        {
            errors.NotSupported($"{path}.x-kubernetes-map-type", schema.TextAt("x-kubernetes-map-type"), ["atomic", "granular"]);
        }

        TypeFor(schema, path, "x-kubernetes-list-type", "array", errors);
        var (kind, items) = (schema.TextAt("x-kubernetes-list-type"), schema["items"] as JsonObject);
        if (kind == "set" && schema.TextAt("type") == "array" && items is not null)
        {
            Atomic(items, $"{path}.items", errors);
        }

        if (schema["x-kubernetes-list-type"] is not null && kind is not ("atomic" or "set" or "map"))
        {
            errors.NotSupported($"{path}.x-kubernetes-list-type", kind, ["atomic", "set", "map"]);
        }

        ListMapRules.Validate(schema, kind, items, path, errors);
    }

    private static void TypeFor(JsonObject schema, string path, string extension, string wanted, FieldErrors errors)
    {
        var type = schema.TextAt("type");
        if (schema[extension] is null || type == wanted)
        {
            return;
        }

        if (type.Length == 0)
        {
            errors.Required($"{path}.type", $"must be {wanted} if {extension} is specified");
        }
        else
        {
            errors.Invalid($"{path}.type", type, $"must be {wanted} if {extension} is specified");
        }
    }

    /// <summary>Items of a set have no parts of their own: the default of lists, but not of maps.</summary>
    private static void Atomic(JsonObject items, string path, FieldErrors errors)
    {
        const string Detail = "must be atomic as item of a list with x-kubernetes-list-type=set";
        var list = items["x-kubernetes-list-type"] is null ? null : items.TextAt("x-kubernetes-list-type");
        if (items.TextAt("type") == "array" && list is not (null or "atomic"))
        {
            errors.Invalid($"{path}.x-kubernetes-list-type", list, Detail);
        }
        else if (items.TextAt("type") == "object" && items.TextAt("x-kubernetes-map-type") != "atomic")
        {
            errors.Invalid($"{path}.x-kubernetes-map-type", list, Detail); // upstream shows the type of the list here too
        }
    }
}
