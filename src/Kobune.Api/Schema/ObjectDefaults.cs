using System.Text.Json.Nodes;
using Kobune.Api.Schema.Custom;

namespace Kobune.Api.Schema;

/// <summary>Sets the static defaults of the schema (upstream: +default markers) on absent and, where absent and zero are the same, empty fields. Runs in place.</summary>
public static class ObjectDefaults
{
    /// <summary>Sets defaults in an object and all that it holds.</summary>
    public static void Apply(JsonObject obj, SchemaType type)
    {
        if (type.IsCustom)
        {
            CustomDefaults.Apply(obj, type);
            return;
        }

        foreach (var field in type.Fields)
        {
            obj.TryGetPropertyValue(field.Name, out var value);
            if (field.Default is { } text && (value is null || (!field.IsPointer && IsZero(value))) && text != "\"\"")
            {
                obj[field.Name] = JsonNode.Parse(text);
            }
            else if (value is not null)
            {
                Inside(value, field.Type);
            }
            else if (!field.IsPointer && field.Type.Shape == SchemaShape.Object && HasDefaults(field.Type, 0))
            {
                var inner = new JsonObject();
                Apply(inner, field.Type);
                if (inner.Count > 0)
                {
                    obj[field.Name] = inner;
                }
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
                foreach (var (_, item) in map)
                {
                    if (item is not null)
                    {
                        Inside(item, type.Element);
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

    /// <summary>Whether an absent struct would get defaults: looked for in structs by value only, which cannot be endless.</summary>
    private static bool HasDefaults(SchemaType type, int depth)
    {
        foreach (var field in type.Fields)
        {
            if (field.Default is not null || (!field.IsPointer && field.Type.Shape == SchemaShape.Object && depth < 8 && HasDefaults(field.Type, depth + 1)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsZero(JsonNode value) => value is JsonValue scalar && scalar.ToString() is "" or "0" or "false";
}
