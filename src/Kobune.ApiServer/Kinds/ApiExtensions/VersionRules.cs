using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api.Validation;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.ApiExtensions;

/// <summary>
/// The versions of a definition. Upstream keeps once, beside the versions, what is the same in all of them, and names that place. Source:
/// k8s.io/apiextensions-apiserver, apis/apiextensions/v1/conversion.go and validation.
/// </summary>
internal sealed class VersionRules
{
    private const int MaxWarning = 256;
    private static readonly string[] AtRoot =
    [
        "description", "type", "format", "title", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems",
        "multipleOf", "required", "items", "properties", "externalDocs", "example", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-validations",
    ];
    private static readonly string[] Sharable = ["schema", "subresources", "additionalPrinterColumns", "selectableFields"];
    private readonly JsonObject[] _versions;
    private readonly JsonObject? _old;
    private readonly FieldErrors _errors;
    private readonly Dictionary<string, bool> _isShared;

    private VersionRules(JsonObject[] versions, JsonObject? old, FieldErrors errors)
    {
        (_versions, _old, _errors) = (versions, old, errors);
        _isShared = Sharable.ToDictionary(f => f, f => versions.All(v => JsonNode.DeepEquals(v[f], versions[0][f])));
    }

    /// <summary>Checks all versions, and returns what checks the shared fields, which upstream does later.</summary>
    public static Action Validate(JsonObject spec, JsonObject? old, FieldErrors errors)
    {
        JsonObject[] versions = [.. (spec["versions"] as JsonArray)?.OfType<JsonObject>() ?? []];
        var rules = new VersionRules(versions, old, errors);
        for (var i = 0; i < versions.Length; i++)
        {
            if (versions[i]["schema"]?["openAPIV3Schema"] is not JsonObject)
            {
                errors.Required($"spec.versions[{i}].schema.openAPIV3Schema", "");
            }
        }

        for (var i = 0; i < versions.Length; i++)
        {
            rules.Version(versions[i], $"spec.versions[{i}]");
        }

        string[] names = [.. versions.Select(v => v.TextAt("name"))];
        if (names.Distinct().Count() < names.Length)
        {
            errors.Invalid("spec.versions", rules.Shown(), "must contain unique version names");
        }

        if (versions.Count(v => SchemaNode.Flag(v, "storage")) != 1)
        {
            errors.Invalid("spec.versions", rules.Shown(), "must have exactly one version marked as storage version");
        }

        if (names is [{ Length: > 0 } first, ..] && string.Join(',', NameValidation.Dns1035Label(first)) is { Length: > 0 } problems)
        {
            errors.Invalid("spec.version", first, problems); // the first version's name, which upstream keeps beside too
        }

        return versions.Length > 0 ? rules.Shared : () => { };
    }

    private void Version(JsonObject version, string path)
    {
        var name = version.TextAt("name");
        if (string.Join(',', NameValidation.Dns1035Label(name)) is { Length: > 0 } problems)
        {
            _errors.Invalid($"{path}.name", name, problems);
        }

        Warning(version, $"{path}.deprecationWarning");
        Fields(version, path, "schema", isShared: false, version["subresources"]?["status"] is not null);
    }

    private void Shared() => Fields(_versions[0], "spec", "validation", isShared: true, _versions.Any(v => v["subresources"]?["status"] is not null));

    private void Fields(JsonObject version, string path, string schemaField, bool isShared, bool hasStatus)
    {
        var schema = version["schema"]?["openAPIV3Schema"] as JsonObject;
        if (schema is not null && _isShared["schema"] == isShared)
        {
            Schema(schema, $"{path}.{schemaField}.openAPIV3Schema", version.TextAt("name"), hasStatus);
        }

        if (_isShared["subresources"] == isShared)
        {
            ColumnRules.Subresources(version["subresources"] as JsonObject, $"{path}.subresources", _errors);
        }

        var columns = _isShared["additionalPrinterColumns"] == isShared ? version.Schemas("additionalPrinterColumns").ToArray() : [];
        for (var i = 0; i < columns.Length; i++)
        {
            ColumnRules.Column(columns[i], $"{path}.additionalPrinterColumns[{i}]", _errors);
        }

        // Beside the versions there is only a schema that is beside them too.
        Selectable(version["selectableFields"] as JsonArray, !isShared || _isShared["schema"] ? schema : null, $"{path}.selectableFields", isShared);
    }

