using System.Text.Json.Nodes;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.ApiExtensions;

/// <summary>Schemas must be structural: a type at every level, and nothing below allOf, anyOf, oneOf and not that would say another. Source: k8s.io/apiextensions-apiserver, apiserver/schema/validation.go and complete.go.</summary>
internal sealed class StructuralRules
{
    private const string EmptyField = "must not be empty for specified object fields";
    private const string NoIntOrString = "must be false if x-kubernetes-int-or-string is true";
    private static readonly JsonNode IntOrString = JsonNode.Parse("""[{"type":"integer"},{"type":"string"}]""")!;
    private static readonly string[] Unsupported = ["id", "$schema", "$ref", "additionalItems", "patternProperties", "definitions", "dependencies"];
    private static readonly string[] Inside = ["items", "additionalProperties"];
    private static readonly string[] Lists = ["allOf", "anyOf", "oneOf"];
    private readonly FieldErrors _errors = new();

    /// <summary>Adds all problems in upstream's order, which is that of their texts.</summary>
    public static void Validate(JsonObject schema, string path, FieldErrors errors)
    {
        var rules = new StructuralRules();
        rules.Node(schema, path, "must not be empty at the root", isRoot: true);
        rules.CompleteParts(schema, schema, path, path);
        foreach (var error in rules._errors.Items.OrderBy(e => $"{e.Field}: {e.Message}", StringComparer.Ordinal))
        {
            errors.Add(error.Type, error.Field, error.Message);
        }
    }

    /// <summary>The first word of OpenAPI in a schema that structural ones do not have, or not with this value; or null.</summary>
    public static string? Foreign(JsonObject schema) =>
        Unsupported.FirstOrDefault(name => schema[name] is not null)
        ?? (schema["items"] is JsonArray ? "items" : null)
        ?? (schema["x-kubernetes-preserve-unknown-fields"] is not null && !SchemaNode.Flag(schema, "x-kubernetes-preserve-unknown-fields") ? "x-kubernetes-preserve-unknown-fields" : null)
        ?? Parts(schema).Concat(Below(schema)).Select(p => Foreign(p.Schema)).FirstOrDefault(f => f is not null);

    private void Node(JsonObject schema, string path, string missingType, bool isRoot = false)
    {
        if (schema.TextAt("type") == "array" && schema["items"] is null)
        {
            _errors.Required($"{path}.items", "must be specified");
        }

        if (isRoot && schema["additionalProperties"] is not null)
        {
            _errors.Forbidden($"{path}.additionalProperties", "must not be used at the root");
        }

        foreach (var (part, inner) in Below(schema))
        {
            Node(inner, path + part, part == ".items" ? "must not be empty for specified array items" : EmptyField);
        }

        Extensions(schema, path);
        Values(schema, path, SchemaNode.Flag(schema, "x-kubernetes-int-or-string") ? schema : null);
        Type(schema, path, missingType, isRoot);
        Meta(schema, path, isRoot);
    }

    private void Extensions(JsonObject schema, string path)
    {
        foreach (var name in SchemaNode.Flag(schema, "x-kubernetes-int-or-string") ? (ReadOnlySpan<string>)["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"] : [])
        {
            if (SchemaNode.Flag(schema, name))
            {
                _errors.Invalid($"{path}.{name}", true, NoIntOrString);
            }
        }

        if (!SchemaNode.Flag(schema, "x-kubernetes-embedded-resource"))
        {
            return;
        }

        if (schema["additionalProperties"] is not null)
        {
            _errors.Forbidden($"{path}.additionalProperties", "must not be used if x-kubernetes-embedded-resource is set");
        }

        if (!SchemaNode.Flag(schema, "x-kubernetes-preserve-unknown-fields") && schema["properties"] is not JsonObject { Count: > 0 })
        {
            _errors.Required($"{path}.properties", "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields");
        }
    }

    private void Type(JsonObject schema, string path, string missing, bool isRoot)
    {
        const string Embedded = "must be object if x-kubernetes-embedded-resource is true";
        var type = schema.TextAt("type");
        var isEmbedded = SchemaNode.Flag(schema, "x-kubernetes-embedded-resource");
        if (type.Length == 0 && (isEmbedded || !(SchemaNode.Flag(schema, "x-kubernetes-int-or-string") || SchemaNode.Flag(schema, "x-kubernetes-preserve-unknown-fields"))))
        {
            _errors.Required($"{path}.type", isEmbedded ? Embedded : missing);
        }
        else if (isEmbedded && type != "object")
        {
            _errors.Invalid($"{path}.type", type, Embedded);
        }

        if (isRoot && type.Length > 0 && type != "object")
        {
            _errors.Invalid($"{path}.type", type, "must be object at the root");
        }
    }

