using System.Text.Json.Nodes;

namespace Kobune.Api.Schema.Custom;

/// <summary>A custom kind's schema as it is published. Version 2 has no words for some of it: what it cannot say is left open. Source: k8s.io/apiextensions-apiserver, controller/openapi/builder and apiserver/schema/convert.</summary>
internal static class CustomOpenApi
{
    private static readonly string[] NotInV2 = ["default", "nullable", "allOf", "anyOf", "oneOf", "not", "x-kubernetes-validations"];

    public static string Definition(JsonObject? schema, string group, string version, string kind, bool isV3)
    {
        var gvk = new JsonArray(new JsonObject { ["group"] = group, ["kind"] = kind, ["version"] = version });
        if (!isV3 && (schema is null || schema["x-kubernetes-preserve-unknown-fields"] is not null))
        {
            // With any property, kubectl would take all others for unknown.
            return new JsonObject { ["type"] = "object", ["x-kubernetes-group-version-kind"] = gvk }.ToJsonString();
        }

        var root = schema is null ? new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true } : (JsonObject)schema.DeepClone();
        root["type"] = "object";
        if (!isV3)
        {
            ForV2(root);
        }

        if (root["properties"] is not JsonObject properties)
        {
            properties = [];
            root["properties"] = properties;
        }

        properties["apiVersion"] = new JsonObject { ["type"] = "string", ["description"] = "Group and version in which the object is written." };
        properties["kind"] = new JsonObject { ["type"] = "string", ["description"] = "Kind of the object." };
        var reference = new JsonObject { ["$ref"] = (isV3 ? "#/components/schemas/" : "#/definitions/") + "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" };
        properties["metadata"] = isV3 ? new JsonObject { ["allOf"] = new JsonArray(reference), ["description"] = "Metadata that every object has." } : reference;
        root["x-kubernetes-group-version-kind"] = gvk;
        return root.ToJsonString();
    }

    private static void ForV2(JsonObject schema)
    {
        var isNullable = schema["nullable"] is not null;
        var isMixed = schema["x-kubernetes-int-or-string"] is not null;
        var isOpen = schema["x-kubernetes-preserve-unknown-fields"] is not null;
        foreach (var name in NotInV2)
        {
            schema.Remove(name);
        }

        if (schema["additionalProperties"] is JsonValue)
        {
            schema.Remove("additionalProperties"); // true: an object without properties says the same
        }

        if (isNullable || isMixed)
        {
            schema.Remove("type"); // null, or either of two types: anything is the only word for it
        }

        if (isNullable || isOpen)
        {
            schema.Remove("properties");
            schema.Remove("items");
            schema.Remove("required");
        }

        foreach (var name in (ReadOnlySpan<string>)["items", "additionalProperties"])
        {
            if (schema[name] is JsonObject inner)
            {
                ForV2(inner);
            }
        }

        foreach (var (_, property) in schema["properties"] as JsonObject ?? [])
        {
            if (property is JsonObject inner)
            {
                ForV2(inner);
            }
        }
    }
}
