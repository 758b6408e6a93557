using System.Text.Json.Nodes;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.ApiExtensions;

/// <summary>Columns, subresources and selectable fields of a version. Source: k8s.io/apiextensions-apiserver, apis/apiextensions/validation.</summary>
internal static class ColumnRules
{
    private const int MaxSelectable = 8;
    private static readonly string[] Types = ["boolean", "date", "integer", "number", "string"];
    private static readonly string[] Formats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

    public static void Column(JsonObject column, string path, FieldErrors errors)
    {
        if (column.TextAt("name").Length == 0)
        {
            errors.Required($"{path}.name", "");
        }

        var types = $"must be one of {string.Join(',', Types)}";
        if (column.TextAt("type") is var type && type.Length == 0)
        {
            errors.Required($"{path}.type", types);
        }
        else if (!Types.Contains(type))
        {
            errors.Invalid($"{path}.type", type, types);
        }

        if (column.TextAt("format") is { Length: > 0 } format && !Formats.Contains(format))
        {
            errors.Invalid($"{path}.format", format, $"must be one of {string.Join(',', Formats)}");
        }

        SimplePath(column.TextAt("jsonPath"), $"{path}.JSONPath", errors);
    }

    public static void Subresources(JsonObject? subresources, string path, FieldErrors errors)
    {
        if (subresources?["scale"] is not JsonObject scale)
        {
            return;
        }

        foreach (var (field, root) in new[] { ("specReplicasPath", ".spec"), ("statusReplicasPath", ".status") })
        {
            if (SimplePath(scale.TextAt(field), $"{path}.scale.{field}", errors) && !scale.TextAt(field).StartsWith(root + ".", StringComparison.Ordinal))
            {
                errors.Invalid($"{path}.scale.{field}", scale.TextAt(field), $"should be a json path under {root}");
            }
        }

        if (scale.TextAt("labelSelectorPath") is { Length: > 0 } selector && SimplePath(selector, $"{path}.scale.labelSelectorPath", errors)
            && !selector.StartsWith(".spec.", StringComparison.Ordinal) && !selector.StartsWith(".status.", StringComparison.Ordinal))
        {
            errors.Invalid($"{path}.scale.labelSelectorPath", selector, "should be a json path under either .spec or .status");
        }
    }

    public static void Selectable(JsonArray? fields, JsonObject? schema, string path, FieldErrors errors)
    {
        var paths = fields?.OfType<JsonObject>().Select(f => f.TextAt("jsonPath")).ToArray() ?? [];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; schema is not null && i < paths.Length; i++)
        {
            var field = $"{path}[{i}].jsonPath";
            if (paths[i].Length == 0)
            {
                errors.Required(field, "");
                continue;
            }

            if (PlainFieldPath.Find(paths[i], schema, out var found) is { } problem)
            {
                errors.Invalid(field, paths[i], $"is an invalid path: {problem}");
                continue;
            }

            if (paths[i].Split('.')[1] == "metadata")
            {
                errors.Invalid(field, paths[i], "must not point to fields in metadata");
            }

            if (found.TextAt("type") is not ("string" or "boolean" or "integer"))
            {
                errors.Invalid(field, paths[i], "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.");
            }

            if (!seen.Add(paths[i]))
            {
                errors.Duplicate(field, paths[i]);
            }
        }

        if (seen.Count > MaxSelectable)
        {
            errors.TooMany(path, seen.Count, MaxSelectable);
        }
    }

    private static bool SimplePath(string value, string path, FieldErrors errors)
    {
        if (value.Length == 0)
        {
            errors.Required(path, "");
        }
        else if (value[0] != '.')
        {
            errors.Invalid(path, value, "must be a simple json path starting with .");
        }

        return value.StartsWith('.');
    }
}
