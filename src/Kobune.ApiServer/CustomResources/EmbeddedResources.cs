using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.Api.Schema.Custom;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.CustomResources;

/// <summary>Resources inside a custom object have apiVersion and kind, and metadata like those that stand alone. Source: k8s.io/apiextensions-apiserver, apiserver/schema/objectmeta/validation.go.</summary>
internal static class EmbeddedResources
{
    /// <summary>Checks all resources in a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="schema">Its schema, which says where resources are.</param>
    /// <param name="path">Where it stands.</param>
    /// <param name="isResource">It is one, whatever its schema says.</param>
    /// <param name="errors">Takes the problems.</param>
    public static void Validate(JsonNode? value, JsonObject schema, string path, bool isResource, FieldErrors errors)
    {
        switch (value)
        {
            case JsonObject map:
                if (isResource)
                {
                    Resource(map, path, errors);
                }

                foreach (var (name, inner) in map)
                {
                    if (schema["properties"]?[name] is JsonObject property)
                    {
                        Validate(inner, property, Join(path, name), property.Flag("x-kubernetes-embedded-resource"), errors);
                    }
                    else if (schema["additionalProperties"] is JsonObject values)
                    {
                        Validate(inner, values, $"{path}[{name}]", values.Flag("x-kubernetes-embedded-resource"), errors);
                    }
                }

                break;
            case JsonArray list when schema["items"] is JsonObject items:
                for (var i = 0; i < list.Count; i++)
                {
                    Validate(list[i], items, $"{path}[{i}]", items.Flag("x-kubernetes-embedded-resource"), errors);
                }

                break;
        }
    }

    private static void Resource(JsonObject map, string path, FieldErrors errors)
    {
        foreach (var name in (ReadOnlySpan<string>)["apiVersion", "kind"])
        {
            if (!map.ContainsKey(name))
            {
                errors.Required(Join(path, name), "");
            }
        }

        foreach (var (name, value) in map)
        {
            switch (name)
            {
                case "apiVersion" or "kind" when value is not JsonValue text || !text.TryGetValue<string>(out _):
                    errors.Invalid(Join(path, name), Shown(value), "must be a string");
                    break;
                case "apiVersion" or "kind" when map.TextAt(name).Length == 0:
                    errors.Invalid(Join(path, name), "", "must not be empty");
                    break;
                case "apiVersion" when map.TextAt(name) is var version && version.AsSpan().Count('/') > 1:
                    errors.Invalid(Join(path, name), version, $"unexpected GroupVersion string: {version}");
                    break;
                case "kind" when string.Join(',', NameValidation.Dns1035Label(map.TextAt(name).ToLowerInvariant())) is { Length: > 0 } problems:
                    errors.Invalid(Join(path, name), map.TextAt(name), $"may have mixed case, but should otherwise match: {problems}");
                    break;
                case "metadata":
                    Metadata(value, path, errors);
                    break;
            }
        }
    }

    private static void Metadata(JsonNode? metadata, string path, FieldErrors errors)
    {
        var inner = new FieldErrors();
        try
        {
            MetadataValidation.Embedded(CustomCoercion.Metadata(metadata), inner);
        }
        catch (ObjectDecodeException e)
        {
            errors.Invalid(Join(path, "metadata"), Shown(metadata), e.Message);
        }

        foreach (var error in inner.Items)
        {
            errors.Add(error.Type, Join(path, error.Field), error.Message);
        }
    }

    /// <summary>Free maps are shown with their keys in order.</summary>
    private static object? Shown(JsonNode? value) => value is JsonValue text && text.TryGetValue<string>(out var some) ? some : value is null ? null : JsonNode.Parse(SortedJson.Bytes(value));

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