    private void Selectable(JsonArray? fields, JsonObject? schema, string path, bool isShared)
    {
        if (fields is not { Count: > 0 } || _isShared["selectableFields"] != isShared)
        {
            return;
        }

        if (schema is null)
        {
            _errors.Invalid(path, "", isShared ? "may only be set when validations.schema is included" : "may only be set when `version.schema.openAPIV3Schema` is not included");
            return;
        }

        ColumnRules.Selectable(fields, schema, path, _errors);
    }

    private void Schema(JsonObject schema, string path, string version, bool hasStatus)
    {
        if (hasStatus)
        {
            RootOfStatus(schema, path);
        }

        if (SchemaNode.Flag(schema, "nullable"))
        {
            _errors.Forbidden($"{path}.nullable", "nullable cannot be true at the root");
        }

        var known = _errors.Items.Count;
        var foreign = StructuralRules.Foreign(schema);
        if (foreign is null)
        {
            StructuralRules.Validate(schema, path, _errors);
            if (_errors.Items.Count == known)
            {
                DefaultRules.Validate(schema, path, _errors);
            }
        }

        var before = (_old?["versions"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(v => v.TextAt("name") == version)?["schema"]?["openAPIV3Schema"];
        var isStructural = foreign is null && _errors.Items.Count == known;
        DefinitionRuleChecks.Validate(schema, path, isStructural, before is not null && JsonNode.DeepEquals(schema, before), _errors);
        if (foreign is not null && _errors.Items.Count == known)
        {
            _errors.Invalid(path, "", $"OpenAPI '{foreign.TrimStart('$')}' is not supported");
        }
    }

    /// <summary>Where status is written apart, its schema is taken out of the root: nothing else may be said there of it.</summary>
    private void RootOfStatus(JsonObject schema, string path)
    {
        if (schema.TextAt("type") is { Length: > 0 } type && type != "object")
        {
            _errors.Invalid($"{path}.type", type, "only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled");
        }
        else if (schema.Any(p => !AtRoot.Contains(p.Key) && !(p.Value is JsonValue flag && flag.TryGetValue<bool>(out var on) && !on && p.Key != "additionalProperties")))
        {
            var allowed = string.Join(' ', AtRoot.Select(a => string.Concat(a.Replace("x-kubernetes", "x", StringComparison.Ordinal).Split('-').Select(w => char.ToUpperInvariant(w[0]) + w[1..]))));
            _errors.Invalid(path, schema, $"only [{allowed}] fields are allowed at the root of the schema if the status subresource is enabled");
        }
    }

    private void Warning(JsonObject version, string path)
    {
        if (version["deprecationWarning"] is null)
        {
            return;
        }

        var text = version.TextAt("deprecationWarning");
        if (!SchemaNode.Flag(version, "deprecated"))
        {
            _errors.Invalid(path, text, "can only be set for deprecated versions");
            return;
        }

        if (Encoding.UTF8.GetByteCount(text) > MaxWarning)
        {
            _errors.Invalid(path, text, "must be <= 256 characters long");
        }

        if (text.Length == 0)
        {
            _errors.Invalid(path, text, "must not be an empty string");
        }

        var index = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || (Rune.IsWhiteSpace(rune) && rune.Value != ' '))
            {
                _errors.Invalid(path, text, $"must only contain printable UTF-8 characters; non-printable character found at index {index}");
                break;
            }

            index += rune.Utf8SequenceLength;
        }
    }

    /// <summary>Versions as upstream's internal type shows them: with Go's names, and without what is kept beside them.</summary>
    private JsonArray? Shown() => _versions.Length == 0 ? null : new([.. _versions.Select(v => new JsonObject
    {
        ["Name"] = v.TextAt("name"),
        ["Served"] = SchemaNode.Flag(v, "served"),
        ["Storage"] = SchemaNode.Flag(v, "storage"),
        ["Deprecated"] = SchemaNode.Flag(v, "deprecated"),
        ["DeprecationWarning"] = v["deprecationWarning"]?.DeepClone(),
        ["Schema"] = _isShared["schema"] ? null : v["schema"]?.DeepClone(),
        ["Subresources"] = _isShared["subresources"] ? null : v["subresources"]?.DeepClone(),
        ["AdditionalPrinterColumns"] = _isShared["additionalPrinterColumns"] ? null : v["additionalPrinterColumns"]?.DeepClone(),
        ["SelectableFields"] = _isShared["selectableFields"] ? null : v["selectableFields"]?.DeepClone(),
    })]);
}
