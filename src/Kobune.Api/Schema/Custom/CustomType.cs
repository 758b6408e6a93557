using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kobune.Api.Schema.Custom;

/// <summary>Makes types from the structural schemas of CustomResourceDefinitions: what a schema file is for a built-in kind.</summary>
public static class CustomType
{
    /// <summary>The type of a custom kind.</summary>
    /// <param name="group">API group.</param>
    /// <param name="version">Version.</param>
    /// <param name="kind">Kind.</param>
    /// <param name="schema">openAPIV3Schema of the version; null when it has none, then every field is kept.</param>
    public static SchemaType Kind(string group, string version, string kind, JsonObject? schema)
    {
        var metadata = ApiSchema.Newest.FindType("meta/v1.ObjectMeta")!;
        var apiVersion = $"{group}/{version}";
        var preserves = schema is null || Flag(schema, "x-kubernetes-preserve-unknown-fields");
        return new SchemaType(SchemaShape.Object, () => [Metadata(metadata), .. Fields(schema ?? []).Where(f => f.Name is not ("metadata" or "apiVersion" or "kind"))])
        {
            Id = $"{apiVersion}.{kind}",
            Name = kind,
            GoName = $"{version}.{kind}",
            OpenApiName = $"{string.Join('.', group.Split('.').Reverse())}.{version}.{kind}",
            IsKind = true,
            ApiVersion = apiVersion,
            HasProtobuf = false,
            IsCustom = true,
            PreservesUnknownFields = preserves,
            Wire = new SchemaType(SchemaShape.Object, () => []) { Name = kind, GoName = "map[string]interface {}", IsKind = true, PreservesUnknownFields = true },
            OpenApiSource = isV3 => CustomOpenApi.Definition(schema, group, version, kind, isV3),
        };
    }

    /// <summary>The type of the list of a custom kind.</summary>
    public static SchemaType List(SchemaType item, string listKind)
    {
        var metadata = ApiSchema.Newest.FindType("meta/v1.ListMeta")!;
        var items = new SchemaType(SchemaShape.List, () => item) { GoName = "[]" + item.GoName, Merge = MergeSemantics.Atomic, MergeIsMarked = false };
        return new SchemaType(SchemaShape.Object, () => [new("metadata", () => metadata) { IsAlwaysWritten = true }, new("items", () => items) { IsRequired = true, IsAlwaysWritten = true }])
        {
            Id = $"{item.ApiVersion}.{listKind}",
            Name = listKind,
            GoName = listKind,
            OpenApiName = item.OpenApiName[..(item.OpenApiName.LastIndexOf('.') + 1)] + listKind,
            IsKind = true,
            ApiVersion = item.ApiVersion,
            HasProtobuf = false,
        };
    }

    private static SchemaField Metadata(SchemaType type) => new("metadata", () => type) { IsAlwaysWritten = true };

    private static IEnumerable<SchemaField> Fields(JsonObject schema)
    {
        var required = (schema["required"] as JsonArray)?.Select(r => (string?)r).ToHashSet() ?? [];
        foreach (var (name, value) in schema["properties"] as JsonObject ?? [])
        {
            if (value is JsonObject property)
            {
                var type = Of(property);
                yield return new SchemaField(name, () => type)
                {
                    IsPointer = true, // absent and zero differ
                    IsRequired = required.Contains(name),
                    Default = property["default"]?.ToJsonString(),
                };
            }
        }
    }

    private static SchemaType Of(JsonObject schema)
    {
        var preserves = Flag(schema, "x-kubernetes-preserve-unknown-fields");
        var nullable = Flag(schema, "nullable");
        var preset = schema["default"]?.ToJsonString();
        if (Flag(schema, "x-kubernetes-int-or-string"))
        {
            return new SchemaType(SchemaShape.Any) { IsCustom = true, IsNullable = nullable, Default = preset, PreservesUnknownFields = preserves };
        }

        switch (Text(schema, "type"))
        {
            case "object" when schema["additionalProperties"] is JsonObject element:
                var value = Of(element);
                return new SchemaType(SchemaShape.Map, () => value) { IsCustom = true, IsNullable = nullable, Default = preset, PreservesUnknownFields = preserves, Merge = MapMerge(schema) };
            case "object" when schema["additionalProperties"] is JsonValue free && free.GetValueKind() == JsonValueKind.True:
                var any = new SchemaType(SchemaShape.Any) { IsCustom = true, IsNullable = true };
                return new SchemaType(SchemaShape.Map, () => any) { IsCustom = true, IsNullable = nullable, Default = preset, PreservesUnknownFields = preserves, Merge = MapMerge(schema) };
            case "object" or "" when schema["properties"] is JsonObject || Text(schema, "type").Length > 0:
                return Object(schema, preserves, nullable, preset);
            case "array":
                var item = schema["items"] is JsonObject items ? Of(items) : new SchemaType(SchemaShape.Any) { IsCustom = true, IsNullable = true };
                return new SchemaType(SchemaShape.List, () => item)
                {
                    IsCustom = true,
                    IsNullable = nullable,
                    Default = preset,
                    PreservesUnknownFields = preserves,
                    Merge = Text(schema, "x-kubernetes-list-type") switch { "set" => MergeSemantics.Set, "map" => MergeSemantics.Map, _ => MergeSemantics.Atomic },
                    ListKeys = [.. (schema["x-kubernetes-list-map-keys"] as JsonArray)?.Select(k => (string)k!) ?? []],
                };
            case var scalar:
                return new SchemaType(Scalar(scalar)) { IsCustom = true, IsNullable = nullable, Default = preset, PreservesUnknownFields = preserves };
        }
    }

    private static SchemaType Object(JsonObject schema, bool preserves, bool nullable, string? preset)
    {
        var isEmbedded = Flag(schema, "x-kubernetes-embedded-resource");
        var metadata = ApiSchema.Newest.FindType("meta/v1.ObjectMeta")!;
        return new SchemaType(SchemaShape.Object, () => isEmbedded ? [new SchemaField("metadata", () => metadata) { IsPointer = true }, .. Fields(schema).Where(f => f.Name is not ("metadata" or "apiVersion" or "kind"))] : [.. Fields(schema)])
        {
            IsCustom = true,
            IsKind = isEmbedded,
            IsNullable = nullable,
            Default = preset,
            PreservesUnknownFields = preserves,
            Merge = MapMerge(schema),
        };
    }

    private static SchemaShape Scalar(string type) => type switch
    {
        "string" => SchemaShape.String,
        "boolean" => SchemaShape.Boolean,
        "integer" => SchemaShape.Int64,
        "number" => SchemaShape.Double,
        _ => SchemaShape.Any,
    };

    private static MergeSemantics MapMerge(JsonObject schema) => Text(schema, "x-kubernetes-map-type") == "atomic" ? MergeSemantics.Atomic : MergeSemantics.Default;

    private static bool Flag(JsonObject schema, string name) => schema[name] is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    private static string Text(JsonObject schema, string name) => schema[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
