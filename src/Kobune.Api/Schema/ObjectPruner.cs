using System.Text.Json.Nodes;

namespace Kobune.Api.Schema;

/// <summary>Drops what a type does not know, in place. <see cref="ObjectReader"/> does so while it reads; this is for trees that come from elsewhere (conversion, patches of custom objects).</summary>
public static class ObjectPruner
{
    /// <summary>Drops unknown fields and nulls of known ones, at every level.</summary>
    public static void Prune(JsonObject obj, SchemaType type)
    {
        List<string>? unknown = null;
        foreach (var (name, value) in obj)
        {
            if (type.IsKind && name is "apiVersion" or "kind")
            {
                continue;
            }

            if (!type.TryGetField(name, out var field))
            {
                if (!type.PreservesUnknownFields)
                {
                    (unknown ??= []).Add(name);
                }
            }
            else if (value is null)
            {
                (unknown ??= []).Add(name);
            }
            else
            {
                Inside(value, field.Type);
            }
        }

        foreach (var name in unknown ?? [])
        {
            obj.Remove(name);
        }
    }

    private static void Inside(JsonNode value, SchemaType type)
    {
        if (value is JsonObject obj && type.Shape == SchemaShape.Object)
        {
            Prune(obj, type);
        }
        else if (value is JsonObject map && type.Shape == SchemaShape.Map)
        {
            foreach (var (_, item) in map)
            {
                if (item is not null)
                {
                    Inside(item, type.Element);
                }
            }
        }
        else if (value is JsonArray list && type.Shape == SchemaShape.List)
        {
            foreach (var item in list)
            {
                if (item is not null)
                {
                    Inside(item, type.Element);
                }
            }
        }
    }
}
