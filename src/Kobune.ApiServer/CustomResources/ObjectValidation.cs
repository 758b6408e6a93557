using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Cel;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.CustomResources;

/// <summary>
/// Validates a custom object against its OpenAPI schema: all checks of a value, in upstream's order and words. Source: k8s.io/apiextensions-apiserver, apiserver/validation, and
/// k8s.io/kube-openapi, validation/validate.
/// </summary>
internal sealed class ObjectValidation
{
    private readonly string _root;

    private ObjectValidation(string root) => _root = root;

    /// <summary>Validates a value. Of an update, problems in what did not change are let pass (ratcheting).</summary>
    /// <param name="value">A whole object, or a part of one that is looked at alone.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="root">Where it stands: "" for a whole object. Messages name what is inside from here on.</param>
    /// <param name="before">What it was before; null when it is new.</param>
    /// <param name="errors">Takes the problems.</param>
    public static void Validate(JsonNode? value, JsonObject schema, string root, Counterpart? before, FieldErrors errors)
    {
        foreach (var item in new ObjectValidation(root).Value(value, schema, "", before).Items)
        {
            errors.Add(item.Type, item.Field, item.Message);
        }
    }

    private SchemaResult Value(JsonNode? value, JsonObject schema, string path, Counterpart? before)
    {
        var result = Checked(value, schema, path, before);
        return !result.IsValid && before is { IsEqual: true } ? result.Forgiven() : result;
    }

    private SchemaResult Checked(JsonNode? value, JsonObject schema, string path, Counterpart? before)
    {
        var result = new SchemaResult(_root);
        var form = SchemaForm.Of(schema);
        form.CheckType(value, schema.Flag("nullable"), path, result);
        if (value is null)
        {
            Enum(null, schema, path, result);
            return result;
        }

        new CombinedSchemas((part, inside) => Checked(value, part, inside, before)).Check(schema, path, result);
        if (value is JsonValue text && text.TryGetValue<string>(out var some))
        {
            Text(some, schema, form, path, result);
        }

        if (SchemaNumber.Of(value) is { } number)
        {
            number.Check(schema, form, path, result);
        }

        if (value is JsonArray list)
        {
            List(list, schema, path, before, result);
        }

        Enum(value, schema, path, result);
        if (value is JsonObject map)
        {
            Object(map, schema, path, before, result);
        }

        result.Count();
        return result;
    }

    private static void Enum(JsonNode? value, JsonObject schema, string path, SchemaResult result)
    {
        if (schema["enum"] is JsonArray { Count: > 0 } values && !values.Any(v => IsSame(value, v)))
        {
            object? shown = value is JsonValue text && text.TryGetValue<string>(out var some) ? some : SchemaNumber.Of(value)?.Shown ?? value;
            result.NotSupported(path, shown, values.Select(v => v is JsonValue text && text.TryGetValue<string>(out var known) ? known : v?.ToJsonString() ?? "null"));
        }
    }

    private static bool IsSame(JsonNode? value, JsonNode? known) =>
        value is not null && (SchemaNumber.Of(value) is { } number && SchemaNumber.Of(known) is { } other ? number.IsSame(other) : JsonNode.DeepEquals(value, known));

    private void Object(JsonObject map, JsonObject schema, string path, Counterpart? before, SchemaResult result)
    {
        if (schema.Number("minProperties") is { } least && map.Count < least)
        {
            result.Invalid(path, map.Count, $"{path} in body should have at least {Count(least)} properties");
        }

        if (schema.Number("maxProperties") is { } most && map.Count > most)
        {
            result.TooMany(path, map.Count, (int)most);
        }

        var properties = schema["properties"] as JsonObject;
        foreach (var (name, value) in schema["additionalProperties"] is JsonObject ? map : [])
        {
            if (properties?[name] is not JsonObject)
            {
                result.Merge(Value(value, (JsonObject)schema["additionalProperties"]!, $"{path}.{name}", Part(before, path, name)));
            }
        }

        foreach (var (name, value) in map)
        {
            if (properties?[name] is JsonObject property)
            {
                result.Merge(Value(value, property, path.Length == 0 ? name : $"{path}.{name}", Part(before, path, name)));
            }
        }

        foreach (var name in schema.TextsAt("required"))
        {
            if (!map.ContainsKey(name))
            {
                result.Required($"{path}.{name}");
            }
        }
    }

    /// <summary>What the object's apiVersion and kind were is not known: both objects were brought to one.</summary>
    private static Counterpart? Part(Counterpart? before, string path, string name) => path.Length == 0 && name is "apiVersion" or "kind" ? null : before?.Field(name);

    private void List(JsonArray list, JsonObject schema, string path, Counterpart? before, SchemaResult result)
    {
        for (var i = 0; schema["items"] is JsonObject items && i < list.Count; i++)
        {
            result.Merge(Value(list[i], items, $"{path}[{i}]", before?.Item(i)));
        }

        if (schema.Number("minItems") is { } least && list.Count < least)
        {
            result.Invalid(path, list.Count, $"{path} in body should have at least {Count(least)} items");
        }

        if (schema.Number("maxItems") is { } most && list.Count > most)
        {
            result.TooMany(path, list.Count, (int)most);
        }

        result.Count();
    }

    /// <summary>The first of length and pattern that does not fit, and the format.</summary>
    private static void Text(string text, JsonObject schema, SchemaForm form, string path, SchemaResult result)
    {
        var length = text.EnumerateRunes().Count();
        if (schema.Number("maxLength") is { } most && length > most)
        {
            result.TooLong(path, (int)most);
        }
        else if (schema.Number("minLength") is { } least && length < least)
        {
            result.Invalid(path, text, $"{path} in body should be at least {Count(least)} chars long");
        }
        else if (schema.TextAt("pattern") is { Length: > 0 } pattern && SchemaNode.Pattern(pattern) is { } regex && !regex.IsMatch(text))
        {
            result.Invalid(path, text, $"{path} in body should match '{pattern}'");
        }

        if (form.Format.Length > 0 && !StringFormats.Fits(form.Format, text))
        {
            result.TypeInvalid(path, text, $"{path} in body must be of type {form.Format}: {FieldValue.Show(text)}");
        }
    }

    private static string Count(double number) => number.ToString(CultureInfo.InvariantCulture);
}
