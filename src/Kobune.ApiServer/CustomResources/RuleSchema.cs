using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Registry;
using Kobune.Cel.Schemas;

namespace Kobune.ApiServer.CustomResources;

/// <summary>A custom resource's schema as expressions see it.</summary>
internal static class RuleSchema
{
    public static CelSchema Of(JsonObject schema)
    {
        var type = schema.TextAt("type");
        return new()
        {
            Type = type,
            Format = schema.TextAt("format"),
            Properties = (schema["properties"] as JsonObject)?.Where(p => p.Value is JsonObject).ToDictionary(p => p.Key, p => Of((JsonObject)p.Value!), StringComparer.Ordinal),
            AdditionalProperties = schema["additionalProperties"] is JsonObject values ? Of(values) : null,
            Items = schema["items"] is JsonObject items ? Of(items) : null,
            MaxElements = (long?)schema.Number(type switch { "array" => "maxItems", "object" => "maxProperties", _ => "maxLength" }),
            IsIntOrString = schema.Flag("x-kubernetes-int-or-string"),
            PreservesUnknownFields = schema.Flag("x-kubernetes-preserve-unknown-fields"),
            IsEmbeddedResource = schema.Flag("x-kubernetes-embedded-resource"),
            IsNullable = schema.Flag("nullable"),
            ListType = schema.TextAt("x-kubernetes-list-type"),
            ListMapKeys = [.. schema.TextsAt("x-kubernetes-list-map-keys")],
            Enum = [.. (schema["enum"] as JsonArray)?.Where(v => v?.GetValueKind() == JsonValueKind.String).Select(v => v!.GetValue<string>()) ?? []],
            Required = [.. schema.TextsAt("required")],
            HasDefault = schema["default"] is not null,
        };
    }

    /// <summary>Whether expressions can see values of a schema.</summary>
    public static bool IsVisible(JsonObject schema) => schema.TextAt("type").Length > 0 || schema.Flag("x-kubernetes-int-or-string");
}
