using System.Text.Json.Nodes;

namespace Kobune.Api.Schema.Custom;

/// <summary>Defaults of custom objects: set where a field is absent, or null though null is no value of it. Source: k8s.io/apiextensions-apiserver, apiserver/schema/defaulting.</summary>
internal static class CustomDefaults
{
    /// <summary>Sets defaults at every level. Nulls that have none stay: an apply may leave them, and validation refuses them then.</summary>
    public static void Apply(JsonObject obj, SchemaType type)
    {
        foreach (var field in type.Fields)
        {
            var has = obj.TryGetPropertyValue(field.Name, out var value);
            if (value is null && field.Default is { } text && (!has || !field.Type.IsNullable))
            {
                obj[field.Name] = value = JsonNode.Parse(text);
            }

            if (value is not null && field.Type.IsCustom)
            {
                Inside(value, field.Type);
            }
        }
    }

    /// <summary>Drops nulls of fields and of values of maps that are no value of theirs and have no default; those of lists stay.</summary>
    public static void DropNulls(JsonNode? value, SchemaType? type)
    {
        if (value is JsonArray list)
        {
            var element = type?.Shape == SchemaShape.List ? type.Element : null;
            foreach (var item in list)
            {
                DropNulls(item, element);
            }
        }

        List<string>? dropped = null;
        foreach (var (name, child) in value as JsonObject ?? [])
        {
            var known = type?.TypeOf(name);
            if (child is not null)
            {
                DropNulls(child, known);
            }
            else if (known is { IsNullable: false, IsCustom: true, Default: null })
            {
                (dropped ??= []).Add(name);
            }
        }

        dropped?.ForEach(name => ((JsonObject)value!).Remove(name));
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
                    else if (DefaultOf(type.Element) is { } made)
                    {
                        map[key] = made;
                    }
                }

                break;
            case JsonArray list when type.Shape == SchemaShape.List:
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i] is { } item)
                    {
                        Inside(item, type.Element);
                    }
                    else if (DefaultOf(type.Element) is { } made)
                    {
                        list[i] = made;
                    }
                }

                break;
        }
    }

    /// <summary>What takes the place of a null in a list or map, with its own defaults; null for nothing.</summary>
    private static JsonNode? DefaultOf(SchemaType element)
    {
        if (element is not { IsNullable: false, Default: { } text })
        {
            return null;
        }

        var made = JsonNode.Parse(text)!;
        Inside(made, element);
        return made;
    }
}
