using System.Text.Json.Nodes;

namespace Kobune.Api.Schema.Custom;

/// <summary>Defaults of custom objects: set where a field is absent, or null though null is no value of it; such nulls without a default are dropped.
/// Source: k8s.io/apiextensions-apiserver, apiserver/schema/defaulting.</summary>
internal static class CustomDefaults
{
    public static void Apply(JsonObject obj, SchemaType type)
    {
        foreach (var field in type.Fields)
        {
            var has = obj.TryGetPropertyValue(field.Name, out var value);
            if (value is null && (!has || !field.Type.IsNullable))
            {
                value = field.Default is { } text ? JsonNode.Parse(text) : null;
                if (value is not null)
                {
                    obj[field.Name] = value;
                }
                else if (has)
                {
                    obj.Remove(field.Name);
                }
            }

            if (value is not null && field.Type.IsCustom)
            {
                Inside(value, field.Type);
            }
        }
    }

    private static void Inside(JsonNode value, SchemaType type)
    {
        switch (value)
        {
            case JsonObject obj when type.Shape == SchemaShape.Object:
                Apply(obj, type);
                break;
            case JsonObject map when type.Shape == SchemaShape.Map:
                foreach (var (key, item) in map.ToArray())
                {
                    if (item is not null)
                    {
                        Inside(item, type.Element);
                    }
                    else if (!type.Element.IsNullable)
                    {
                        map.Remove(key);
                    }
                }

                break;
            case JsonArray list when type.Shape == SchemaShape.List:
                foreach (var item in list)
                {
                    if (item is not null)
                    {
                        Inside(item, type.Element);
                    }
                }

                break;
        }
    }
}