    /// <summary>What every object has anyway may be described at the root only by its names.</summary>
    private void Meta(JsonObject schema, string path, bool isRoot)
    {
        foreach (var (name, type) in isRoot || SchemaNode.Flag(schema, "x-kubernetes-embedded-resource") ? new[] { ("kind", "string"), ("apiVersion", "string"), ("metadata", "object") } : [])
        {
            if (schema["properties"]?[name] is JsonObject field && field.TextAt("type") != type)
            {
                _errors.Invalid($"{path}.properties[{name}].type", field.TextAt("type"), $"must be {type}");
            }
        }

        if (isRoot && schema["properties"]?["metadata"] is JsonObject meta && !SaysOnlyNames(meta))
        {
            _errors.Forbidden($"{path}.properties[metadata]", "must not specify anything other than name and generateName, but metadata is implicitly specified");
        }
    }

    private static bool SaysOnlyNames(JsonObject meta) =>
        meta.All(p => p.Key is "type" or "default" or "properties") && (meta["properties"] as JsonObject ?? []).All(p => p.Key is "name" or "generateName");

    /// <param name="schema">What has the parts.</param>
    /// <param name="path">Its path.</param>
    /// <param name="either">The schema of integers and strings, which may say so in anyOf, or in that of its first allOf.</param>
    private void Values(JsonObject schema, string path, JsonObject? either)
    {
        var says = either is not null && JsonNode.DeepEquals(either["anyOf"], IntOrString);
        foreach (var (part, inner) in Parts(schema))
        {
            if (!(says && part.StartsWith(".anyOf", StringComparison.Ordinal)))
            {
                Nested(inner, path + part, !says && either is not null && part == ".allOf[0]" ? inner : null);
            }
        }

        if (schema.TextAt("pattern") is { Length: > 0 } pattern && SchemaNode.Pattern(pattern) is null)
        {
            _errors.Invalid($"{path}.pattern", pattern, $"must be a valid regular expression, but isn't: error parsing regexp: `{pattern}`");
        }
    }

    private void Nested(JsonObject schema, string path, JsonObject? either = null)
    {
        Values(schema, path, either);
        foreach (var (part, inner) in Below(schema).Where(b => b.Part != ".additionalProperties"))
        {
            Nested(inner, path + part);
        }

        foreach (var (name, node) in schema)
        {
            var must = (name, node) switch
            {
                (_, null) => null,
                ("type" or "title" or "description", _) when schema.TextAt(name).Length > 0 => "empty",
                ("additionalProperties" or "default" or "externalDocs" or "x-kubernetes-list-type" or "x-kubernetes-map-type", _) => "undefined",
                ("nullable" or "x-kubernetes-preserve-unknown-fields" or "x-kubernetes-embedded-resource" or "x-kubernetes-int-or-string", _) when SchemaNode.Flag(schema, name) => "false",
                ("x-kubernetes-list-map-keys" or "x-kubernetes-validations", JsonArray { Count: > 0 }) => "empty",
                _ => null,
            };
            if (must is not null)
            {
                _errors.Forbidden($"{path}.{name}", $"must be {must} to be structural");
            }
        }

        if (schema["properties"]?["metadata"] is not null)
        {
            _errors.Forbidden($"{path}.properties[metadata]", "must not be specified in a nested context");
        }
    }

    /// <summary>Each field that a part speaks of must be specified outside too.</summary>
    private void Complete(JsonObject part, JsonObject? outside, string path, string partPath)
    {
        if (outside is null)
        {
            _errors.Required(path, $"because it is defined in {partPath}");
            return;
        }

        CompleteParts(part, outside, path, partPath);
        foreach (var (name, inner) in Below(part).Where(b => b.Part != ".additionalProperties"))
        {
            Complete(inner, Below(outside).FirstOrDefault(b => b.Part == name).Schema, path + name, partPath + name);
        }
    }

    private void CompleteParts(JsonObject part, JsonObject outside, string path, string partPath)
    {
        foreach (var (name, inner) in Parts(part))
        {
            Complete(inner, outside, path, partPath + name);
        }
    }

    private static IEnumerable<(string Part, JsonObject Schema)> Parts(JsonObject schema)
    {
        foreach (var list in Lists)
        {
            var index = 0;
            foreach (var part in schema.Schemas(list))
            {
                yield return ($".{list}[{index++}]", part);
            }
        }

        if (schema["not"] is JsonObject not)
        {
            yield return (".not", not);
        }
    }

    private static IEnumerable<(string Part, JsonObject Schema)> Below(JsonObject schema)
    {
        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            if (property is JsonObject inner)
            {
                yield return ($".properties[{name}]", inner);
            }
        }

        foreach (var name in Inside)
        {
            if (schema[name] is JsonObject inner)
            {
                yield return ("." + name, inner);
            }
        }
    }
}
