using System.Text.Json.Nodes;

namespace Kobune.Api.Schema;

/// <summary>Drops what a type does not know, in place. <see cref="ObjectReader"/> does so while it reads; this is for trees that come from elsewhere (conversion, custom objects).</summary>
public static class ObjectPruner
{
    /// <summary>Drops unknown fields, and nulls of known ones except in custom objects, at every level.</summary>
    public static void Prune(JsonObject obj, SchemaType type, StrictErrors? strict = null) => new Run(strict).Object(obj, type);

    private sealed class Run(StrictErrors? strict)
    {
        private readonly FieldPath _path = new();

        public void Object(JsonObject obj, SchemaType type)
        {
            List<string>? unknown = null;
            foreach (var (name, value) in obj)
            {
                if (type.IsKind && (name is "apiVersion" or "kind" || (type.IsCustom && name == "metadata")))
                {
                    continue; // metadata of custom objects is decoded, which drops more
                }

                if (!type.TryGetField(name, out var field))
                {
                    if (!type.PreservesUnknownFields)
                    {
                        strict?.Unknown(_path.With(name));
                        (unknown ??= []).Add(name);
                    }
                }
                else if (value is not null)
                {
                    _path.Push(name);
                    Inside(value, field.Type);
                    _path.Pop();
                }
                else if (!type.IsCustom)
                {
                    (unknown ??= []).Add(name);
                }
            }

            foreach (var name in unknown ?? [])
            {
                obj.Remove(name);
            }
        }

        private void Inside(JsonNode value, SchemaType type)
        {
            if (value is JsonObject obj && type.Shape == SchemaShape.Object)
            {
                Object(obj, type);
            }
            else if (value is JsonObject map && type.Shape == SchemaShape.Map)
            {
                foreach (var (key, item) in map)
                {
                    _path.Push(key);
                    Item(item, type.Element);
                }
            }
            else if (value is JsonArray list && type.Shape == SchemaShape.List)
            {
                for (var i = 0; i < list.Count; i++)
                {
                    _path.Push(i);
                    Item(list[i], type.Element);
                }
            }
        }

        private void Item(JsonNode? item, SchemaType type)
        {
            if (item is not null)
            {
                Inside(item, type);
            }

            _path.Pop();
        }
    }
}
