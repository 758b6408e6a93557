using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.CustomResources;

/// <summary>
/// Validates a custom object against its OpenAPI schema, in the words of upstream. Source: k8s.io/apiextensions-apiserver, apiserver/validation, and
/// k8s.io/kube-openapi, validation/validate.
/// </summary>
internal sealed class ObjectValidation(FieldErrors errors)
{
    /// <summary>Validates a whole object; type and metadata are validated elsewhere.</summary>
    public static void Validate(JsonObject obj, JsonObject schema, FieldErrors errors) => new ObjectValidation(errors).Value(obj, schema, "");

    /// <summary>Validates a value that stands somewhere else, as a default does.</summary>
    public static void Validate(JsonNode value, JsonObject schema, string path, FieldErrors errors) => new ObjectValidation(errors).Value(value, schema, path);

    private void Value(JsonNode? value, JsonObject schema, string path)
    {
        if (value is null && schema.Flag("nullable"))
        {
            return;
        }

        if (!HasType(value, schema, path))
        {
            return;
        }

        Enum(value, schema, path);
        switch (value)
        {
            case JsonObject map:
                Object(map, schema, path);
                break;
            case JsonArray list:
                List(list, schema, path);
                break;
            case JsonValue scalar when scalar.GetValueKind() == JsonValueKind.String:
                Text(scalar.GetValue<string>(), schema, path);
                break;
            case JsonValue scalar when scalar.GetValueKind() == JsonValueKind.Number:
                Number(scalar, schema, path);
                break;
        }

        Combined(value, schema, path);
    }

    private bool HasType(JsonNode? value, JsonObject schema, string path)
    {
        var actual = SchemaNode.TypeOf(value);
        if (schema.Flag("x-kubernetes-int-or-string"))
        {
            if (actual is "integer" or "string")
            {
                return true;
            }

            TypeError(path, "integer,string", actual);
            return false;
        }

        var wanted = schema.TextAt("type");
        if (wanted.Length == 0 || wanted == actual || (wanted == "number" && actual == "integer"))
        {
            return true;
        }

        TypeError(path, wanted, actual);
        return false;
    }

    private void TypeError(string path, string wanted, string actual) =>
        errors.Add("FieldValueTypeInvalid", Field(path), $"Invalid value: {FieldValue.Show(actual)}: {path} in body must be of type {wanted}: {FieldValue.Show(actual)}");

    private void Enum(JsonNode? value, JsonObject schema, string path)
    {
        if (schema["enum"] is JsonArray values && !values.Any(v => JsonNode.DeepEquals(v, value)))
        {
            errors.NotSupported(Field(path), Shown(value), values.Select(v => v is JsonValue text && text.TryGetValue<string>(out var some) ? some : v?.ToJsonString() ?? "null"));
        }
    }

    private void Object(JsonObject map, JsonObject schema, string path)
    {
        var properties = schema["properties"] as JsonObject;
        foreach (var name in schema.TextsAt("required"))
        {
            if (!map.ContainsKey(name))
            {
                errors.Required(Join(path, name), "");
            }
        }

        if (schema.Number("minProperties") is { } least && map.Count < least)
        {
            errors.Invalid(Field(path), map, $"{path} in body should have at least {Count(least)} properties");
        }

        if (schema.Number("maxProperties") is { } most && map.Count > most)
        {
            errors.TooMany(Field(path), map.Count, (int)most);
        }

        var isResource = path.Length == 0 || schema.Flag("x-kubernetes-embedded-resource");
        foreach (var (name, value) in map)
        {
            if (isResource && name is "apiVersion" or "kind" or "metadata")
            {
                continue;
            }

            if (properties?[name] is JsonObject property)
            {
                Value(value, property, Join(path, name));
            }
            else if (schema["additionalProperties"] is JsonObject element)
            {
                Value(value, element, Join(path, name));
            }
        }

        if (path.Length > 0 && schema.Flag("x-kubernetes-embedded-resource"))
        {
            Embedded(map, path);
        }
    }

    private void Embedded(JsonObject map, string path)
    {
        foreach (var name in (ReadOnlySpan<string>)["apiVersion", "kind"])
        {
            if (map.TextAt(name).Length == 0)
            {
                errors.Required(Join(path, name), "must not be empty");
            }
        }
    }

    private void List(JsonArray list, JsonObject schema, string path)
    {
        if (schema.Number("minItems") is { } least && list.Count < least)
        {
            errors.Invalid(Field(path), list, $"{path} in body should have at least {Count(least)} items");
        }

        if (schema.Number("maxItems") is { } most && list.Count > most)
        {
            errors.TooMany(Field(path), list.Count, (int)most);
        }

        if (schema["items"] is JsonObject items)
        {
            for (var i = 0; i < list.Count; i++)
            {
                Value(list[i], items, $"{path}[{i}]");
            }
        }
    }

    private void Text(string text, JsonObject schema, string path)
    {
        var length = text.EnumerateRunes().Count();
        if (schema.Number("maxLength") is { } most && length > most)
        {
            errors.TooLong(Field(path), (int)most);
        }

        if (schema.Number("minLength") is { } least && length < least)
        {
            errors.Invalid(Field(path), text, $"{path} in body should be at least {Count(least)} chars long");
        }

        if (schema.TextAt("pattern") is { Length: > 0 } pattern && SchemaNode.Pattern(pattern) is { } regex && !regex.IsMatch(text))
        {
            errors.Invalid(Field(path), text, $"{path} in body should match '{pattern}'");
        }

        if (schema.TextAt("format") is { Length: > 0 } format && !StringFormats.Fits(format, text))
        {
            errors.Invalid(Field(path), text, $"{path} in body must be of type {format}: {FieldValue.Show(text)}");
        }
    }

    private void Number(JsonValue scalar, JsonObject schema, string path)
    {
        var number = SchemaNode.Number(scalar);
        if (schema.Number("minimum") is { } least && (number < least || (number == least && schema.Flag("exclusiveMinimum"))))
        {
            errors.Invalid(Field(path), Shown(scalar), $"{path} in body should be greater than {(schema.Flag("exclusiveMinimum") ? "" : "or equal to ")}{Count(least)}");
        }

        if (schema.Number("maximum") is { } most && (number > most || (number == most && schema.Flag("exclusiveMaximum"))))
        {
            errors.Invalid(Field(path), Shown(scalar), $"{path} in body should be less than {(schema.Flag("exclusiveMaximum") ? "" : "or equal to ")}{Count(most)}");
        }

        if (schema.Number("multipleOf") is { } factor && factor > 0 && number % factor != 0)
        {
            errors.Invalid(Field(path), Shown(scalar), $"{path} in body should be a multiple of {Count(factor)}");
        }
    }

    /// <summary>allOf, anyOf, oneOf, not.</summary>
    private void Combined(JsonNode? value, JsonObject schema, string path)
    {
        foreach (var part in schema.Schemas("allOf"))
        {
            Value(value, part, path);
        }

        var shown = FieldValue.Show(path);
        if (schema["anyOf"] is JsonArray { Count: > 0 } && !schema.Schemas("anyOf").Any(s => Fits(value, s, path)))
        {
            errors.Invalid(Field(path), Shown(value), $"{shown} must validate at least one schema (anyOf)");
        }

        if (schema["oneOf"] is JsonArray { Count: > 0 } && schema.Schemas("oneOf").Count(s => Fits(value, s, path)) is var count and not 1)
        {
            errors.Invalid(Field(path), Shown(value), $"{shown} must validate one and only one schema (oneOf). Found {(count == 0 ? "none" : count.ToString(CultureInfo.InvariantCulture))} valid");
        }

        if (schema["not"] is JsonObject not && Fits(value, not, path))
        {
            errors.Invalid(Field(path), Shown(value), $"{shown} must not validate the schema (not)");
        }
    }

    private static bool Fits(JsonNode? value, JsonObject schema, string path)
    {
        var inner = new FieldErrors();
        new ObjectValidation(inner).Value(value, schema, path);
        return inner.Items.Count == 0;
    }

    private static object? Shown(JsonNode? value) => value is JsonValue text && text.TryGetValue<string>(out var some) ? some : value;

    private static string Field(string path) => path.Length == 0 ? "<nil>" : path;

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Count(double number) => number.ToString(CultureInfo.InvariantCulture);
}
